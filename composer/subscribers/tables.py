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
#: holds until ``paid_until``, where that is given. An unsubscribed row is never made active by an import. Nothing is
#: sent before ``paused_until``.
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
    Column("paused_until", UTCDateTime, nullable=True),
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
    Index(None, "source", "at"),
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

#: What readers ask for at the pages, in the order of ``at``. The pages add rows, and can read how many there are; the
#: daemon takes them out within a second (``composer.doors``). ``email``: as a stranger typed it. ``letters``: ids of
#: publications, a space between two. ``form``: which form and words the reader saw, the answer or the act chosen;
#: ``wording``: what the words say, or the SHA-256 of the token that is next. ``token``: of the link, or the id of a
#: subscription that was taken up again.
requests = Table(
    "requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("email", String(320), nullable=True),
    Column("letters", Text, nullable=True),
    Column("language", String(8), nullable=True),
    Column("form", String(64), nullable=True),
    Column("wording", Text, nullable=True),
    Column("page", String(300), nullable=True),
    Column("token", String(64), nullable=True),
    Column("at", UTCDateTime, nullable=False, default=db_now()),
)

#: A request to join, until it is confirmed. ``state``: waiting (its message is not written yet: from ``not_before``),
#: pending (asked to confirm), told (receives it all already), confirmed. ``letters``: ids of publications between
#: spaces (`` samedi vendredi ``). ``token_hash``: SHA-256 of the token in the link. ``email`` is erased once confirmed.
signups = Table(
    "signups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_key", String(64), nullable=False, index=True),
    Column("email", String(320), nullable=True),
    Column("letters", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("form", String(64), nullable=False),
    Column("wording", Text, nullable=False),
    Column("page", String(300), nullable=False),
    Column("asked_at", UTCDateTime, nullable=False, default=db_now()),
    Column("not_before", UTCDateTime, nullable=False, default=db_now()),
    Column("mailed_at", UTCDateTime, nullable=True, index=True),
    Column("confirmed_at", UTCDateTime, nullable=True),
    Column("token_hash", String(64), nullable=True, unique=True),
    Column("expires_at", UTCDateTime, nullable=False),
    Index(None, "state", "id"),
    sqlite_autoincrement=True,
)

#: Links that were asked for, each to one reader's choices. ``state``: waiting (its message is not written yet: from
#: ``not_before``), mailed, told (no reader has this address), used. ``subscriber_id``: the reader of the choices.
#: ``token_hash``: SHA-256 of the token in the link, which serves once; the act that uses it leaves the next one's here.
#: ``email`` is erased once the message is written.
links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("address_key", String(64), nullable=False, index=True),
    Column("email", String(320), nullable=True),
    Column("language", String(8), nullable=False),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=True),
    Column("state", String(16), nullable=False),
    Column("asked_at", UTCDateTime, nullable=False, default=db_now()),
    Column("not_before", UTCDateTime, nullable=False, default=db_now()),
    Column("mailed_at", UTCDateTime, nullable=True, index=True),
    Column("token_hash", String(64), nullable=True, unique=True),
    Column("expires_at", UTCDateTime, nullable=False),
    Index(None, "state", "id"),
    sqlite_autoincrement=True,
)

#: Why readers left: how many gave an answer (``subscribers.reasons``) in a month, ``2026-11``. No row leads
#: to a reader.
leaving_reasons = Table(
    "leaving_reasons",
    metadata,
    Column("publication", String(64), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("reason", String(16), primary_key=True),
    Column("number", Integer, nullable=False),
)

#: Fingerprints of the keys that rows depend on, by name: ``addresses`` is the one of every ``address_key``.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("fingerprint", String(32), nullable=False),
)
