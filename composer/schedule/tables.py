"""The schedule's tables: occurrences, ticks, notices."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint, text

from composer.database import UTCDateTime, db_now, metadata

#: One due date of a publication: UNIQUE(publication, due_date, slug): a changed hour does not make a second one.
#: ``state`` is mailed, held, missed or skipped, and planned where somebody asked for another instant (``asked_at``):
#: that may be one of an issue with a name of its own (``slug``), beside the date's regular one.
occurrences = Table(
    "occurrences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("publication", String(64), nullable=False),
    Column("due_date", Date, nullable=False),
    Column("slug", String(64), nullable=False, default="", server_default=text("''")),
    Column("due_at", UTCDateTime, nullable=False),
    Column("asked_at", UTCDateTime, nullable=True),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=True),
    Column("mailing_id", ForeignKey("mailings.id"), nullable=True),
    Column("changed_at", UTCDateTime, nullable=False, default=db_now()),
    UniqueConstraint("publication", "due_date", "slug"),
)

#: The last tick, one row (``id`` is 1): a clock that stood still is noticed by the first tick after it. ``restored_at``
#: says that the database came back from a backup and that no tick has seen it since.
ticks = Table(
    "ticks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UTCDateTime, nullable=False),
    Column("restored_at", UTCDateTime, nullable=True),
)

#: What somebody is told of, once: UNIQUE(what, channel), whoever ticks. ``channel`` is mail or webhook. The row is the
#: claim of who sends it; ``told_at`` is set once it was taken.
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("what", String(200), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("claimed_at", UTCDateTime, nullable=False, default=db_now()),
    Column("told_at", UTCDateTime, nullable=True),
    UniqueConstraint("what", "channel"),
)
