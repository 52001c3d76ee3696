"""The arithmetic of a pace, by properties: never faster than allowed, down to the floor, and back up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from composer.delivery.limits import token_bucket
from composer.delivery.limits.token_bucket import Limits, RateState, burst, current, room, suspended, taken, throttled

START = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

rates = st.floats(0.05, 5_000)
#: (seconds that pass, messages wanted then)
demands = st.lists(st.tuples(st.floats(0, 120), st.integers(0, 300)), min_size=1, max_size=40)


def take(pace: RateState, limits: Limits, now: datetime, wanted: int, under_way: int = 0) -> tuple[RateState, int]:
    """As a claim does: up to date, what there is room for, gone."""
    pace = current(pace, limits, now)
    allowed = room(pace, limits, under_way)
    count = wanted if allowed is None else min(wanted, allowed)
    return taken(pace, limits, count), count


@given(rates, demands)
def test_over_no_window_more_than_the_rate_and_one_burst(rate: float, wanted: list[tuple[float, int]]) -> None:
    limits, pace, now = Limits(rate), RateState(START), START
    took: list[tuple[datetime, int]] = []
    for seconds, count in wanted:
        now += timedelta(seconds=seconds)
        pace, got = take(pace, limits, now, count)
        took.append((now, got))
    for first in range(len(took)):
        for last in range(first, len(took)):
            length = (took[last][0] - took[first][0]).total_seconds()
            total = sum(count for _, count in took[first : last + 1])
            assert total <= rate * length + burst(rate) + 1e-6


@given(rates, demands)
def test_whoever_asks_often_enough_gets_the_whole_rate(rate: float, wanted: list[tuple[float, int]]) -> None:
    limits, pace, now, total = Limits(rate), RateState(START), START, 0
    for _ in range(200):
        pace, got = take(pace, limits, now, 10**6)
        total += got
        now += timedelta(seconds=max(0.001, token_bucket.wait(pace, limits) or 0.001))
    assert total >= rate * (now - START).total_seconds() * 0.5


@given(rates, st.lists(st.floats(-86_400, 86_400), max_size=20))
def test_a_clock_put_back_or_forward_gives_one_burst_and_never_stops_a_pace(rate: float, jumps: list[float]) -> None:
    limits, pace, now = Limits(rate), RateState(START), START
    for jump in jumps:
        now += timedelta(seconds=jump)
        pace, got = take(pace, limits, now, 10**6)
        assert got <= burst(rate) + 1e-6
    assert take(pace, limits, now + timedelta(seconds=2 / rate), 1)[1] == 1


@given(st.integers(1, 20), st.lists(st.integers(0, 50), max_size=20))
def test_never_more_under_way_than_the_cap(cap: int, arrivals: list[int]) -> None:
    limits, pace, under_way = Limits(at_once=cap), RateState(START), 0
    for arrived in arrivals:
        pace, got = take(pace, limits, START, 100, under_way)
        under_way += got
        assert under_way == cap
        under_way -= min(under_way, arrived)


@given(rates, st.floats(0.1, 1_000))
def test_a_refusal_halves_and_a_second_within_the_hour_goes_to_the_floor(rate: float, observed: float) -> None:
    for limits, was in ((Limits(rate), rate), (Limits(), observed)):
        first = throttled(RateState(START), limits, START, observed, "slow down")
        assert first.rate is not None
        assert was / 2 <= first.rate <= max(was / 2, token_bucket.SLOWEST)
        second = throttled(current(first, limits, START + MINUTE), limits, START + MINUTE, observed, "slow down")
        assert second.rate is not None
        assert (
            was / token_bucket.DEPTH * 0.999
            <= second.rate
            <= max(was / token_bucket.DEPTH, min(token_bucket.SLOWEST, was)) * 1.001
        )
        assert second.floor_until == START + MINUTE + token_bucket.FLOOR_LASTS
        assert current(second, limits, START + 30 * MINUTE).rate == second.rate  # no growth on the floor
        third = throttled(current(second, limits, START + 31 * MINUTE), limits, START + 31 * MINUTE, observed, "slow")
        assert third.floor_until == START + 31 * MINUTE + 2 * token_bucket.FLOOR_LASTS


@given(rates, st.integers(1, 59))
def test_each_clean_minute_gives_a_tenth_back(rate: float, minutes: int) -> None:
    limits = Limits(1_000_000)
    pace = throttled(RateState(START), Limits(rate), START, 1.0, "slow down")
    assert pace.rate is not None
    grown = current(pace, limits, START + minutes * MINUTE).rate
    assert grown is not None
    assert abs(grown / pace.rate - 1.1**minutes) < 1e-6 * grown
    steps = accumulate(range(minutes), lambda one, k: current(one, limits, START + (k + 1) * MINUTE), initial=pace)
    *_, stepped = steps  # looked at each minute, or once: the same
    assert stepped.rate is not None
    assert abs(stepped.rate - grown) < 1e-6 * grown


@given(rates, st.integers(1, 6))
def test_it_recovers_to_what_is_configured_or_to_no_limit_and_is_forgotten(rate: float, refusals: int) -> None:
    for limits in (Limits(rate), Limits()):
        pace, now = RateState(START), START
        for _ in range(refusals):
            now += MINUTE
            pace = throttled(current(pace, limits, now), limits, now, rate, "slow down")
        pace = current(pace, limits, now + 48 * HOUR)
        assert (pace.rate, pace.means, pace.reason, pace.throttled_at) == (None, None, None, None)
        assert token_bucket.forgettable(pace, limits) == (limits == Limits())


def test_what_all_connections_hear_at_once_is_one_refusal() -> None:
    pace = throttled(RateState(START), Limits(100), START, 1.0, "slow down")
    for number in range(8):
        pace = throttled(pace, Limits(100), START + number * SECOND, 1.0, "slow down")
    assert pace.rate == 50


@given(rates)
def test_after_a_refusal_nothing_goes_at_once(rate: float) -> None:
    pace = throttled(RateState(START, tokens=5), Limits(rate), START, 1.0, "slow down")
    assert room(current(pace, Limits(rate), START), Limits(rate)) == 0


@given(st.timedeltas(timedelta(0), 3 * HOUR))
def test_quiet_is_quiet_until_then_and_a_shorter_silence_does_not_shorten_it(gone: timedelta) -> None:
    pace = suspended(RateState(START), START + 2 * HOUR, "blocked", "SFR_IN_101")
    pace = suspended(pace, START + HOUR, "blocked", "OFR_999")
    pace = current(pace, Limits(), START + gone)
    assert (room(pace, Limits()) == 0) == (gone < 2 * HOUR)
    assert pace.reason == ("SFR_IN_101" if gone < 2 * HOUR else None)


@given(st.integers(1, 2_000), st.floats(1, 3), st.lists(st.integers(0, 12), max_size=9))
def test_a_new_domain_s_day_has_its_cap_which_grows_with_days_of_sending(
    first_day: int, growth: float, skipped: list[int]
) -> None:
    limits, pace, now = Limits(first_day=first_day, growth=growth), RateState(START), START
    for day, days_off in enumerate(skipped):
        took = 0
        for hour in range(3):
            pace, got = take(pace, limits, now + hour * HOUR, 10**9)
            took += got
        assert took == int(first_day * growth**day)  # days without sending do not count
        assert token_bucket.closed(pace, limits)  # another relay may take over, today
        now += timedelta(days=1 + days_off)


def test_without_limits_there_is_any_room_and_nothing_to_remember() -> None:
    pace = current(RateState(START), Limits(), START + HOUR)
    assert room(pace, Limits()) is None
    assert taken(pace, Limits(), 1_000) == pace
    assert token_bucket.forgettable(pace, Limits())
