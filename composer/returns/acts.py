"""What follows from a judged message of a known delivery. The caller has verified the delivery (``identity``).

One act a delivery and kind, however often and by whatever way the message comes. The delivery of a bounce is
``bounced``, that of a complaint ``complained``. A reader of a mailbox that does not exist is suppressed, unless their
provider says so of many at once (``hard_bounces``); one whose mailbox takes nothing for a month, too, unless they pay:
those are listed. What is about us says nothing of the reader. Nothing that came in is ever answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select, update

from composer.database import advisory_lock, db_now, insert_or_ignore
from composer.delivery.state import State
from composer.delivery.tables import deliveries, mailings
from composer.returns.hard_bounces import hold_day, is_unusual
from composer.returns.identity import Identity
from composer.returns.judgement import BounceClass, Cause, Judgement, ReturnKind
from composer.returns.return_act import ReturnAct
from composer.returns.tables import DOMAIN_DIGEST, returned
from composer.subscribers.subscription import unsubscribe
from composer.subscribers.suppression import suppress
from composer.subscribers.tables import subscribers, subscriptions

#: Soft bounces that suppress, and the days in which they come, with no letter between them that stayed.
SOFT_BOUNCES, SOFT_DAYS = 5, 30
#: Days after which an accepted letter stayed: a queue gives up after four or five (RFC 5321 4.5.4.1).
STAYED_DAYS = 5
#: Days between two bounces of a closed mailbox, after which it is closed for good.
CLOSED_DAYS = 7
#: What a delivery becomes, and from which states. One in doubt too: only the letter holds the token, so it was out.
BECOMES: Mapping[ReturnKind, tuple[State, tuple[State, ...]]] = {
    ReturnKind.BOUNCE: (State.BOUNCED, (State.ACCEPTED, State.IN_DOUBT)),
    ReturnKind.COMPLAINT: (State.COMPLAINED, (State.ACCEPTED, State.BOUNCED, State.IN_DOUBT)),
}


def act_on(connection: Connection, judgement: Judgement, identity: Identity) -> ReturnAct:
    """Do what follows, in the caller's transaction, and say what it was.

    ``UNKNOWN`` where there is no such reader or mailing. A delivery that retention deleted moves no more; what is of
    its reader is done.
    """
    if judgement.kind in (ReturnKind.OTHER, ReturnKind.AUTO_REPLY):
        return ReturnAct.NONE
    advisory_lock(connection, "returns")
    found = _delivery(connection, identity)
    if found is None:
        return ReturnAct.UNKNOWN
    provider: str = found.provider or _digest(found.email)
    values = {
        "mailing_id": identity.mailing,
        "subscriber_id": identity.subscriber,
        "kind": judgement.kind,
        "bounce_class": judgement.bounce_class,
        "cause": judgement.cause,
        "status": judgement.status,
        "provider": provider,
        "act": ReturnAct.NOTED,
    }
    row = insert_or_ignore(connection, returned).values(values).returning(returned.c.kind)
    if connection.execute(row).first() is None:
        return ReturnAct.AGAIN
    act = _done(connection, judgement, identity, found, provider)
    this = returned.c.mailing_id == identity.mailing, returned.c.subscriber_id == identity.subscriber
    connection.execute(update(returned).where(*this, returned.c.kind == judgement.kind).values(act=act))
    return act


def _done(
    connection: Connection, judgement: Judgement, identity: Identity, found: Row[Any], provider: str
) -> ReturnAct:
    if judgement.kind is ReturnKind.UNSUBSCRIBE:
        unsubscribe(connection, found.subscription_id, "mail")
        return ReturnAct.UNSUBSCRIBED
    _move(connection, found.id, judgement.kind)
    if judgement.kind is ReturnKind.COMPLAINT:
        suppress(connection, found.address_key, "complaint")
        return ReturnAct.SUPPRESSED
    if judgement.bounce_class is BounceClass.POLICY:
        return ReturnAct.NOTED
    if judgement.bounce_class is BounceClass.SOFT and not _closed_again(connection, judgement, identity):
        if _soft_in_a_row(connection, identity) < SOFT_BOUNCES:
            return ReturnAct.NOTED
        if _pays(connection, identity.subscriber):
            return ReturnAct.LISTED
    elif is_unusual(connection, provider):
        hold_day(connection, provider)
        return ReturnAct.HELD
    return ReturnAct.SUPPRESSED if suppress(connection, found.address_key, "hard-bounce") else ReturnAct.NOTED


def _delivery(connection: Connection, identity: Identity) -> Row[Any] | None:
    """The delivery with its reader; without the delivery's columns where retention deleted it."""
    of_mailing = deliveries.c.mailing_id == mailings.c.id, deliveries.c.subscriber_id == subscribers.c.id
    of_reader = subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.publication == mailings.c.publication
    query: Select[Any] = (
        select(
            deliveries.c.id,
            func.coalesce(deliveries.c.provider, "").label("provider"),
            func.coalesce(deliveries.c.email, subscribers.c.email, "").label("email"),
            func.coalesce(deliveries.c.subscription_id, subscriptions.c.id).label("subscription_id"),
            subscribers.c.address_key,
        )
        .select_from(
            subscribers.join(mailings, mailings.c.id == identity.mailing)
            .outerjoin(deliveries, of_mailing[0] & of_mailing[1])
            .outerjoin(subscriptions, of_reader[0] & of_reader[1])
        )
        .where(subscribers.c.id == identity.subscriber)
    )
    return connection.execute(query).first()


def _move(connection: Connection, delivery_id: int | None, kind: ReturnKind) -> None:
    """Move the row by ``BECOMES``. What is accepted only later is moved by ``late``."""
    becomes, leaves = BECOMES[kind]
    row = update(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.state.in_(leaves))
    connection.execute(row.values(state=becomes, changed_at=db_now()))


def _closed_again(connection: Connection, judgement: Judgement, identity: Identity) -> bool:
    """Whether a mailbox that is closed now was closed a week ago."""
    if judgement.cause is not Cause.DISABLED:
        return False
    before = select(returned.c.kind).where(
        returned.c.subscriber_id == identity.subscriber,
        returned.c.cause == Cause.DISABLED,
        returned.c.at < db_now(-timedelta(days=CLOSED_DAYS).total_seconds()),
    )
    return connection.execute(before.limit(1)).first() is not None


def _soft_in_a_row(connection: Connection, identity: Identity) -> int:
    """Soft bounces of the reader in the last days, since the last letter that stayed."""
    since = db_now(-timedelta(days=SOFT_DAYS).total_seconds())
    kept = select(func.max(mailings.c.opened_at)).where(
        mailings.c.opened_at.between(since, db_now(-timedelta(days=STAYED_DAYS).total_seconds())),
        deliveries.c.mailing_id == mailings.c.id,
        deliveries.c.subscriber_id == identity.subscriber,
        deliveries.c.state == State.ACCEPTED,
    )
    stayed = connection.execute(kept).scalar_one()
    soft = select(func.count()).where(
        returned.c.subscriber_id == identity.subscriber,
        returned.c.bounce_class == BounceClass.SOFT,
        returned.c.mailing_id == mailings.c.id,
        mailings.c.opened_at > (since if stayed is None else stayed),
    )
    return connection.execute(soft).scalar_one()


def _pays(connection: Connection, subscriber: int) -> bool:
    paying = select(subscriptions.c.id).where(
        subscriptions.c.subscriber_id == subscriber,
        subscriptions.c.status == "active",
        subscriptions.c.tier == "paid",
        or_(subscriptions.c.paid_until.is_(None), subscriptions.c.paid_until > db_now()),
    )
    return connection.execute(paying.limit(1)).first() is not None


def _digest(address: str) -> str:
    """Stands for a domain that is no known provider's: a family's own names its readers."""
    return blake2b(address.rpartition("@")[2].lower().encode(), digest_size=DOMAIN_DIGEST // 2).hexdigest()
