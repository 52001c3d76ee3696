"""Readers that left long ago: what is known of them is kept for a time after their last letter, and no longer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from composer.database import db_now
from composer.subscribers.signups import BANNED
from composer.subscribers.tables import subscribers, subscriptions, suppressions


def former_readers(connection: Connection, before: datetime, after: int, most: int) -> dict[int, str]:
    """Id → address of up to ``most`` readers with ids above ``after`` and a last letter that ended ``before``."""
    theirs = select(subscribers.c.id, subscribers.c.email).where(subscribers.c.id > after, _is_former(before))
    rows = connection.execute(theirs.order_by(subscribers.c.id).limit(most))
    return {row.id: row.email for row in rows}


def count_former_readers(connection: Connection, before: datetime) -> int:
    """How many there are."""
    counted = select(func.count()).select_from(subscribers).where(_is_former(before))
    return int(connection.execute(counted).scalar_one())


def _is_former(before: datetime) -> ColumnElement[bool]:
    """Left every letter, or is shut out by a bounce, a complaint or by hand, and either long ago.

    A subscribed reader stays, and so does a payer with a mailbox that bounces: there is a contract.
    """
    theirs = subscriptions.c.subscriber_id == subscribers.c.id
    active = exists().where(theirs, subscriptions.c.status == "active")
    until = subscriptions.c.paid_until
    pays = exists().where(
        *(theirs, subscriptions.c.status == "active", subscriptions.c.tier == "paid"),
        or_(until.is_(None), until > db_now()),
    )
    left = select(func.max(func.coalesce(subscriptions.c.unsubscribed_at, subscriptions.c.created_at))).where(theirs)
    shut_out = suppressions.c.address_key == subscribers.c.address_key, suppressions.c.reason.in_(BANNED)
    lately = exists().where(*shut_out, suppressions.c.at >= before)
    return and_(
        subscribers.c.email.is_not(None),
        ~lately,
        or_(
            and_(~active, left.correlate(subscribers).scalar_subquery() < before),
            and_(active, ~pays, exists().where(*shut_out)),
        ),
    )
