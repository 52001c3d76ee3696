"""What came back of deliveries: bounces, complaints, wishes to leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "returned",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("bounce_class", sa.String(length=8), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_returned_mailing_id_mailings")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_returned_subscriber_id_subscribers")
        ),
        sa.PrimaryKeyConstraint("mailing_id", "subscriber_id", "kind", name=op.f("pk_returned")),
    )
    op.create_index(op.f("ix_returned_subscriber_id"), "returned", ["subscriber_id"])
    op.create_index("ix_returned_provider_at", "returned", ["provider", "at"])
    op.create_index("ix_returned_act", "returned", ["act"])


def downgrade() -> None:
    op.drop_table("returned")
