"""One person: find the stored data, and erase it on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from composer.database import db_now
from composer.subscribers.address import Address
from composer.subscribers.address_key import address_keys
from composer.subscribers.record import OF_PERSON, OF_SUBSCRIPTION
from composer.subscribers.returning import TAKEN_BACK
from composer.subscribers.subscription import unsubscribe
from composer.subscribers.suppression import suppress
from composer.subscribers.tables import consents, subscribers, subscriptions, suppressions


@dataclass(frozen=True)
class Consent:
    source: str
    at: datetime
    detail: str | None


@dataclass(frozen=True)
class Subscription:
    id: int
    publication: str
    status: str
    details: Mapping[str, Any]
    created_at: datetime
    unsubscribed_at: datetime | None
    unsubscribed_by: str | None
    paused_until: datetime | None
    consents: tuple[Consent, ...]


@dataclass(frozen=True)
class StoredPerson:
    """All that the subscribers' tables hold on an address. ``id`` is ``None`` where it is only suppressed.

    ``details`` here and in a subscription are the columns of ``composer.subscribers.record``.
    """

    id: int | None
    email: str | None
    details: Mapping[str, Any]
    created_at: datetime | None
    forgotten_at: datetime | None
    suppressed: str | None
    suppressed_at: datetime | None
    subscriptions: tuple[Subscription, ...]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: the details beside the other columns."""
        return _flat(asdict(self)) | {"subscriptions": [_flat(asdict(one)) for one in self.subscriptions]}


def _flat(columns: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in columns.items():
        flat |= value if name == "details" else {name: value}
    return flat


def find_person(connection: Connection, address: Address) -> StoredPerson | None:
    """The stored data on ``address``, also of a forgotten person; ``None`` where the address is unknown."""
    key = address_keys(connection)(address)
    row = connection.execute(select(subscribers).where(subscribers.c.address_key == key)).one_or_none()
    ban = connection.execute(select(suppressions).where(suppressions.c.address_key == key)).one_or_none()
    if row is None and ban is None:
        return None
    return StoredPerson(
        id=row.id if row else None,
        email=row.email if row else None,
        details={name: row._mapping[name] if row else None for name in OF_PERSON},
        created_at=row.created_at if row else None,
        forgotten_at=row.forgotten_at if row else None,
        suppressed=ban.reason if ban else None,
        suppressed_at=ban.at if ban else None,
        subscriptions=_subscriptions(connection, row.id) if row else (),
    )


def forget(connection: Connection, address: Address) -> int | None:
    """Erase a person (GDPR, article 17): address, name, the other columns of ``OF_PERSON``, the details of consents and
    of the suppression; end every subscription.

    The row stays, without address, so that past mailings can still be counted; the address's key is suppressed, so
    that no import subscribes it again. Return the subscriber's id, by which callers erase their copies (``None``: the
    address is unknown; its key is suppressed all the same). A second call changes nothing.
    """
    key = address_keys(connection)(address)
    suppress(connection, key, "forgotten")
    connection.execute(update(suppressions).where(suppressions.c.address_key == key).values(detail=None))
    subscriber_id = connection.execute(
        select(subscribers.c.id).where(subscribers.c.address_key == key)
    ).scalar_one_or_none()
    if subscriber_id is None:
        return None
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id, subscribers.c.forgotten_at.is_(None))
        .values(email=None, forgotten_at=db_now(), **{name: detail.otherwise for name, detail in OF_PERSON.items()})
    )
    theirs = select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)
    connection.execute(update(consents).where(consents.c.subscription_id.in_(theirs)).values(detail=None))
    connection.execute(update(subscriptions).where(subscriptions.c.id.in_(theirs)).values(paused_until=None))
    for subscription_id in connection.execute(theirs).scalars().all():
        unsubscribe(connection, subscription_id, "forget")
    # Who had left by themselves may take it back for a while (``subscribers.returning``); who is forgotten may not.
    ways = subscriptions.c.id.in_(theirs), subscriptions.c.unsubscribed_by.in_(TAKEN_BACK)
    connection.execute(update(subscriptions).where(*ways).values(unsubscribed_by="forget"))
    return int(subscriber_id)


def _subscriptions(connection: Connection, subscriber_id: int) -> tuple[Subscription, ...]:
    rows = connection.execute(
        select(subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .order_by(subscriptions.c.publication)
    ).all()
    return tuple(
        Subscription(
            id=row.id,
            publication=row.publication,
            status=row.status,
            details={name: row._mapping[name] for name in OF_SUBSCRIPTION},
            created_at=row.created_at,
            unsubscribed_at=row.unsubscribed_at,
            unsubscribed_by=row.unsubscribed_by,
            paused_until=row.paused_until,
            consents=_consents(connection, row.id),
        )
        for row in rows
    )


def _consents(connection: Connection, subscription_id: int) -> tuple[Consent, ...]:
    rows = connection.execute(
        select(consents.c.source, consents.c.at, consents.c.detail)
        .where(consents.c.subscription_id == subscription_id)
        .order_by(consents.c.id)
    )
    return tuple(Consent(row.source, row.at, row.detail) for row in rows)
