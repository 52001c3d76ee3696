"""The arithmetic of a send rate. Pure: the caller gives the database's time, and ``rate_limits`` stores the rows.

A rate is a token bucket, a daily cap while a domain is new, and a suspension while we are blocked. A refusal for being
too fast halves it; each minute without one raises it by a tenth; a second refusal within the hour sets it to its floor
for half an hour, and a third for an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta

GROWTH = 1.1  #: factor by which a minute without a refusal raises the rate
ECHO = timedelta(seconds=10)  #: refusals so close together count as one: every connection gets the same reply
RELAPSE = timedelta(hours=1)  #: a second refusal within this time sets the rate to its floor
FLOOR_LASTS = timedelta(minutes=30)
DEPTH = 16  #: the floor is the rate before the first refusal, divided by this
SLOWEST = 0.1  #: messages a second: the lowest floor, unless the configured limit is lower
BURST = 0.05  #: seconds of messages that may go at once; one message at the least
_MINUTE = timedelta(minutes=1)
_LOOK = 0.02  #: seconds, the shortest wait: for messages under way to end, or for a millisecond clock to advance
_MOST = 10**9
_ROUNDING = 1e-9  #: tokens: tolerance for floating-point rounding


@dataclass(frozen=True)
class Limits:
    """Configured limits. ``at_once``: maximum messages under way; ``first_day``: daily cap on the first day, which
    grows by the factor ``growth`` each day."""

    per_second: float | None = None
    at_once: int | None = None
    first_day: int | None = None
    growth: float = 1.0

    def __bool__(self) -> bool:
        return self != Limits()


@dataclass(frozen=True)
class RateState:
    """Stored state of a send rate.

    ``rate`` is messages a second after a refusal, None without one; ``base`` the rate before it. ``tokens`` as of
    ``refilled_at``. Minutes without a refusal count from ``grown_at``. Nothing is sent before ``quiet_until``.
    ``means`` and ``reason`` say why the rate is suspended or reduced. ``days_before`` counts earlier days with sends.
    """

    refilled_at: datetime
    tokens: float = 1.0
    rate: float | None = None
    base: float | None = None
    grown_at: datetime | None = None
    throttled_at: datetime | None = None
    floor_until: datetime | None = None
    quiet_until: datetime | None = None
    means: str | None = None
    reason: str | None = None
    day: Date | None = None
    sent_today: int = 0
    days_before: int = 0


def current(pace: RateState, limits: Limits, now: datetime) -> RateState:
    """``pace`` at ``now``: tokens refilled, rate raised, an ended suspension lifted, counts of a new day reset."""
    rate = per_second(pace, limits)
    if rate is not None:
        gone = max(0.0, (now - pace.refilled_at).total_seconds())  # a clock put back gives nothing, and takes nothing
        pace = replace(pace, refilled_at=now, tokens=min(burst(rate), pace.tokens + gone * rate))
    if pace.quiet_until is not None and pace.quiet_until <= now:
        pace = replace(pace, quiet_until=None)
    pace = _grown(pace, limits, now)
    if pace.quiet_until is None and pace.rate is None:
        recent = pace.throttled_at is not None and now - pace.throttled_at < RELAPSE
        pace = replace(pace, means=None, reason=None, throttled_at=pace.throttled_at if recent else None)
    if limits.first_day is not None and pace.day != now.date():
        days = pace.days_before + (1 if pace.sent_today else 0)
        pace = replace(pace, day=now.date(), sent_today=0, days_before=days)
    return pace


def _grown(pace: RateState, limits: Limits, now: datetime) -> RateState:
    if pace.rate is None or pace.grown_at is None or pace.throttled_at is None:
        return pace
    minutes = (now - pace.grown_at) // _MINUTE
    if minutes <= 0:
        return pace
    rate = min(pace.rate * GROWTH ** min(minutes, 1000), _MOST)
    ceiling = limits.per_second
    # Without a ceiling, an hour without a refusal raises the rate three-hundredfold: as good as no limit.
    recovered = rate >= ceiling if ceiling is not None else minutes_clean(pace, now) >= 60
    if recovered:
        return replace(pace, rate=None, base=None, grown_at=None, floor_until=None)
    return replace(pace, rate=rate, grown_at=pace.grown_at + minutes * _MINUTE)


def minutes_clean(pace: RateState, now: datetime) -> int:
    """Whole minutes since the last refusal, or since the end of the time at the floor."""
    starts = [start for start in (pace.throttled_at, pace.floor_until) if start is not None]
    return max(0, (now - max(starts)) // _MINUTE) if starts else 0


def forgettable(pace: RateState, limits: Limits) -> bool:
    """Whether ``pace`` is the default, so that its row may be deleted."""
    return not limits and pace == RateState(pace.refilled_at, pace.tokens)


def per_second(pace: RateState, limits: Limits) -> float | None:
    """The effective rate, in messages a second; None if there is no limit."""
    known = [rate for rate in (pace.rate, limits.per_second) if rate is not None]
    return min(known) if known else None


def burst(rate: float) -> float:
    """How many messages may go at once at this rate."""
    return max(1.0, rate * BURST)


def daily_cap(pace: RateState, limits: Limits) -> int | None:
    """Maximum number of messages today; None if there is no cap."""
    if limits.first_day is None:
        return None
    return int(min(limits.first_day * limits.growth ** min(pace.days_before, 1000), _MOST))


def room(pace: RateState, limits: Limits, under_way: int = 0) -> int | None:
    """How many messages a ``current`` rate allows now; None if there is no limit."""
    if closed(pace, limits):
        return 0
    found: list[int] = []
    if per_second(pace, limits) is not None:
        found.append(int(pace.tokens + _ROUNDING))
    if limits.at_once is not None:
        found.append(limits.at_once - under_way)
    if (cap := daily_cap(pace, limits)) is not None:
        found.append(cap - pace.sent_today)
    return max(0, min(found)) if found else None


def closed(pace: RateState, limits: Limits) -> bool:
    """True while suspended or the daily cap is reached; another relay may take over."""
    cap = daily_cap(pace, limits)
    return pace.quiet_until is not None or (cap is not None and pace.sent_today >= cap)


def taken(pace: RateState, limits: Limits, count: int) -> RateState:
    """The state after ``count`` messages were taken (at most ``room``)."""
    if per_second(pace, limits) is not None:
        pace = replace(pace, tokens=pace.tokens - count)
    return replace(pace, sent_today=pace.sent_today + count) if limits.first_day is not None else pace


def wait(pace: RateState, limits: Limits, under_way: int = 0) -> float | None:
    """Seconds until the next message may be taken; None if there is ``room`` now, or the rate is ``closed``."""
    if closed(pace, limits) or room(pace, limits, under_way) != 0:
        return None
    rate = per_second(pace, limits)
    return max(_LOOK, (1.0 - pace.tokens) / rate) if rate is not None else _LOOK


def throttled(pace: RateState, limits: Limits, now: datetime, observed: float, reason: str) -> RateState:
    """The state after a refusal for being too fast; ``observed``, the measured rate, is used where none is limited."""
    if pace.throttled_at is not None and timedelta(0) <= now - pace.throttled_at < ECHO:
        return pace
    was = per_second(pace, limits) or max(observed, SLOWEST)
    base = pace.base if pace.rate is not None and pace.base is not None else was
    floor = min(max(base / DEPTH, SLOWEST), was)
    again = pace.throttled_at is not None and now - pace.throttled_at < RELAPSE
    lasts = timedelta(0)
    if again:
        lasts = 2 * FLOOR_LASTS if pace.floor_until is not None else FLOOR_LASTS
    return replace(
        pace,
        rate=floor if again else max(floor, was / 2),
        base=base,
        tokens=0.0,
        refilled_at=now,
        throttled_at=now,
        grown_at=now + lasts,
        floor_until=now + lasts if again else None,
        means="throttled" if pace.quiet_until is None else pace.means,
        reason=reason if pace.quiet_until is None else pace.reason,
    )


def suspended(pace: RateState, until: datetime, means: str, reason: str) -> RateState:
    """The state suspended until ``until``, or later if it already was."""
    if pace.quiet_until is not None and pace.quiet_until >= until:
        return pace
    return replace(pace, quiet_until=until, means=means, reason=reason)
