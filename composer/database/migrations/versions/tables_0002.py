"""Retention: counts in place of deleted rows, and the date from which old rows may be deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Days after an upgrade in which nothing is deleted, so that the operator can read about it first.
_NOTICE = 30


def upgrade() -> None:
    op.create_table(
        "mailing_counts",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_mailing_counts_mailing_id_mailings")),
        sa.PrimaryKeyConstraint("mailing_id", "state", name=op.f("pk_mailing_counts")),
    )
    op.create_table(
        "mailing_retention",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_mailing_retention_mailing_id_mailings")),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing_retention")),
    )
    op.create_table(
        "sweeps",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    used = op.get_bind().execute(sa.text("SELECT id FROM mailings LIMIT 1")).first() is not None
    days = _NOTICE if used else 0
    if op.get_bind().dialect.name == "postgresql":
        instants = f"clock_timestamp(), clock_timestamp() + interval '{days} days'"
    else:
        instants = "strftime('{0}', 'now'), strftime('{0}', 'now', '+{1} days')".format("%Y-%m-%d %H:%M:%f000", days)
    op.execute(sa.text(f"INSERT INTO sweeps (id, seen_at, begins_at) VALUES (1, {instants})".replace(":", r"\:")))  # noqa: S608 # reason: two constants


def downgrade() -> None:
    op.drop_table("sweeps")
    op.drop_table("mailing_retention")
    op.drop_table("mailing_counts")
