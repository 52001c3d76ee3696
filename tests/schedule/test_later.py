"""filigrane send --at: an issue that leaves when somebody asked for, once, as it is approved then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result

from composer.approval.freeze import unapprove
from composer.cli import filigrane
from composer.errors import Refused, WrongUsage
from composer.schedule.manual import open_later, skip
from composer.schedule.upcoming import upcoming
from tests.schedule.support.sample_hour import Hour, paris
from tests.support.newsrooms import FRIDAY, write_issue


def send(hour: Hour, *arguments: str, at: str = "2026-11-26 19:00") -> Result:
    with time_machine.travel(paris(at), tick=False):
        return CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), "send", *arguments])


@pytest.fixture
def special(hour: Hour) -> Path:
    """A second issue of Friday's date, with a name of its own, approved."""
    path = hour.friday.with_name(f"{FRIDAY}-edition-speciale.yaml")
    shutil.copy(hour.friday, path)
    hour.approve(path)
    return path


def test_it_leaves_at_that_time_and_not_at_its_hour(hour: Hour) -> None:
    assert send(hour, f"vendredi/{FRIDAY}", "--at", "2026-11-27 15:00").exit_code == 0
    assert hour.at("2026-11-26 20:00") == []
    assert hour.at("2026-11-27 07:00") == []
    assert hour.at("2026-11-27 14:59:59") == []
    assert [event.state for event in hour.at("2026-11-27 15:00")] == ["mailed"]
    assert hour.at("2026-11-27 15:00:30") == []
    assert len(hour.mailings) == 1
    assert hour.relay.messages == []


def test_an_hour_alone_is_todays_and_any_hour_is_right(hour: Hour) -> None:
    assert send(hour, f"vendredi/{FRIDAY}", "--at", "23h30").exit_code == 0
    assert [event.state for event in hour.at("2026-11-26 23:30")] == ["mailed"]
    assert hour.at("2026-11-27 07:00") == []


def test_a_special_issue_leaves_beside_the_regular_one(hour: Hour, special: Path) -> None:
    assert send(hour, special.relative_to(hour.root).as_posix(), "--at", "2026-11-27 12:00").exit_code == 0
    hour.at("2026-11-27 07:00")
    hour.at("2026-11-27 12:00")
    assert [(mailing.date, mailing.slug) for mailing in hour.mailings] == [(FRIDAY, ""), (FRIDAY, "edition-speciale")]


def test_not_approved_any_more_it_is_held_and_told_and_leaves_once_it_is(hour: Hour, special: Path) -> None:
    open_later(paris("2026-11-26 19:00"), special, hour.newsroom, hour.engine, paris("2026-11-27 12:00"))
    hour.at("2026-11-27 07:00")
    unapprove(special)
    hour.at("2026-11-27 12:00")
    assert "filigrane approve issues/vendredi/2026-11-27-edition-speciale.yaml" in hour.relay.last()
    hour.approve(special)
    hour.at("2026-11-27 12:10")
    assert len(hour.mailings) == 2


def test_it_is_in_the_calendar_and_can_be_moved_and_taken_back(hour: Hour, special: Path) -> None:
    for time in ("12:00", "13:00"):
        open_later(paris("2026-11-26 19:00"), special, hour.newsroom, hour.engine, paris(f"2026-11-27 {time}"))
    entries = upcoming(hour.newsroom, hour.engine, paris("2026-11-26 19:00"), 1)
    (entry,) = [entry for entry in entries if entry.state == "planned"]
    assert (entry.at, entry.issue) == (paris("2026-11-27 13:00"), special.relative_to(hour.root).as_posix())
    skip(paris("2026-11-26 19:01"), hour.newsroom, hour.engine, "vendredi", FRIDAY, "edition-speciale")
    hour.at("2026-11-27 13:00")
    assert [mailing.slug for mailing in hour.mailings] == [""]


def test_in_a_long_gap_it_asks_too(hour: Hour, special: Path) -> None:
    open_later(paris("2026-11-26 19:00"), special, hour.newsroom, hour.engine, paris("2026-11-27 12:00"))
    hour.at("2026-11-27 07:00")
    hour.write(long_gap="1h")
    hour.at("2026-11-27 14:00", after="2026-11-27 11:00")
    assert len(hour.mailings) == 1
    assert "filigrane skip vendredi/2026-11-27-edition-speciale" in hour.relay.last()


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("2026-11-26 18:00", "over"),
        ("demain", "is written"),
        ("25:00", "is written"),
        ("9999-12-31 23:59-14:00", "is written"),
    ],
)
def test_times_that_are_none(hour: Hour, time: str, says: str) -> None:
    assert says in str(send(hour, f"vendredi/{FRIDAY}", "--at", time).exception)


def test_what_is_not_approved_or_sent_already_is_refused(hour: Hour) -> None:
    later = paris("2026-11-27 15:00")
    hour.at("2026-11-27 07:00")
    with pytest.raises(Refused, match="filigrane mailings 1"):
        open_later(paris("2026-11-27 08:00"), hour.friday, hour.newsroom, hour.engine, later)
    path = write_issue(hour.root, "vendredi", paris("2026-12-04 12:00").date())
    with pytest.raises(Refused, match="not approved"):
        open_later(paris("2026-11-27 08:00"), path, hour.newsroom, hour.engine, later)


def test_a_publication_nobody_has_looked_at_yet_owes_nothing_more_by_it(hour: Hour) -> None:
    hour.engine.dispose()
    (hour.root / "var" / "filigrane.db").unlink()
    hour.__dict__.pop("engine")
    open_later(paris("2026-11-23 11:00"), hour.friday, hour.newsroom, hour.engine, paris("2026-11-27 15:00"))
    hour.at("2026-11-23 12:00")
    assert hour.relay.messages == []
    hour.at("2026-11-27 15:00")
    assert len(hour.mailings) == 1


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_date_at_the_end_of_the_calendar_is_no_due_date(hour: Hour, day: str) -> None:
    result = CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), "skip", f"vendredi/{day}"])
    assert isinstance(result.exception, WrongUsage)


def test_the_alert_names_the_day_for_which_it_was_asked_and_the_day_until_which_it_leaves(hour: Hour) -> None:
    """Friday's issue, asked for on Monday evening: neither Friday nor the hour alone would be true."""
    open_later(paris("2026-11-26 19:00"), hour.friday, hour.newsroom, hour.engine, paris("2026-11-30 20:51"))
    unapprove(hour.friday)
    hour.at("2026-11-30 20:51")
    subject, text = hour.relay.subjects()[-1], " ".join(hour.relay.last().split())
    assert "Friday, November 27, 2026" in subject
    assert "was due on Monday, November 30, 2026 at 8:51" in text
    assert "until Tuesday, December 1, 2026 at 2:51" in text
    assert "Friday" not in text
