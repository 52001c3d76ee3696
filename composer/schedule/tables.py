"""The occurrences' table."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from composer.database import Instant, metadata, moment

#: One due date of a publication: UNIQUE(publication, due_date), so that a changed hour does not make a second one.
#: ``state`` is mailed, held, missed or skipped; ``alerted`` names the state (and reason) somebody was told of.
occurrences = Table(
    "occurrences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("publication", String(64), nullable=False),
    Column("due_date", Date, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=True),
    Column("mailing_id", ForeignKey("mailings.id"), nullable=True),
    Column("alerted", Text, nullable=True),
    Column("changed_at", Instant, nullable=False, default=moment()),
    UniqueConstraint("publication", "due_date"),
)
