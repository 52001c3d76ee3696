"""Why readers leave: counts, without a reader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leaving_reasons",
        sa.Column("publication", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("publication", "month", "reason", name=op.f("pk_leaving_reasons")),
    )


def downgrade() -> None:
    op.drop_table("leaving_reasons")
