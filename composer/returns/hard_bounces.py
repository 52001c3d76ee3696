"""Hard bounces of one provider, day by day: far more than usual are held, for it once said 5.1.1 of living mailboxes.

A day is the last 24 hours. What is usual is the mean of the days before on which the provider sent any, of the last 90;
what was held then and is not believed is no part of it.
Where a day becomes unusual, those of its readers that it suppressed already are freed again. What is held is believed
after two days (``believe_held``), or by hand; not where another letter to the reader was accepted since.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import Connection, select, update

from composer.database import db_now
from composer.delivery.state import State
from composer.delivery.tables import deliveries, mailings
from composer.returns.judgement import BounceClass
from composer.returns.return_act import ReturnAct
from composer.returns.tables import returned
from composer.subscribers.suppression import suppress, suppression_of, unsuppress
from composer.subscribers.tables import subscribers

#: Times what is usual, above which a day is held; and how many are no sign of anything, whatever is usual.
TIMES, FEW = 3, 10
#: Days that are looked back to, and hours for which a hard bounce is held.
DAYS, HELD_HOURS = 90, 48
#: Rows that are looked at to know what is usual, and held ones that are believed in one transaction.
_ROWS, _AT_ONCE = 10_000, 500


def is_unusual(connection: Connection, provider: str) -> bool:
    """Whether the provider sent more hard bounces in the last day than ``TIMES`` the usual, and more than ``FEW``."""
    now = connection.execute(select(db_now())).scalar_one()
    rows = (
        select(returned.c.at, returned.c.act)
        .where(
            returned.c.provider == provider,
            returned.c.bounce_class == BounceClass.HARD,
            returned.c.at > db_now(-timedelta(days=DAYS).total_seconds()),
        )
        .order_by(returned.c.at.desc())
        .limit(_ROWS)
    )
    doubted = (ReturnAct.HELD, ReturnAct.FREED)
    found: list[tuple[int, str]] = [((now - row.at).days, row.act) for row in connection.execute(rows)]
    today = sum(day <= 0 for day, _act in found)
    by_day = Counter(day for day, act in found if day > 0 and act not in doubted)
    usual = sum(by_day.values()) / len(by_day) if by_day else 0
    return today > max(TIMES * usual, FEW)


def hold_day(connection: Connection, provider: str) -> int:
    """Hold the provider's hard bounces of the last day that suppressed a reader; return how many were freed."""
    today = (
        returned.c.provider == provider,
        returned.c.bounce_class == BounceClass.HARD,
        returned.c.act == ReturnAct.SUPPRESSED,
        returned.c.at > db_now(-timedelta(days=1).total_seconds()),
    )
    keys = select(subscribers.c.address_key).join(returned, returned.c.subscriber_id == subscribers.c.id).where(*today)
    freed = list(connection.execute(keys).scalars())
    for key in freed:
        if suppression_of(connection, key) == "hard-bounce":
            unsuppress(connection, key)
    connection.execute(update(returned).where(*today).values(act=ReturnAct.HELD))
    return len(freed)


def held_by_provider(connection: Connection) -> dict[str, int]:
    """How many hard bounces are held, by provider."""
    rows = connection.execute(select(returned.c.provider).where(returned.c.act == ReturnAct.HELD)).scalars()
    return dict(Counter(rows))


def believe_held(connection: Connection, provider: str | None = None) -> int:
    """Suppress the readers of hard bounces that are held for ``HELD_HOURS``, or of all of ``provider``, by hand.

    At most ``_AT_ONCE`` of them; returns how many were settled. A reader is freed where a later letter was accepted.
    """
    old = returned.c.at < db_now(-timedelta(hours=HELD_HOURS).total_seconds())
    rows = connection.execute(
        select(returned, subscribers.c.address_key)
        .join(subscribers, subscribers.c.id == returned.c.subscriber_id)
        .where(returned.c.act == ReturnAct.HELD, old if provider is None else returned.c.provider == provider)
        .order_by(returned.c.at)
        .limit(_AT_ONCE)
    ).all()
    for row in rows:
        later = select(deliveries.c.id).where(
            mailings.c.id > row.mailing_id,
            deliveries.c.mailing_id == mailings.c.id,
            deliveries.c.subscriber_id == row.subscriber_id,
            deliveries.c.state == State.ACCEPTED,
        )
        lives = connection.execute(later.limit(1)).first() is not None
        if not lives:
            suppress(connection, row.address_key, "hard-bounce")
        this = returned.c.mailing_id == row.mailing_id, returned.c.subscriber_id == row.subscriber_id
        act = ReturnAct.FREED if lives else ReturnAct.SUPPRESSED
        connection.execute(update(returned).where(*this, returned.c.kind == row.kind).values(act=act))
    return len(rows)
