"""The table of single messages."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, text

from composer.database import UTCDateTime, db_now, metadata

#: Condition of the partial index on what waits, repeated by the query: a planner cannot prove a bound parameter.
WAITS = "state IN ('queued', 'deferred')"

#: One message to one address. ``publication``: the sender; empty for the house. ``content``: the message
#: (``composer.message.Template``), which may hold a live link and is erased once the message is over. ``provider``: the
#: mailbox provider's group. ``attempt`` counts claims and fences late replies, ``deferrals`` temporary refusals.
#: ``worker_id``: a row of the delivery's ``workers``, by number alone: it may be swept before this one.
#: ``left_at``: when its final dot was allowed, which is what the cap an hour counts.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("publication", String(64), nullable=False),
    Column("email", String(320), nullable=False),
    Column("address_key", String(64), nullable=False, index=True),
    Column("provider", String(64), nullable=False),
    Column("content", LargeBinary, nullable=True),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("deferrals", Integer, nullable=False),
    Column("worker_id", Integer, nullable=True),
    Column("not_before", UTCDateTime, nullable=True),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("created_at", UTCDateTime, nullable=False, default=db_now()),
    Column("changed_at", UTCDateTime, nullable=False, default=db_now()),
    Column("left_at", UTCDateTime, nullable=True, index=True),
    Column("reply_code", Integer, nullable=True),
    Column("reply_status", String(16), nullable=True),
    Column("reply_text", Text, nullable=True),
    Index("ix_outbox_waits", "id", sqlite_where=text(WAITS), postgresql_where=text(WAITS)),
    sqlite_autoincrement=True,  # the return path of a message carries the id: a deleted one must not be reused
)
