"""Tables of subscribers, subscriptions, consents and suppressions, with the columns of ``subscribers.record``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from composer.database import UTCDateTime, db_now, metadata
from composer.subscribers.record import OF_PERSON, OF_SUBSCRIPTION, Detail


def _columns(details: dict[str, Detail]) -> list[Column[Any]]:
    return [Column(name, detail.type, nullable=detail.otherwise is None) for name, detail in details.items()]


#: A person. ``address_key`` is an HMAC of the address (``subscribers.address_key``): it outlives ``email``, which
#: ``forget`` erases.
subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(320), nullable=True),
    Column("address_key", String(64), nullable=False, unique=True),
    *_columns(OF_PERSON),
    Column("created_at", UTCDateTime, nullable=False, default=db_now()),
    Column("forgotten_at", UTCDateTime, nullable=True),
    sqlite_autoincrement=True,
)

#: A person's subscription to a publication. ``status`` is active or unsubscribed; ``tier`` is free or paid, and paid
#: holds until ``paid_until``, where that is given. An unsubscribed row is never made active by an import.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False),
    Column("publication", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    *_columns(OF_SUBSCRIPTION),
    Column("created_at", UTCDateTime, nullable=False, default=db_now()),
    Column("unsubscribed_at", UTCDateTime, nullable=True),
    Column("unsubscribed_by", String(32), nullable=True),
    UniqueConstraint("subscriber_id", "publication"),
    Index(None, "publication", "status"),
    sqlite_autoincrement=True,  # unsubscribe links carry the id: a deleted one must not be reused
)

#: Proof of consent (GDPR 7.1): to which subscription, given where (``source``), when, and how it is known.
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False, index=True),
    Column("source", String(200), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("detail", Text, nullable=True),
)

#: Addresses that no message may be sent to. Keyed by ``address_key``, so that forgotten people remain suppressed.
suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", String(64), primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=True),
    Column("at", UTCDateTime, nullable=False, default=db_now()),
)

#: Fingerprints of the keys that rows depend on, by name: ``addresses`` is the one of every ``address_key``.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("fingerprint", String(32), nullable=False),
)
