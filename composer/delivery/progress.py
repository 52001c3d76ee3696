"""How far a mailing is, how fast it goes and when it ends: all of it counted in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from composer.database import moment
from composer.delivery.mailings import counts, find
from composer.delivery.state import LIVE, OPEN, State
from composer.delivery.tables import deliveries, mailings

#: Seconds over which the rate is taken.
WINDOW = 60.0

#: What a worker made of a delivery: the rate counts these.
_SETTLED = (State.ACCEPTED, State.REJECTED, State.IN_DOUBT, State.SUPPRESSED)


@dataclass(frozen=True)
class Progress:
    """``counts`` by state, without zeros. ``per_minute``: settled in the last minute, by the database's clock.

    ``ends_at`` is when the last one leaves at that rate; None where nothing moves, or nothing is left. Deferred
    messages wait for their hour, and are not in it.
    """

    mailing: Row[Any]
    counts: Mapping[str, int]
    per_minute: int
    ends_at: datetime | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Deliveries that still have something before them."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def under_way(self) -> bool:
        return self.mailing.state in LIVE


def progress(connection: Connection, mailing_id: int | None = None) -> list[Progress]:
    """Of every mailing, or of one. Raises ``Refused`` where there is no such mailing."""
    if mailing_id is not None:
        found = [find(connection, mailing_id)]
    else:
        found = list(connection.execute(select(mailings).order_by(mailings.c.id)))
    by_mailing = counts(connection, [row.id for row in found])
    live = [row.id for row in found if row.state in LIVE]
    now: datetime = connection.execute(select(moment())).scalar_one()
    settled = _settled(connection, live) if live else {}
    return [_of(row, by_mailing.get(row.id, {}), settled.get(row.id, 0), now) for row in found]


def _of(row: Row[Any], counted: Mapping[str, int], settled: int, now: datetime) -> Progress:
    # A mailing younger than the window has settled what it has in less time.
    seconds = max(1.0, min(WINDOW, (now - row.opened_at).total_seconds()))
    per_minute = round(settled * 60 / seconds)
    waiting = sum(counted.get(state, 0) for state in OPEN if state != State.DEFERRED)
    ends = None
    if row.state in LIVE and per_minute and waiting:
        ends = now + timedelta(minutes=waiting / per_minute)
    return Progress(row, counted, per_minute, ends)


def _settled(connection: Connection, mailing_ids: Sequence[int]) -> dict[int, int]:
    rows = connection.execute(
        select(deliveries.c.mailing_id, func.count().label("settled"))
        .where(
            deliveries.c.mailing_id.in_(mailing_ids),
            deliveries.c.state.in_(_SETTLED),
            deliveries.c.changed_at > moment(-WINDOW),
        )
        .group_by(deliveries.c.mailing_id)
    )
    return {row.mailing_id: row.settled for row in rows}
