"""Progress of a mailing: counts, rate and expected end, all computed from the ledger."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, case, func, or_, select

from composer.database import db_now
from composer.delivery.ledger.mailings import counts, find
from composer.delivery.state import LIVE, NOT_OVER, OPEN, TAKEN, MailingState, State
from composer.delivery.tables import deliveries, mailings

#: Seconds over which the rate is measured.
WINDOW = 60.0

#: Seconds between the first and last look from which ``Follower`` computes a rate.
_ENOUGH = 5.0

#: An end is estimated only from a steady rate: measured for at least ``_STEADY`` seconds, with the last ``_LATE`` at
#: half to twice the speed of those before, and at least ``_FEW`` deliveries settled.
_STEADY, _LATE, _FEW = 15.0, 10.0, 20

#: States that a worker's attempt ends in: the rate counts these.
_SETTLED = (*TAKEN, State.REJECTED, State.IN_DOUBT, State.SUPPRESSED)


@dataclass(frozen=True)
class Progress:
    """``counts`` by state, without zeros. ``per_minute``: settled in the last minute, by the database's clock.

    ``ends_at`` is when the last one leaves at that rate; None if nothing moves or nothing is left, and while the rate
    is not reliable: in the first seconds, after a pause, while the canaries leave. It does not include deferred
    messages, which wait for their retry.
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
        """Number of deliveries that are not over."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def served(self) -> int:
        """Number of deliveries that are over and were tried: neither expired nor cancelled."""
        return self.total - self.open - sum(self.counts.get(state, 0) for state in (State.EXPIRED, State.CANCELLED))

    @property
    def under_way(self) -> bool:
        return self.mailing.state in LIVE

    @property
    def held_until(self) -> datetime | None:
        """When the canary hold ends; None if there is no hold, or the mailing is paused."""
        until: datetime | None = self.mailing.canary_until
        return until if self.mailing.state == MailingState.CANARY else None


@dataclass(frozen=True)
class _Rate:
    """Deliveries settled a minute, and whether that is steady enough to estimate an end."""

    per_minute: float
    steady: bool


def progress(
    connection: Connection, mailing_id: int | None = None, last: int | None = None, *, welcome: bool = False
) -> list[Progress]:
    """Progress of one mailing, or of all in the order of opening; with ``last``, of that many of the newest and of all
    that are not over. Counts only their deliveries. Those of welcome paths, one a step and day, are left out; with
    ``welcome`` all others are. Raises ``Refused`` if there is no such mailing.
    """
    if mailing_id is not None:
        found = [find(connection, mailing_id)]
    else:
        kind = mailings.c.rehearsal < 0 if welcome else mailings.c.rehearsal >= 0
        query = select(mailings).where(kind).order_by(mailings.c.id)
        if last is not None:
            newest = select(mailings.c.id).where(kind).order_by(mailings.c.id.desc()).limit(last).subquery()
            query = query.where(or_(mailings.c.id.in_(select(newest.c.id)), mailings.c.state.in_(NOT_OVER)))
        found = list(connection.execute(query))
    by_mailing = counts(connection, [row.id for row in found])
    live = [row.id for row in found if row.state in LIVE]
    now: datetime = connection.execute(select(db_now())).scalar_one()
    settled = _settled(connection, live) if live else {}
    result = []
    for row in found:
        rate = _rate_of(settled[row.id], row.opened_at, now) if row.id in settled else _Rate(0, False)
        result.append(_of(row, by_mailing.get(row.id, {}), rate, now))
    return result


def next_try(connection: Connection, found: Progress) -> datetime | None:
    """When the first deferred delivery is tried again, where all that is open is deferred; else None."""
    if found.open != found.counts.get(State.DEFERRED, 0):
        return None
    theirs = deliveries.c.mailing_id == found.mailing.id, deliveries.c.state == State.DEFERRED
    first: datetime | None = connection.execute(select(func.min(deliveries.c.not_before)).where(*theirs)).scalar_one()
    return first


def _rate_of(settled: _Settled, opened_at: datetime, now: datetime) -> _Rate:
    # A mailing younger than the window has had less time to settle deliveries.
    seconds = max(1.0, min(WINDOW, (now - opened_at).total_seconds()))
    moving = (now - settled.since).total_seconds()
    steady = _is_steady((settled.all - settled.late, moving - _LATE), (settled.late, _LATE))
    return _Rate(settled.all * 60 / seconds, steady)


def _is_steady(early: tuple[int, float], late: tuple[int, float]) -> bool:
    """Whether two consecutive (messages settled, seconds) pairs show a steady rate."""
    (before, first), (after, last) = early, late
    if first + last < _STEADY or before + after < _FEW or min(before, after) <= 0:
        return False
    return 0.5 <= (after / last) / (before / first) <= 2


class Follower:
    """Progress of one mailing, polled: the rate is computed from the counts of the last minute's looks.

    ``progress`` reads when each delivery changed, which takes seconds for a million; here only the first look does.
    """

    def __init__(self, mailing_id: int) -> None:
        self._mailing_id = mailing_id
        self._looks: deque[tuple[datetime, int]] = deque()
        self._at_first = _Rate(0, False)

    def look(self, connection: Connection) -> Progress:
        if not self._looks:
            (found,) = progress(connection, self._mailing_id)
            self._at_first = _Rate(found.per_minute, found.ends_at is not None)
            self._looks.append((connection.execute(select(db_now())).scalar_one(), _settled_of(found.counts)))
            return found
        row, counted = find(connection, self._mailing_id), counts(connection, [self._mailing_id])
        now, found_counts = connection.execute(select(db_now())).scalar_one(), counted.get(self._mailing_id, {})
        self._looks.append((now, _settled_of(found_counts)))
        while (now - self._looks[0][0]).total_seconds() > WINDOW:
            self._looks.popleft()
        # A few seconds are too short to measure: the first look's rate is used until there is enough to compare.
        seconds = (now - self._looks[0][0]).total_seconds()
        rate = self._at_first if seconds < _ENOUGH else _Rate(self._per_minute(), self._at_first.steady)
        return _of(row, found_counts, rate if seconds < _STEADY else _Rate(rate.per_minute, self._steady()), now)

    def _per_minute(self) -> float:
        (since, before), (now, settled) = self._looks[0], self._looks[-1]
        return (settled - before) * 60 / (now - since).total_seconds()

    def _steady(self) -> bool:
        (since, before), (now, settled) = self._looks[0], self._looks[-1]
        between, by_then = next(look for look in reversed(self._looks) if (now - look[0]).total_seconds() >= _LATE)
        early, late = (between - since).total_seconds(), (now - between).total_seconds()
        return early > 0 and _is_steady((by_then - before, early), (settled - by_then, late))


def _settled_of(counted: Mapping[str, int]) -> int:
    return sum(counted.get(state, 0) for state in _SETTLED)


def _of(row: Row[Any], counted: Mapping[str, int], rate: _Rate, now: datetime) -> Progress:
    per_minute = max(0, round(rate.per_minute))
    waiting = sum(counted.get(state, 0) for state in OPEN if state != State.DEFERRED)
    ends = None
    if row.state == MailingState.SENDING and rate.steady and per_minute and waiting:
        ends = now + timedelta(minutes=waiting / per_minute)
    return Progress(row, counted, per_minute, ends)


class _Settled(NamedTuple):
    """Deliveries settled within the window, the first at ``since``; ``late``: those in its last ``_LATE`` seconds."""

    all: int
    late: int
    since: datetime


def _settled(connection: Connection, mailing_ids: Sequence[int]) -> dict[int, _Settled]:
    late = case((deliveries.c.changed_at > db_now(-_LATE), 1), else_=0)
    rows = connection.execute(
        select(deliveries.c.mailing_id, func.count(), func.sum(late), func.min(deliveries.c.changed_at))
        .where(
            deliveries.c.mailing_id.in_(mailing_ids),
            deliveries.c.state.in_(_SETTLED),
            deliveries.c.changed_at > db_now(-WINDOW),
        )
        .group_by(deliveries.c.mailing_id)
    )
    return {mailing: _Settled(number, late, since) for mailing, number, late, since in rows}
