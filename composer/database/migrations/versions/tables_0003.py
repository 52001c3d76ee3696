"""A counter in each worker's row, and what is recorded when it shows that the ledger went back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workers", sa.Column("beat", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("workers", sa.Column("rolled_back", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("mailings", sa.Column("rollback_id", sa.Integer(), nullable=True))
    op.add_column("ticks", sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "rollbacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollbacks")),
    )
    op.create_table(
        "swept_workers",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swept_workers")),
    )


def downgrade() -> None:
    op.drop_table("swept_workers")
    op.drop_table("rollbacks")
    op.drop_column("ticks", "compared_at")
    op.drop_column("mailings", "rollback_id")
    op.drop_column("workers", "rolled_back")
    op.drop_column("workers", "beat")
