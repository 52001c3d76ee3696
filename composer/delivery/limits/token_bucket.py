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
_SHORTEST = 0.02  #: seconds, the shortest wait: for messages under way to end, or for a millisecond clock to advance
_MAXIMUM = 10**9
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


def current(state: RateState, limits: Limits, now: datetime) -> RateState:
    """``state`` at ``now``: tokens refilled, rate raised, an ended suspension lifted, counts of a new day reset."""
    rate = per_second(state, limits)
    if rate is not None:
        gone = max(0.0, (now - state.refilled_at).total_seconds())  # a clock put back gives nothing, and takes nothing
        state = replace(state, refilled_at=now, tokens=min(burst(rate), state.tokens + gone * rate))
    if state.quiet_until is not None and state.quiet_until <= now:
        state = replace(state, quiet_until=None)
    state = _grown(state, limits, now)
    if state.quiet_until is None and state.rate is None:
        recent = state.throttled_at is not None and now - state.throttled_at < RELAPSE
        state = replace(state, means=None, reason=None, throttled_at=state.throttled_at if recent else None)
    if limits.first_day is not None and state.day != now.date():
        days = state.days_before + (1 if state.sent_today else 0)
        state = replace(state, day=now.date(), sent_today=0, days_before=days)
    return state


def _grown(state: RateState, limits: Limits, now: datetime) -> RateState:
    if state.rate is None or state.grown_at is None or state.throttled_at is None:
        return state
    minutes = (now - state.grown_at) // _MINUTE
    if minutes <= 0:
        return state
    rate = min(state.rate * GROWTH ** min(minutes, 1000), _MAXIMUM)
    ceiling = limits.per_second
    # Without a ceiling, an hour without a refusal raises the rate three-hundredfold: as good as no limit.
    recovered = rate >= ceiling if ceiling is not None else minutes_clean(state, now) >= 60
    if recovered:
        return replace(state, rate=None, base=None, grown_at=None, floor_until=None)
    return replace(state, rate=rate, grown_at=state.grown_at + minutes * _MINUTE)


def minutes_clean(state: RateState, now: datetime) -> int:
    """Whole minutes since the last refusal, or since the end of the time at the floor."""
    starts = [start for start in (state.throttled_at, state.floor_until) if start is not None]
    return max(0, (now - max(starts)) // _MINUTE) if starts else 0


def forgettable(state: RateState, limits: Limits) -> bool:
    """Whether ``state`` is the default, so that its row may be deleted."""
    return not limits and state == RateState(state.refilled_at, state.tokens)


def per_second(state: RateState, limits: Limits) -> float | None:
    """The effective rate, in messages a second; None if there is no limit."""
    known = [rate for rate in (state.rate, limits.per_second) if rate is not None]
    return min(known) if known else None


def burst(rate: float) -> float:
    """How many messages may go at once at this rate."""
    return max(1.0, rate * BURST)


def daily_cap(state: RateState, limits: Limits) -> int | None:
    """Maximum number of messages today; None if there is no cap."""
    if limits.first_day is None:
        return None
    return int(min(limits.first_day * limits.growth ** min(state.days_before, 1000), _MAXIMUM))


def room(state: RateState, limits: Limits, under_way: int = 0) -> int | None:
    """How many messages a ``current`` rate allows now; None if there is no limit."""
    if closed(state, limits):
        return 0
    found: list[int] = []
    if per_second(state, limits) is not None:
        found.append(int(state.tokens + _ROUNDING))
    if limits.at_once is not None:
        found.append(limits.at_once - under_way)
    if (cap := daily_cap(state, limits)) is not None:
        found.append(cap - state.sent_today)
    return max(0, min(found)) if found else None


def closed(state: RateState, limits: Limits) -> bool:
    """True while suspended or the daily cap is reached; another relay may take over."""
    cap = daily_cap(state, limits)
    return state.quiet_until is not None or (cap is not None and state.sent_today >= cap)


def taken(state: RateState, limits: Limits, count: int) -> RateState:
    """The state after ``count`` messages were taken (at most ``room``)."""
    if per_second(state, limits) is not None:
        state = replace(state, tokens=state.tokens - count)
    return replace(state, sent_today=state.sent_today + count) if limits.first_day is not None else state


def wait(state: RateState, limits: Limits, under_way: int = 0) -> float | None:
    """Seconds until the next message may be taken; None if there is ``room`` now, or the rate is ``closed``."""
    if closed(state, limits) or room(state, limits, under_way) != 0:
        return None
    rate = per_second(state, limits)
    return max(_SHORTEST, (1.0 - state.tokens) / rate) if rate is not None else _SHORTEST


def throttled(state: RateState, limits: Limits, now: datetime, observed: float, reason: str) -> RateState:
    """The state after a refusal for being too fast; ``observed``, the measured rate, is used where none is limited."""
    if state.throttled_at is not None and timedelta(0) <= now - state.throttled_at < ECHO:
        return state
    was = per_second(state, limits) or max(observed, SLOWEST)
    base = state.base if state.rate is not None and state.base is not None else was
    floor = min(max(base / DEPTH, SLOWEST), was)
    again = state.throttled_at is not None and now - state.throttled_at < RELAPSE
    lasts = timedelta(0)
    if again:
        lasts = 2 * FLOOR_LASTS if state.floor_until is not None else FLOOR_LASTS
    return replace(
        state,
        rate=floor if again else max(floor, was / 2),
        base=base,
        tokens=0.0,
        refilled_at=now,
        throttled_at=now,
        grown_at=now + lasts,
        floor_until=now + lasts if again else None,
        means="throttled" if state.quiet_until is None else state.means,
        reason=reason if state.quiet_until is None else state.reason,
    )


def unthrottled(state: RateState) -> RateState:
    """The state without a reduction; a suspension stays."""
    if state.quiet_until is not None:
        return state
    return RateState(state.refilled_at, day=state.day, sent_today=state.sent_today, days_before=state.days_before)


def suspended(state: RateState, until: datetime, means: str, reason: str) -> RateState:
    """The state suspended until ``until``, or later if it already was."""
    if state.quiet_until is not None and state.quiet_until >= until:
        return state
    return replace(state, quiet_until=until, means=means, reason=reason)
