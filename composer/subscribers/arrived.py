"""The other end of a move: what the tables of readers hold, before and after, asked of them and of nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from composer.database import db_now
from composer.subscribers.staging_tables import rows
from composer.subscribers.tables import consents, subscribers, subscriptions, suppressions

#: Most lines that are named.
_NAMED = 20
_CAME = ("added", "updated", "unchanged")


@dataclass(frozen=True)
class Readership:
    """How many readers a publication has at an instant by the database's clock: subscribed and not suppressed."""

    readers: int
    at: datetime
    #: The greatest id of a consent: what comes later has a greater one.
    last_consent: int


def readership(connection: Connection, publication: str) -> Readership:
    """How it stands now."""
    suppressed = exists().where(suppressions.c.address_key == subscribers.c.address_key)
    readers = (
        select(func.count())
        .select_from(subscriptions.join(subscribers))
        .where(subscriptions.c.publication == publication, subscriptions.c.status == "active", ~suppressed)
    )
    at = connection.execute(select(db_now())).scalar_one()
    last = connection.execute(select(func.coalesce(func.max(consents.c.id), 0))).scalar_one()
    return Readership(connection.execute(readers).scalar_one(), at, last)


def going(connection: Connection, publication: str) -> int:
    """Number of readers here that the staged rows take off, or suppress."""
    suppressed = exists().where(suppressions.c.address_key == rows.c.address_key)
    query = (
        select(func.count())
        .select_from(rows)
        .join(subscribers, subscribers.c.address_key == rows.c.address_key)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(
            rows.c.outcome.in_(("left", "banned")),
            subscriptions.c.publication == publication,
            subscriptions.c.status == "active",
            ~suppressed,
        )
    )
    return connection.execute(query).scalar_one()


def fresh(connection: Connection) -> int:
    """Number of staged rows that added a reader."""
    return connection.execute(select(func.count()).select_from(rows).where(rows.c.outcome == "added")).scalar_one()


def astray(connection: Connection, publication: str, began: datetime) -> tuple[int, list[int]]:
    """Number of staged rows that the tables do not hold as they should, and the first lines of them.

    A reader that left, or came back, since ``began`` by the pages is no such row: that was their wish.
    """
    here = subscriptions.c.status
    left_since = subscriptions.c.unsubscribed_at >= began
    came_since = exists().where(consents.c.subscription_id == subscriptions.c.id, consents.c.at >= began)
    closed = exists().where(suppressions.c.address_key == rows.c.address_key)
    outcome = rows.c.outcome
    right: ColumnElement[bool] = or_(
        and_(outcome.in_(_CAME), or_(here == "active", left_since)),
        and_(outcome.in_(("left", "opted-out")), or_(here == "unsubscribed", came_since)),
        and_(outcome.in_(("banned", "suppressed")), closed),
    )
    wanted = outcome.in_((*_CAME, "left", "opted-out", "banned", "suppressed"))
    theirs = and_(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.publication == publication)
    query = (
        select(rows.c.line)
        .select_from(
            rows.outerjoin(subscribers, subscribers.c.address_key == rows.c.address_key).outerjoin(
                subscriptions, theirs
            )
        )
        .where(wanted, case((right, 1), else_=0) == 0)
    )
    number = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    lines = connection.execute(query.order_by(rows.c.line).limit(_NAMED)).scalars().all() if number else ()
    return number, list(lines)


def acts_of_others(connection: Connection, publication: str, since: Readership, detail: str) -> int:
    """How much happened to readers of ``publication`` meanwhile that was not this move's doing, at most: consents
    without its ``detail``, departures by other ways, suppressions."""
    ours = func.coalesce(consents.c.detail, "") == detail
    asked = (
        select(func.count())
        .select_from(consents.join(subscriptions))
        .where(consents.c.id > since.last_consent, subscriptions.c.publication == publication, ~ours)
    )
    gone = (
        select(func.count())
        .select_from(subscriptions)
        .where(
            subscriptions.c.publication == publication,
            subscriptions.c.unsubscribed_at >= since.at,
            func.coalesce(subscriptions.c.unsubscribed_by, "") != "import",
        )
    )
    closed = (
        select(func.count())
        .select_from(suppressions)
        .where(suppressions.c.at >= since.at, func.coalesce(suppressions.c.detail, "") != detail)
    )
    return sum(connection.execute(query).scalar_one() for query in (asked, gone, closed))
