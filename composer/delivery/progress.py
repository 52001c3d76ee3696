"""How far a mailing is, how fast it goes and when it ends: all of it counted in the ledger."""

from __future__ import annotations

from collections import deque
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

#: Seconds of looks from which a rate is told.
_ENOUGH = 5.0

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
    result = []
    for row in found:
        # A mailing younger than the window has settled what it has in less time.
        seconds = max(1.0, min(WINDOW, (now - row.opened_at).total_seconds()))
        result.append(_of(row, by_mailing.get(row.id, {}), settled.get(row.id, 0) * 60 / seconds, now))
    return result


class Follower:
    """One mailing, looked at again and again: the rate comes from what the looks counted, a minute back at most.

    ``progress`` asks when each delivery changed, which of a million takes seconds; here only the first look does.
    """

    def __init__(self, mailing_id: int) -> None:
        self._mailing_id = mailing_id
        self._looks: deque[tuple[datetime, int]] = deque()
        self._at_first = 0

    def look(self, connection: Connection) -> Progress:
        if not self._looks:
            (found,) = progress(connection, self._mailing_id)
            self._at_first = found.per_minute
            self._looks.append((connection.execute(select(moment())).scalar_one(), _settled_of(found.counts)))
            return found
        row, counted = find(connection, self._mailing_id), counts(connection, [self._mailing_id])
        now, found_counts = connection.execute(select(moment())).scalar_one(), counted.get(self._mailing_id, {})
        self._looks.append((now, _settled_of(found_counts)))
        while (now - self._looks[0][0]).total_seconds() > WINDOW:
            self._looks.popleft()
        since, before = self._looks[0]
        seconds = (now - since).total_seconds()
        # A few seconds say little: the first look's minute stands until there is something to compare.
        rate = self._at_first if seconds < _ENOUGH else (_settled_of(found_counts) - before) * 60 / seconds
        return _of(row, found_counts, rate, now)


def _settled_of(counted: Mapping[str, int]) -> int:
    return sum(counted.get(state, 0) for state in _SETTLED)


def _of(row: Row[Any], counted: Mapping[str, int], rate: float, now: datetime) -> Progress:
    per_minute = max(0, round(rate))
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
