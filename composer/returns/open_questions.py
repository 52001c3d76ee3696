"""What came back and wants a person: hard bounces that are held, readers who pay, refusals that are about us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select

from composer.database import db_now
from composer.returns.judgement import BounceClass, Cause
from composer.returns.return_act import ReturnAct
from composer.returns.tables import returned
from composer.subscribers.tables import subscribers

#: Days of what is listed; what is held is listed as long as it is held.
LISTED_DAYS = 30
#: Rows that are listed at most.
LISTED_ROWS = 10_000


@dataclass(frozen=True)
class OpenQuestion:
    """``address`` is None of a forgotten reader. ``provider``: a group of ``providers.toml``, or a domain's digest."""

    at: datetime
    mailing: int
    subscriber: int
    address: str | None
    provider: str
    act: ReturnAct
    cause: Cause
    status: str | None


def open_questions(connection: Connection) -> Iterator[OpenQuestion]:
    """Yield at most ``LISTED_ROWS``, newest first."""
    recent = returned.c.at > db_now(-timedelta(days=LISTED_DAYS).total_seconds())
    about_us = (returned.c.bounce_class == BounceClass.POLICY) & recent
    rows = (
        select(returned, subscribers.c.email)
        .join(subscribers, subscribers.c.id == returned.c.subscriber_id)
        .where(or_(returned.c.act == ReturnAct.HELD, (returned.c.act == ReturnAct.LISTED) & recent, about_us))
        .order_by(returned.c.at.desc(), returned.c.subscriber_id)
        .limit(LISTED_ROWS)
    )
    for row in connection.execute(rows):
        act, cause = ReturnAct(row.act), Cause(row.cause)
        yield OpenQuestion(row.at, row.mailing_id, row.subscriber_id, row.email, row.provider, act, cause, row.status)
