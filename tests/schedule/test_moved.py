"""The hour, the zone or the days are changed while a letter is held; or the clock was wrong and is put right."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from composer.approval.freeze import unapprove
from composer.schedule.manual import open_later
from composer.schedule.occurrences import Event
from composer.schedule.upcoming import upcoming
from tests.schedule.support.sample_hour import READERS, Hour, paris
from tests.support.newsrooms import FRIDAY, SATURDAY

HELD = {"every": ["friday"], "at": "07:00", "catch_up": "6h", "window": "06:00-21:00"}


def moved(hour: Hour, at: str = "07:00", *every: str, **settings: object) -> None:
    hour.write(schedule=HELD | {"at": at, "every": list(every or ("friday",))}, **settings)


def states(events: list[Event]) -> list[str]:
    """What became of Friday's letter, and of those that would leave later."""
    ours = [event for event in events if event.publication == "vendredi" and event.state != "alerted"]
    return [event.state for event in ours if event.due_date is not None and event.due_date >= FRIDAY]


@pytest.fixture
def held(hour: Hour) -> Hour:
    """Friday's letter was not approved at its hour."""
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "not-sealed")
    return hour


@pytest.mark.usefixtures("each_engine")
def test_put_off_to_ten_it_leaves_at_ten(held: Hour) -> None:
    moved(held, "10:00")
    held.approve(held.friday)
    assert states(held.at("2026-11-27 08:00")) == []
    assert states(held.at("2026-11-27 09:59:59")) == []
    assert states(held.at("2026-11-27 10:00")) == ["mailed"]
    assert states(held.at("2026-11-27 10:00:30")) == []


def test_put_off_to_the_evening_it_is_not_missed_at_noon(held: Hour) -> None:
    moved(held, "18:00")
    assert states(held.at("2026-11-27 14:00")) == []
    held.approve(held.friday)
    assert states(held.at("2026-11-27 17:00")) == []
    entries = upcoming(held.newsroom, held.engine, paris("2026-11-27 17:00"), 1)
    friday = next(entry for entry in entries if entry.date == FRIDAY)
    assert friday.at == paris("2026-11-27 18:00")
    assert states(held.at("2026-11-27 18:00")) == ["mailed"]


def test_put_off_and_never_approved_it_is_missed_by_the_new_hour_and_that_is_told(held: Hour) -> None:
    moved(held, "10:00")
    assert states(held.at("2026-11-27 15:59")) == []
    held.at("2026-11-27 16:01")
    assert held.state() == ("missed", "not-sealed")
    assert "10:00" in held.relay.last()


def test_brought_forward_it_leaves_as_soon_as_it_is_approved(held: Hour) -> None:
    moved(held, "06:30")
    held.approve(held.friday)
    assert states(held.at("2026-11-27 07:10")) == ["mailed"]


def test_in_another_zone_it_leaves_at_that_zones_hour(held: Hour) -> None:
    moved(held, "07:00", timezone="America/New_York")  # 13:00 in Paris
    held.approve(held.friday)
    assert states(held.at("2026-11-27 12:00")) == []
    assert states(held.at("2026-11-27 13:00")) == ["mailed"]


def test_on_another_day_it_leaves_on_that_day_and_is_that_days_letter(held: Hour) -> None:
    moved(held, "07:00", "saturday")
    held.approve(held.friday)
    assert states(held.at("2026-11-27 08:00")) == []
    assert states(held.at("2026-11-27 18:00")) == []
    entries = upcoming(held.newsroom, held.engine, paris("2026-11-27 18:00"), 0)
    assert [entry.at for entry in entries if entry.date == FRIDAY] == [paris("2026-11-28 07:00")]
    assert len(held.relay.messages) == 1  # nothing is told of Saturdays that are past
    assert states(held.at("2026-11-28 07:00")) == ["mailed", "skipped"]
    assert states(held.at("2026-11-28 07:00:30")) == []
    assert [row.date for row in held.mailings if row.publication == "vendredi"] == [FRIDAY]


def test_on_another_day_with_its_file_renamed_it_leaves_once(held: Hour) -> None:
    moved(held, "07:00", "saturday")
    saturday = held.friday.with_name(f"{SATURDAY}.yaml")
    shutil.move(held.friday, saturday)
    held.approve(saturday)
    assert states(held.at("2026-11-28 07:00")) == ["skipped", "mailed"]
    assert [row.date for row in held.mailings if row.publication == "vendredi"] == [SATURDAY]
    assert held.queued == READERS


def test_a_day_that_is_far_leaves_this_weeks_letter_where_it_was(held: Hour) -> None:
    moved(held, "07:00", "thursday")
    held.approve(held.friday)
    assert states(held.at("2026-11-27 08:00")) == ["mailed"]


def test_what_somebody_asked_for_stays_at_its_instant(held: Hour) -> None:
    held.approve(held.friday)
    open_later(paris("2026-11-27 07:10"), held.friday, held.newsroom, held.engine, paris("2026-11-27 09:00"))
    moved(held, "18:00")
    assert states(held.at("2026-11-27 09:00")) == ["mailed"]


def test_mailed_already_a_new_hour_makes_no_second_one(hour: Hour) -> None:
    hour.at("2026-11-27 07:00")
    for at in ("10:00", "06:00"):
        moved(hour, at)
        assert states(hour.at("2026-11-27 10:00")) == []
    moved(hour, "07:00", "saturday", "friday")
    hour.at("2026-11-27 10:01")
    assert [row.date for row in hour.mailings if row.publication == "vendredi"] == [FRIDAY]


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize(("leap", "reason"), [("2026-11-27 13:30", "too-late"), ("2026-11-28 12:00", "long-gap")])
def test_missed_by_a_wrong_clock_it_leaves_once_the_clock_is_right(hour: Hour, leap: str, reason: str) -> None:
    if reason == "long-gap":
        hour.at("2026-11-27 06:59")
        hour.look(paris(leap))
    else:
        hour.at(leap)
    assert hour.state() == ("missed", reason)
    assert states(hour.look(paris("2026-11-27 07:00:30"))) == ["mailed"]
    assert states(hour.look(paris("2026-11-27 07:01"))) == []
    assert len([row for row in hour.mailings if row.publication == "vendredi"]) == 1


def test_missed_before_its_hour_it_leaves_at_its_hour(hour: Hour) -> None:
    hour.look(paris("2026-11-28 15:00"))
    hour.look(paris("2026-11-26 21:00"))
    assert hour.state()[0] == "missed"
    entries = upcoming(hour.newsroom, hour.engine, paris("2026-11-26 21:00"), 1)
    assert next(entry for entry in entries if entry.date == FRIDAY).state == "sealed"
    assert states(hour.at("2026-11-27 07:00")) == ["mailed"]


def test_held_by_a_wrong_clock_it_says_what_holds_it_now(hour: Hour) -> None:
    hour.look(paris("2026-11-27 09:00") + timedelta(days=1))
    unapprove(hour.friday)
    hour.look(paris("2026-11-27 07:00:30"))
    assert hour.state() == ("held", "not-sealed")
    hour.approve(hour.friday)
    assert states(hour.at("2026-11-27 07:10")) == ["mailed"]


def test_missed_by_a_right_clock_it_stays_missed(hour: Hour) -> None:
    hour.at("2026-11-27 13:30")
    assert hour.state() == ("missed", "too-late")
    moved(hour, "18:00")
    assert states(hour.at("2026-11-27 18:00")) == []
    assert hour.state() == ("missed", "too-late")


def test_a_host_that_is_some_seconds_behind_does_not_take_the_question_back(hour: Hour) -> None:
    """Two daemons tick at once after a long gap; the slower clock must not call the other one wrong."""
    hour.at("2026-11-27 09:00", after="2026-11-26 20:00")
    assert hour.state() == ("held", "long-gap")
    assert states(hour.look(paris("2026-11-27 08:59:50"))) == []
    assert hour.state() == ("held", "long-gap")
