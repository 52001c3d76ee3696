"""The calendar, against an oracle that knows nothing of folds: it reads the zone's clocks every quarter of an hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from functools import cache
from time import tzset
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.newsroom.model import Schedule
from composer.newsroom.weekdays import WEEKDAYS
from composer.schedule.calendar import Due, due_between, instant, last_departure, latest_due, leaves, next_due

PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
QUARTER = timedelta(minutes=15)


def schedule(every: object = ("friday",), at: str = "07:00", **more: object) -> Schedule:
    return Schedule.model_validate({"every": every, "at": at, **more})


@cache
def clocks(zone: ZoneInfo, date: Date) -> tuple[tuple[datetime, time], ...]:
    """Every quarter of an hour of ``date``: the instant, and what the clocks of ``zone`` show at it."""
    shown = []
    instant = datetime(date.year, date.month, date.day, tzinfo=UTC) - timedelta(hours=15)
    for _ in range(4 * 54):
        local = instant.astimezone(zone)
        if local.date() == date:
            shown.append((instant, local.time()))
        instant += QUARTER
    return tuple(shown)


def oracle(zone: ZoneInfo, date: Date, at: time) -> datetime:
    """The first instant at which the clocks show ``at``; where they skip it, an hour later on the clocks."""
    found = [instant for instant, shown in clocks(zone, date) if shown == at]
    if found:
        return found[0]
    later = (datetime.combine(date, at) + timedelta(hours=1)).time()
    return next(instant for instant, shown in clocks(zone, date) if shown == later)


def expected(zone: ZoneInfo, every: set[str], at: time, first: Date, days: int) -> list[datetime]:
    dates = (first + timedelta(days=number) for number in range(days))
    return [oracle(zone, date, at) for date in dates if WEEKDAYS[date.weekday()] in every]


@pytest.mark.parametrize("zone", [PARIS, NEW_YORK], ids=str)
@pytest.mark.parametrize("at", ["00:00", "00:30", "02:30", "07:00", "23:45"])
def test_every_instant_of_four_years_is_the_oracle_s(zone: ZoneInfo, at: str) -> None:
    first, days = Date(2025, 1, 1), 4 * 365
    start = datetime(2024, 12, 31, 12, tzinfo=zone)
    end = datetime(2028, 12, 31, 12, tzinfo=zone)
    daily = schedule(WEEKDAYS, at)
    found = [due for due in due_between(daily, zone, start, end) if first <= due.date < first + timedelta(days=days)]
    assert [due.at for due in found] == expected(zone, set(WEEKDAYS), time.fromisoformat(at), first, days)
    assert [due.date for due in found] == [first + timedelta(days=number) for number in range(days)]


@given(
    zone=st.sampled_from([PARIS, NEW_YORK]),
    every=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    quarter=st.integers(0, 95),
    minute=st.integers(0, 3 * 365 * 24 * 60),
)
def test_latest_and_next_enclose_now(zone: ZoneInfo, every: set[str], quarter: int, minute: int) -> None:
    at = (datetime(2026, 1, 1) + quarter * QUARTER).time()  # noqa: DTZ001 # reason: a time of day, no instant
    plan = schedule(sorted(every), at.strftime("%H:%M"))
    now = datetime(2026, 1, 20, tzinfo=UTC) + timedelta(minutes=minute)
    all_of_them = expected(zone, every, at, now.date() - timedelta(days=9), 19)
    following = next_due(plan, zone, now)
    assert following is not None
    assert latest_due(plan, zone, now).at == max(instant for instant in all_of_them if instant <= now)
    assert following.at == min(instant for instant in all_of_them if instant > now)


def test_paris_clock_changes_of_march_and_october_give_the_right_instants() -> None:
    gap, fold = Date(2026, 3, 29), Date(2026, 10, 25)
    for at, in_march, in_october in (
        ("01:30", "2026-03-29T00:30Z", "2026-10-24T23:30Z"),
        ("02:30", "2026-03-29T01:30Z", "2026-10-25T00:30Z"),  # skipped: 03:30 summer time; twice: the first one
        ("03:30", "2026-03-29T01:30Z", "2026-10-25T02:30Z"),
        ("07:00", "2026-03-29T05:00Z", "2026-10-25T06:00Z"),
    ):
        for date, at_utc in ((gap, in_march), (fold, in_october)):
            noon = datetime(date.year, date.month, date.day, 12, tzinfo=PARIS)
            assert latest_due(schedule(("sunday",), at), PARIS, noon) == Due(datetime.fromisoformat(at_utc), date)


@pytest.mark.parametrize("at", ["00:00", "00:30"])
def test_the_monday_after_the_spring_change_is_not_lost(at: str) -> None:
    """APScheduler's own cron trigger misses it (agronholm/apscheduler#529): this is why it is only the alarm clock."""
    sunday = datetime(2026, 3, 29, 12, tzinfo=PARIS)
    following = next_due(schedule(("monday",), at), PARIS, sunday)
    assert following is not None
    assert following.at == datetime.combine(Date(2026, 3, 30), time.fromisoformat(at), PARIS)


def test_a_time_inside_the_spring_gap_does_not_skip_the_week() -> None:
    start, end = datetime(2026, 3, 16, tzinfo=PARIS), datetime(2026, 4, 6, tzinfo=PARIS)
    found = [due.date for due in due_between(schedule(("sunday",), "02:30"), PARIS, start, end)]
    assert found == [Date(2026, 3, 22), Date(2026, 3, 29), Date(2026, 4, 5)]


def test_weekdays_are_names_and_friday_is_friday() -> None:
    following = next_due(schedule(), PARIS, datetime(2026, 11, 22, 12, tzinfo=PARIS))
    assert following is not None
    assert following.date.strftime("%A %d") == "Friday 27"


def test_skipped_dates_are_shown_and_never_next() -> None:
    plan = schedule(skip=(Date(2026, 11, 27),))
    sunday = datetime(2026, 11, 22, 12, tzinfo=PARIS)
    following = next_due(plan, PARIS, sunday)
    assert following is not None
    assert following.date == Date(2026, 12, 4)
    assert [due.skipped for due in due_between(plan, PARIS, sunday, sunday + timedelta(days=14))] == [True, False]


def test_after_is_excluded_and_until_is_included() -> None:
    at = datetime(2026, 11, 27, 7, tzinfo=PARIS)
    assert [due.at for due in due_between(schedule(), PARIS, at - timedelta(days=7), at)] == [at]


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("at", "catch_up", "now", "expected_departure"),
    [
        ("07:00", "6h", "2026-11-27T07:00", "2026-11-27T07:00"),
        ("07:00", "6h", "2026-11-27T09:00", "2026-11-27T09:00"),
        ("07:00", "6h", "2026-11-27T13:00", "2026-11-27T13:00"),
        ("07:00", "6h", "2026-11-27T13:01", None),
        ("07:00", "36h", "2026-11-27T21:30", "2026-11-28T06:00"),  # not at night: in the morning
        ("07:00", "36h", "2026-11-28T03:00", "2026-11-28T06:00"),
        ("07:00", "15h", "2026-11-27T21:30", None),  # the morning would be too late
        ("05:00", "6h", "2026-11-27T05:00", "2026-11-27T06:00"),
        ("07:00", "36h", "2026-11-27T21:00:59.9", "2026-11-27T21:00:59.9"),  # the minute of the hour itself is whole
    ],
)
def test_when_it_may_leave(at: str, catch_up: str, now: str, expected_departure: str | None) -> None:
    plan = schedule(at=at, catch_up=catch_up)
    due = Due(paris(f"2026-11-27T{at}"), Date(2026, 11, 27))
    departure = leaves(plan, PARIS, due, paris(now))
    assert departure == (paris(expected_departure) if expected_departure else None)


@pytest.mark.parametrize(
    ("at", "catch_up", "last"),
    [
        ("07:00", "6h", "2026-11-27T13:00"),
        ("07:00", "870m", "2026-11-27T21:00"),  # 21:30 is too late in the evening
        ("07:00", "22h", "2026-11-27T21:00"),  # 05:00 too early in the morning: the evening before
        ("07:00", "23h", "2026-11-28T06:00"),
        ("05:00", "30m", "2026-11-27T05:00"),  # it can never leave: not before it is due
    ],
)
def test_the_last_departure(at: str, catch_up: str, last: str) -> None:
    due = Due(paris(f"2026-11-27T{at}"), Date(2026, 11, 27))
    assert last_departure(schedule(at=at, catch_up=catch_up), PARIS, due) == paris(last)


def test_what_was_asked_for_at_an_hour_leaves_at_it_and_within_the_catch_up_even_at_night() -> None:
    due = Due(paris("2026-11-27T22:00"), Date(2026, 11, 27), asked=True)
    plan = schedule(catch_up="6h")
    assert leaves(plan, PARIS, due, paris("2026-11-28T04:00")) == paris("2026-11-28T04:00")
    assert leaves(plan, PARIS, due, paris("2026-11-28T04:01")) is None
    assert last_departure(plan, PARIS, due) == paris("2026-11-28T04:00")


def test_a_schedule_that_skips_two_years_has_no_next_date() -> None:
    fridays = tuple(Date(2026, 11, 27) + timedelta(days=7 * number) for number in range(104))
    monday = datetime(2026, 11, 23, 7, tzinfo=PARIS)  # 732 days before the first Friday with an issue, at its hour
    assert next_due(schedule(skip=fridays), PARIS, monday) is None
    following = next_due(schedule(skip=fridays), PARIS, monday + timedelta(days=1))
    assert following is not None
    assert following.date == Date(2028, 11, 24)


@pytest.fixture(params=["<+14>-14", "<-11>11"], ids=["host+14", "host-11"])
def host(request: pytest.FixtureRequest) -> Iterator[None]:
    """The host's own time zone, at either end of the world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        tzset()
        yield
    tzset()


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("name", ["Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_the_host_s_own_zone_changes_nothing(name: str) -> None:
    """A newsroom in Samoa (UTC-11) on a host in Kiritimati (UTC+14), where it is two days later, and the reverse."""
    zone = ZoneInfo(name)
    at = datetime(2026, 11, 27, 23, 45, tzinfo=zone)
    due = Due(at.astimezone(UTC), Date(2026, 11, 27))
    plan = schedule(at="23:45", catch_up="20h")
    assert list(due_between(plan, zone, at - QUARTER, at)) == [due]
    assert last_departure(plan, zone, due) == datetime(2026, 11, 28, 19, 45, tzinfo=zone)
    assert last_departure(schedule(catch_up="22h"), zone, due) == datetime(2026, 11, 28, 21, 0, tzinfo=zone)


def test_instants_are_in_utc() -> None:
    due = Due(instant(Date(2026, 11, 27), time(7), PARIS), Date(2026, 11, 27))
    assert due.at.tzinfo is UTC
    for catch_up in ("6h", "22h"):
        assert last_departure(schedule(catch_up=catch_up), PARIS, due).tzinfo is UTC


@given(quarter=st.integers(24, 84), hours=st.integers(0, 60), late=st.integers(0, 5000))
def test_nothing_leaves_after_the_last_departure_nor_outside_the_window(quarter: int, hours: int, late: int) -> None:
    at = (datetime(2026, 1, 1) + quarter * QUARTER).time()  # noqa: DTZ001 # reason: a time of day, no instant
    plan = schedule(at=at.strftime("%H:%M"), catch_up=f"{hours}h")
    due = Due(datetime.combine(Date(2026, 11, 27), at, PARIS).astimezone(UTC), Date(2026, 11, 27))
    now = due.at + timedelta(minutes=late)
    departure, last = leaves(plan, PARIS, due, now), last_departure(plan, PARIS, due)
    assert (departure is None) == (now > last)
    if departure is not None:
        assert now <= departure <= last
        assert departure.astimezone(PARIS).time() in plan.window
