"""When issues fall due: pure functions over calendar dates, independent of the triggers of APScheduler.

A wall-clock time that a clock change skips is moved later by the length of the gap; of one that occurs twice, the first
occurrence counts. Python says exactly this of ``fold=0`` (PEP 495), so there is no special case below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from zoneinfo import ZoneInfo

from composer.newsroom.model import Schedule
from composer.newsroom.weekdays import WEEKDAYS, comes_out

_DAY = timedelta(days=1)

#: How far a held issue goes along with the schedule's days. Last Friday's issue is not sent on Wednesday.
_MOVES = timedelta(days=3)


@dataclass(frozen=True, order=True)
class Due:
    """A due date and its instant, in UTC. ``skipped``: the schedule says that there is no issue on that date.

    ``asked``: a person asked for this instant (``filigrane send --at``), whatever the schedule says; ``slug`` is the
    issue's, where it has one. ``moved``: the date is no day of the schedule any more, and ``at`` is on its next one.
    """

    at: datetime
    date: Date
    skipped: bool = False
    slug: str = ""
    asked: bool = False
    moved: bool = False


def instant(date: Date, hour: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks in ``zone`` show ``hour`` on ``date``."""
    return datetime.combine(date, hour.replace(fold=0), zone).astimezone(UTC)


def due_between(schedule: Schedule, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[Due]:
    """What falls due later than ``after`` and not later than ``until``, in order, skipped dates included."""
    weekdays = {WEEKDAYS.index(name) for name in schedule.days}
    date, last = after.astimezone(zone).date() - _DAY, until.astimezone(zone).date()
    while date <= last:
        if date.weekday() in weekdays:
            at = instant(date, schedule.at, zone)
            if after < at <= until:
                yield Due(at, date, date in schedule.skip)
        date += _DAY


def due_now(schedule: Schedule, zone: ZoneInfo, date: Date) -> Due | None:
    """The due date ``date`` by the schedule as it is now, though its hour, zone or days were changed since.

    A date that is no day of the schedule any more moves to the next one, within ``_MOVES``; None beyond.
    """
    if comes_out(schedule, date):
        return Due(instant(date, schedule.at, zone), date, date in schedule.skip)
    noon = instant(date, time(12), zone)
    others = due_between(schedule, zone, noon, noon + _MOVES)
    found = next((due for due in others if not due.skipped and due.date > date), None)
    return None if found is None else Due(found.at, date, date in schedule.skip, moved=True)


def latest_due(schedule: Schedule, zone: ZoneInfo, now: datetime) -> Due:
    """The last due date not later than ``now``, skipped or not."""
    return max(due_between(schedule, zone, now - 8 * _DAY, now))


def next_due(schedule: Schedule, zone: ZoneInfo, now: datetime) -> Due | None:
    """The first due date later than ``now`` that is not skipped; None where two years of dates are skipped."""
    return next((due for due in due_between(schedule, zone, now, now + 731 * _DAY) if not due.skipped), None)


def leaves(schedule: Schedule, zone: ZoneInfo, due: Due, now: datetime) -> datetime | None:
    """The first instant, not before ``now``, at which the issue due at ``due`` may leave.

    That is inside the window and not later than the catch-up allows; None where it is too late for good.
    """
    local = max(now, due.at).astimezone(zone)
    earliest = max(now, due.at)
    if not due.asked and local.time().replace(second=0, microsecond=0) not in schedule.window:
        day = local.date() if local.time() < schedule.window.opens else local.date() + _DAY
        earliest = instant(day, schedule.window.opens, zone)
    return earliest if earliest <= due.at + schedule.catch_up else None


def last_departure(schedule: Schedule, zone: ZoneInfo, due: Due) -> datetime:
    """The last instant at which the issue due at ``due`` may still leave."""
    end = (due.at + schedule.catch_up).astimezone(zone)
    if due.asked or end.time() in schedule.window:
        return end.astimezone(UTC)
    date = end.date() if end.time() > schedule.window.closes else end.date() - _DAY
    return max(due.at, instant(date, schedule.window.closes, zone))
