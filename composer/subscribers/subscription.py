"""Begin a person's subscription to a publication, with the proof of consent, and end it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from sqlalchemy import Connection, and_, insert, select, update

from composer.database import advisory_lock, db_now
from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers.address import Address
from composer.subscribers.address_key import address_keys
from composer.subscribers.record import OF_PERSON, OF_SUBSCRIPTION, Detail, ReaderDetails, read_line
from composer.subscribers.suppression import is_suppressed, unsuppress
from composer.subscribers.tables import consents, subscribers, subscriptions


def subscribe(
    connection: Connection,
    address: Address,
    publication: str,
    *,
    source: str,
    proof: str | None = None,
    again: bool = False,
    **said: Unpack[ReaderDetails],
) -> int:
    """Subscribe one person, recording the ``source`` of the consent; return the subscription's id.

    ``proof``: what else shows the consent (its words, its instants), erased when the person is forgotten.
    ``said``: columns known beside the address (``composer.subscribers.record``). ``again`` states that the consent is
    new, and is needed for an unsubscribed or suppressed reader; after a complaint the other letters end. Raises
    ``Refused`` without it, where the person is subscribed already, and for a text that an import would refuse
    (``record.read_line``).
    """
    for text in (source, *said.values()):
        if isinstance(text, str):
            read_line(text)
    advisory_lock(connection, "adding subscribers")
    key = address_keys(connection)(address)
    found = connection.execute(
        select(subscribers.c.id, subscriptions.c.id.label("subscription_id"), subscriptions.c.status)
        .join_from(
            subscribers,
            subscriptions,
            and_(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.publication == publication),
            isouter=True,
        )
        .where(subscribers.c.address_key == key)
    ).one_or_none()
    if found and found.status == "active" and not is_suppressed(connection, key):
        raise Refused(_("{email} receives {publication} already").format(email=address.email, publication=publication))
    if not again and is_suppressed(connection, key):
        raise Refused(
            _("{email} is suppressed: nothing may be sent there; if this reader asked anew, add --again").format(
                email=address.email
            )
        )
    if not again and found and found.status:
        raise Refused(
            _("{email} left {publication}; if this reader asked anew, add --again").format(
                email=address.email, publication=publication
            )
        )
    former = unsuppress(connection, key) if again else None
    subscriber_id = found.id if found else None
    if former in _OF_EVERY_LETTER and subscriber_id is not None:
        _end_the_others(connection, subscriber_id, publication)
    if subscriber_id is None:
        subscriber_id = connection.execute(
            insert(subscribers)
            .values(email=address.email, address_key=key, **_values(OF_PERSON, said))
            .returning(subscribers.c.id)
        ).scalar_one()
    else:
        kept = {name: value for name, value in _values(OF_PERSON, said).items() if value}
        connection.execute(
            update(subscribers)
            .where(subscribers.c.id == subscriber_id)
            .values(email=address.email, forgotten_at=None, **kept)
        )
    values = {"status": "active", "paused_until": None, **_values(OF_SUBSCRIPTION, said)}
    if found and found.subscription_id:
        subscription_id: int = found.subscription_id
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.id == subscription_id)
            .values(**values, unsubscribed_at=None, unsubscribed_by=None)
        )
    else:
        subscription_id = connection.execute(
            insert(subscriptions)
            .values(subscriber_id=subscriber_id, publication=publication, **values)
            .returning(subscriptions.c.id)
        ).scalar_one()
    detail = "\n".join(filter(None, (f"lifted: {former}" if former else None, proof)))
    consent = insert(consents).values(
        subscription_id=subscription_id, source=source, at=db_now(), detail=detail or None
    )
    connection.execute(consent)
    return subscription_id


#: Suppressions that were the reader's own word about every letter: a new consent to one of them opens no other.
_OF_EVERY_LETTER = ("complaint", "manual")


def _end_the_others(connection: Connection, subscriber_id: int, publication: str) -> None:
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.publication != publication,
            subscriptions.c.status == "active",
        )
        .values(status="unsubscribed", unsubscribed_at=db_now(), unsubscribed_by="cli")
    )


def _values(details: Mapping[str, Detail], said: ReaderDetails) -> dict[str, Any]:
    found = {name: said.get(name) for name in details}
    return {name: details[name].otherwise if value is None else value for name, value in found.items()}


def unsubscribe(connection: Connection, subscription_id: int, by: str) -> bool:
    """End a subscription; ``by`` is the way it was ended: ``one-click``, ``page``, ``cli``, ``forget``...

    ``False`` where it had ended already or does not exist; the time and way of the first end are kept.
    """
    ended = connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id, subscriptions.c.status != "unsubscribed")
        .values(status="unsubscribed", unsubscribed_at=db_now(), unsubscribed_by=by)
    )
    return ended.rowcount == 1
