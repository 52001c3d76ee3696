"""Select the recipients of a publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select

from composer.database import UTCDateTime, db_now
from composer.subscribers.tables import subscribers, subscriptions, suppressions


def recipients(publication: str | ColumnElement[str], on: datetime) -> Select[Any]:
    """Select one row per reader of ``publication`` at the instant ``on``, for an INSERT ... FROM SELECT.

    Columns: ``subscriber_id``, ``subscription_id``, ``email``, ``audience`` (``paid`` while a payment holds, else
    ``free``), ``language`` (NULL: the publication's). Readers who left, pause, or are suppressed or forgotten are
    excluded.
    """
    return (
        select(
            subscribers.c.id.label("subscriber_id"),
            subscriptions.c.id.label("subscription_id"),
            subscribers.c.email,
            case((has_paid(on), literal("paid")), else_=literal("free")).label("audience"),
            subscriptions.c.language,
        )
        .join_from(subscriptions, subscribers, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(*_receives(publication, subscriptions.c.status, literal(on, UTCDateTime)))
        .order_by(subscribers.c.id)
    )


def is_recipient(subscriber_id: ColumnElement[int], publication: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether one reader is among ``recipients`` now, for the WHERE of a statement that holds the reader's id.

    ``coalesce`` around the status keeps PostgreSQL from its index on publication and status: without statistics it
    would scan all readers of the publication instead of looking up this one.
    """
    status = func.coalesce(subscriptions.c.status, "")
    return (
        select(literal(1))
        .join_from(subscribers, subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(subscribers.c.id == subscriber_id, *_receives(publication, status, db_now()))
        .correlate_except(subscribers, subscriptions)
        .exists()
    )


def _receives(
    publication: str | ColumnElement[str], status: ColumnElement[str], on: ColumnElement[datetime]
) -> tuple[ColumnElement[bool], ...]:
    suppressed = exists().where(suppressions.c.address_key == subscribers.c.address_key)
    return (
        subscriptions.c.publication == publication,
        status == "active",
        subscribers.c.email.is_not(None),
        subscribers.c.forgotten_at.is_(None),
        or_(subscriptions.c.paused_until.is_(None), subscriptions.c.paused_until <= on),
        ~suppressed,
    )


def has_paid(on: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether a subscription's payment holds at the instant ``on``."""
    until = subscriptions.c.paid_until
    return and_(subscriptions.c.tier == "paid", or_(until.is_(None), until >= on))
