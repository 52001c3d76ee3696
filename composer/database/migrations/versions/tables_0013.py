"""The welcome path: which letter each reader was given, once in a life."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("dated", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "welcomed",
        sa.Column("publication", sa.String(length=64), nullable=False),
        sa.Column("letter", sa.String(length=80), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_welcomed_subscriber_id_subscribers")
        ),
        sa.PrimaryKeyConstraint("publication", "letter", "subscriber_id", "rehearsal", name=op.f("pk_welcomed")),
    )
    op.create_index(op.f("ix_welcomed_subscriber_id"), "welcomed", ["subscriber_id"])
    op.create_index(op.f("ix_welcomed_mailing_id"), "welcomed", ["mailing_id"])
    op.create_index(op.f("ix_consents_source_at"), "consents", ["source", "at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_consents_source_at"), "consents")
    op.drop_table("welcomed")
    op.drop_column("deliveries", "dated")
