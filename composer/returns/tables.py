"""What came back of deliveries: one row a kind, so that one message acts once, whichever way it comes.

Answers of readers, counted; and how far the mailbox is read.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from composer.database import UTCDateTime, db_now, metadata

#: Characters of a digest of a domain; no provider's name is as long.
DOMAIN_DIGEST = 16

#: ``provider``: the mailbox provider's group, a digest of the address's domain, or empty (``is_group``). ``act``:
#: what was done (``composer.returns.return_act.ReturnAct``). No address, and nothing of the message but its codes.
returned = Table(
    "returned",
    metadata,
    Column("mailing_id", ForeignKey("mailings.id"), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True, index=True),
    Column("kind", String(16), primary_key=True),
    Column("bounce_class", String(8), nullable=True),
    Column("cause", String(16), nullable=False),
    Column("status", String(16), nullable=True),
    Column("provider", String(64), nullable=False),
    Column("act", String(16), nullable=False),
    Column("at", UTCDateTime, nullable=False, default=db_now()),
    Index("ix_returned_provider_at", "provider", "at"),
    Index("ix_returned_act", "act"),
)

#: A reader's answers to a letter, however many: a row without the reader (``composer.returns.answers``).
answers = Table(
    "answers",
    metadata,
    Column("mailing_id", ForeignKey("mailings.id"), primary_key=True),
    Column("digest", String(32), primary_key=True),
)

#: ``mailbox``: digest of server, account and folder. ``validity`` and ``uid``: the last message looked at (RFC 3501
#: 2.3.1.1). ``failures``: readings in a row that ended in the message after it.
mailboxes = Table(
    "mailboxes",
    metadata,
    Column("mailbox", String(32), primary_key=True),
    Column("validity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("read_at", UTCDateTime, nullable=False, default=db_now()),
)


def is_group(provider: str) -> bool:
    """Whether it is the name of a known provider: neither a digest of a domain nor, of a forgotten reader, empty."""
    return len(provider) not in (0, DOMAIN_DIGEST)
