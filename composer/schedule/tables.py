"""Tables of the scheduler: occurrences, ticks, notices."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint, text

from composer.database import UTCDateTime, db_now, metadata

#: One due date of a publication. UNIQUE(publication, due_date, slug): a changed time of day does not make a second one.
#: ``state`` is mailed, held, missed or skipped; rehearsed where it left under ``only_to``; and planned where a person
#: asked for another instant (``asked_at``): that may be for an issue with a ``slug`` of its own, beside the date's
#: regular one. ``due_at`` is the instant by the schedule as it was at the last decision; ``decided_at`` the tick's.
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
    Column("decided_at", UTCDateTime, nullable=True),
    UniqueConstraint("publication", "due_date", "slug"),
)

#: The last tick, one row (``id`` is 1), from which the next one notices a long gap. ``restored_at``: the database was
#: restored from a backup, and no tick has run since. ``compared_at``: the counter kept on a host was the database's
#: own, so the database is no older copy and the gap before raises no question.
ticks = Table(
    "ticks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UTCDateTime, nullable=False),
    Column("restored_at", UTCDateTime, nullable=True),
    Column("compared_at", UTCDateTime, nullable=True),
)

#: Notifications. UNIQUE(what, channel): each is sent once, by the first process to insert its row, which is that
#: process's claim. ``channel`` is mail or webhook; ``told_at`` is set once it was sent.
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
