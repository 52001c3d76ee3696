"""Rehearsals: mailings under ``only_to``, which do not use up the one mailing of an issue.

Also the time at which a tick found a mailing stale, and the time of the tick that decided an occurrence.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ISSUE = ["publication", "date", "slug"]
_BEFORE = "uq_mailings_publication_date_slug"
_AFTER = "uq_mailings_publication_date_slug_rehearsal"


def upgrade() -> None:
    op.add_column("occurrences", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    new = (
        sa.Column("rehearsal", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
    )
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(*new, unique=sa.UniqueConstraint(*_ISSUE, "rehearsal", name=op.f(_AFTER)))
        return
    for column in new:
        op.add_column("mailings", column)
    op.drop_constraint(_BEFORE, "mailings", type_="unique")
    op.create_unique_constraint(_AFTER, "mailings", [*_ISSUE, "rehearsal"])


def downgrade() -> None:
    op.drop_column("occurrences", "decided_at")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(unique=sa.UniqueConstraint(*_ISSUE, name=op.f(_BEFORE)))
        return
    op.drop_constraint(_AFTER, "mailings", type_="unique")
    op.create_unique_constraint(_BEFORE, "mailings", _ISSUE)
    for name in ("rehearsal", "readers", "expired_at"):
        op.drop_column("mailings", name)


def _rebuild(*new: sa.Column[Any], unique: sa.UniqueConstraint) -> None:
    """Make the table again with another UNIQUE, which SQLite cannot alter (https://sqlite.org/lang_altertable.html).

    Rows are put back under the same name before the transaction ends, so that what refers to them is whole again:
    the foreign keys are checked at the commit. The next number is kept: after ``filigrane restore`` it is a million
    above the last row.
    """
    columns: list[sa.Column[Any]] = [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication", sa.String(length=64), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("dated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dkim_domain", sa.String(length=255), nullable=True),
        sa.Column("dkim_selector", sa.String(length=64), nullable=True),
        sa.Column("dkim_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("secret_fingerprint", sa.String(length=32), nullable=False),
        sa.Column("return_domain", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canary_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rollback_id", sa.Integer(), nullable=True),
    ]
    names = ", ".join(column.name for column in columns)
    next_number = op.get_bind().execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'mailings'")).scalar()
    op.execute("PRAGMA defer_foreign_keys=ON")
    op.execute(f"CREATE TABLE mailings_before AS SELECT {names} FROM mailings")  # noqa: S608 # reason: the columns above
    op.drop_table("mailings")
    primary = sa.PrimaryKeyConstraint("id", name=op.f("pk_mailings"))
    op.create_table("mailings", *columns, *new, primary, unique, sqlite_autoincrement=True)
    op.execute(f"INSERT INTO mailings ({names}) SELECT {names} FROM mailings_before")  # noqa: S608 # reason: the same
    op.drop_table("mailings_before")
    if next_number is not None:
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'mailings'")
        op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('mailings', {int(next_number)})")  # noqa: S608 # reason: a number
