"""Runs of refusals: of one reader after another, counted over all workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refusal_runs",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("domains", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_refusal_runs_mailing_id_mailings")),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_refusal_runs")),
    )
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "run_refusals",
        sa.Column("delivery_id", number, autoincrement=False, nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=16), nullable=False),
        sa.Column("doubted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_run_refusals_mailing_id_mailings")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_run_refusals")),
    )
    op.create_index("ix_run_refusals_mailing_id_domain", "run_refusals", ["mailing_id", "domain"])


def downgrade() -> None:
    op.drop_table("run_refusals")
    op.drop_table("refusal_runs")
