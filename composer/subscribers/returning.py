"""Coming back: a reader takes a leaving back, by the link that led out and for a while.

The pages make the subscription active and ask the daemon (``composer.subscribers.requests``), in one transaction; it
records the consent, or ends the subscription again where nothing may be sent to the address, which pages cannot see.
Until then, too, nothing leaves for such an address: ``recipients`` and the last look before sending leave it out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, insert, select, update

from composer.subscribers.subscription import unsubscribe
from composer.subscribers.tables import consents, subscribers, subscriptions, suppressions

#: How long after leaving.
RETURN_LASTS = timedelta(days=30)

#: Ways out that the reader took alone: these are taken back, no other is.
TAKEN_BACK = ("page", "one-click")

CAME_BACK = "came back"


def may_return(by: str | None, left_at: datetime | None, now: datetime) -> bool:
    """Whether a leaving, ``by`` this way and at this time, is one to take back."""
    return by in TAKEN_BACK and left_at is not None and left_at > now - RETURN_LASTS


def come_back(connection: Connection, subscription_id: int, now: datetime) -> bool:
    """Make the subscription active again; False, and nothing changes, where ``may_return`` says no."""
    theirs = (
        subscriptions.c.id == subscription_id,
        subscriptions.c.status == "unsubscribed",
        subscriptions.c.unsubscribed_by.in_(TAKEN_BACK),
        subscriptions.c.unsubscribed_at > now - RETURN_LASTS,
    )
    active = {"status": "active", "unsubscribed_at": None, "unsubscribed_by": None}
    return connection.execute(update(subscriptions).where(*theirs).values(active)).rowcount == 1


def record_return(connection: Connection, subscription_id: int, at: datetime) -> bool:
    """Record the consent of a reader who came back ``at`` this time.

    False, and none is recorded, where the reader has left again; and where the address is suppressed or forgotten,
    which ends the subscription.
    """
    banned = exists().where(suppressions.c.address_key == subscribers.c.address_key)
    row = connection.execute(
        select(subscriptions.c.status, subscribers.c.forgotten_at, banned.label("banned"))
        .join_from(subscriptions, subscribers)
        .where(subscriptions.c.id == subscription_id)
    ).one_or_none()
    if row is None or row.status != "active":
        return False
    if row.banned or row.forgotten_at is not None:
        unsubscribe(connection, subscription_id, "suppressed" if row.forgotten_at is None else "forget")
        return False
    theirs = update(subscriptions).where(subscriptions.c.id == subscription_id)
    connection.execute(theirs.values(paused_until=None))  # of before the reader left
    connection.execute(insert(consents).values(subscription_id=subscription_id, source=CAME_BACK, at=at))
    return True
