"""How fast: the arithmetic of a pace. Pure; the time is given, and is the database's (``rate_limits`` keeps the rows).

A pace is a token bucket, a daily cap while a domain is new, and silence for a time where we are shut out. A refusal for
being too fast halves it; each clean minute gives a tenth back; a second one within the hour takes it to its floor for
half an hour, and a third for an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta

GROWTH = 1.1  #: what a clean minute does
ECHO = timedelta(seconds=10)  #: refusals so close together are one: every connection hears the same
RELAPSE = timedelta(hours=1)  #: a second refusal within this goes to the floor
FLOOR_LASTS = timedelta(minutes=30)
DEPTH = 16  #: the floor is the rate before the trouble by this
SLOWEST = 0.1  #: messages a second: no floor is lower, but for a slower limit in the configuration
BURST = 0.05  #: seconds of messages that may go at once; one message at the least
_MINUTE = timedelta(minutes=1)
_LOOK = 0.02  #: seconds, the shortest wait: for messages under way to arrive, or for a clock of milliseconds
_MOST = 10**9
_ROUNDING = 1e-9  #: of a token: what floating point loses


@dataclass(frozen=True)
class Limits:
    """What the configuration allows. ``at_once``: messages under way; ``first_day``: the daily cap at the beginning."""

    per_second: float | None = None
    at_once: int | None = None
    first_day: int | None = None
    growth: float = 1.0

    def __bool__(self) -> bool:
        return self != Limits()


@dataclass(frozen=True)
class RateState:
    """What is remembered of a pace.

    ``rate`` is messages a second after trouble, None where there was none; ``base`` the rate before it. ``tokens`` as
    of ``refilled_at``. ``grown_at``: from when on minutes count as clean. ``means`` and ``reason`` say why it is quiet
    or slow. ``days_before`` counts earlier days on which something was sent.
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
    """``pace`` brought up to ``now``: refilled, grown, awake again, on a new day."""
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
    # Without a ceiling an hour of clean minutes, three hundred times the rate, is as good as none.
    recovered = rate >= ceiling if ceiling is not None else minutes_clean(pace, now) >= 60
    if recovered:
        return replace(pace, rate=None, base=None, grown_at=None, floor_until=None)
    return replace(pace, rate=rate, grown_at=pace.grown_at + minutes * _MINUTE)


def minutes_clean(pace: RateState, now: datetime) -> int:
    """Whole minutes since the last trouble, or since the floor was left."""
    starts = [start for start in (pace.throttled_at, pace.floor_until) if start is not None]
    return max(0, (now - max(starts)) // _MINUTE) if starts else 0


def forgettable(pace: RateState, limits: Limits) -> bool:
    """Whether nothing is lost where ``pace`` is not kept."""
    return not limits and pace == RateState(pace.refilled_at, pace.tokens)


def per_second(pace: RateState, limits: Limits) -> float | None:
    """The rate that holds; None where there is no limit."""
    known = [rate for rate in (pace.rate, limits.per_second) if rate is not None]
    return min(known) if known else None


def burst(rate: float) -> float:
    """How many messages may go at once at this rate."""
    return max(1.0, rate * BURST)


def daily_cap(pace: RateState, limits: Limits) -> int | None:
    """Most messages on this day."""
    if limits.first_day is None:
        return None
    return int(min(limits.first_day * limits.growth ** min(pace.days_before, 1000), _MOST))


def room(pace: RateState, limits: Limits, under_way: int = 0) -> int | None:
    """How many messages may be taken now from a ``current`` pace; None where it is any number."""
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
    """Whether waiting a moment would not help: quiet, or today's cap is used up. Then another relay may take over."""
    cap = daily_cap(pace, limits)
    return pace.quiet_until is not None or (cap is not None and pace.sent_today >= cap)


def taken(pace: RateState, limits: Limits, count: int) -> RateState:
    """After ``count`` messages were taken, at most ``room``."""
    if per_second(pace, limits) is not None:
        pace = replace(pace, tokens=pace.tokens - count)
    return replace(pace, sent_today=pace.sent_today + count) if limits.first_day is not None else pace


def wait(pace: RateState, limits: Limits, under_way: int = 0) -> float | None:
    """Seconds until the next message may be taken, where there is no ``room`` and a moment will make some."""
    if closed(pace, limits) or room(pace, limits, under_way) != 0:
        return None
    rate = per_second(pace, limits)
    return max(_LOOK, (1.0 - pace.tokens) / rate) if rate is not None else _LOOK


def throttled(pace: RateState, limits: Limits, now: datetime, observed: float, reason: str) -> RateState:
    """After a refusal for being too fast; ``observed`` is the rate at which we really sent, where no limit says it."""
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
    """Quiet until then, or longer where it was to be."""
    if pace.quiet_until is not None and pace.quiet_until >= until:
        return pace
    return replace(pace, quiet_until=until, means=means, reason=reason)
