"""A letter to nobody: it is held and told, refused by hand, and its issue is not used up."""

from __future__ import annotations

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import update

from composer.cli import filigrane
from composer.schedule.upcoming import upcoming
from composer.subscribers.tables import subscriptions
from tests.schedule.support.sample_hour import READERS, SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY

ISSUE = f"vendredi/{FRIDAY}"


def readers(hour: Hour, status: str) -> None:
    """What every subscription to Friday's letter is: active, or unsubscribed."""
    with hour.engine.begin() as connection:
        change = update(subscriptions).where(subscriptions.c.publication == "vendredi").values(status=status)
        connection.execute(change)


def call(hour: Hour, *arguments: str, at: str = "2026-11-26 19:00") -> Result:
    with time_machine.travel(paris(at), tick=False):
        return CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), *arguments])


@pytest.fixture
def empty(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> Hour:
    """Friday's letter has no reader. Saturday's has all of them."""
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    readers(hour, "unsubscribed")
    return hour


@pytest.mark.usefixtures("each_engine")
def test_at_its_hour_it_is_held_and_told_and_leaves_by_itself_once_there_are_readers(empty: Hour) -> None:
    assert [event.state for event in empty.at("2026-11-27 07:00")] == ["held", "alerted"]
    assert empty.state() == ("held", "no-readers")
    assert empty.mailings == []
    assert "filigrane subscribers export --publication vendredi" in empty.relay.last()
    assert empty.at("2026-11-27 07:00:30") == []
    readers(empty, "active")
    assert [event.state for event in empty.at("2026-11-27 09:00")] == ["mailed"]
    assert empty.queued == READERS


def test_until_it_is_too_late_for_good(empty: Hour) -> None:
    empty.at("2026-11-27 07:00")
    empty.at("2026-11-27 13:00:30")
    assert empty.state() == ("missed", "no-readers")
    assert "filigrane subscribers export" in empty.relay.last()
    readers(empty, "active")
    assert call(empty, "send", ISSUE, "--yes", at="2026-11-27 14:00").exit_code == 0
    assert empty.state() == ("mailed", None)
    assert empty.queued == READERS


def test_a_letter_that_got_readers_too_late_is_not_said_to_have_been_forgotten(empty: Hour) -> None:
    empty.at("2026-11-27 07:00")
    readers(empty, "active")
    empty.at("2026-11-27 13:00:30")
    assert empty.state() == ("missed", "too-late")
    assert "it was held (no reader in this database)" in empty.relay.last()


def test_a_database_without_the_list_is_named_and_so_is_the_import(hour: Hour) -> None:
    with hour.engine.begin() as connection:
        connection.execute(subscriptions.delete())
    hour.at("2026-11-27 07:00")
    said = hour.relay.last()
    assert "filigrane subscribers import FILE --publication vendredi" in said
    assert "var/filigrane.db" in said
    assert "FILIGRANE_DATABASE_URL" in said


def test_a_rehearsal_that_allows_no_reader_is_held_and_the_real_letter_still_leaves(hour: Hour) -> None:
    hour.write(only_to=["permanence@example.org"])
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "no-readers")
    assert "only_to" in hour.relay.last()
    hour.write()
    hour.at("2026-11-27 07:10")
    assert hour.queued == READERS


def test_by_hand_it_is_refused_and_may_be_sent_once_there_are_readers(empty: Hour) -> None:
    refused = call(empty, "send", ISSUE, "--yes")
    assert refused.exit_code == 1
    assert "filigrane subscribers export --publication vendredi" in str(refused.exception)
    assert empty.mailings == []
    readers(empty, "active")
    assert call(empty, "send", ISSUE, "--yes").exit_code == 0
    assert empty.queued == READERS


@pytest.mark.slow
def test_asked_for_at_a_time_it_is_said_at_once_and_held_then(empty: Hour) -> None:
    asked = call(empty, "send", ISSUE, "--at", "2026-11-27 15:00")
    assert asked.exit_code == 0
    assert "would be held then" in asked.stderr
    entries = upcoming(empty.newsroom, empty.engine, paris("2026-11-26 19:00"), 1)
    assert [entry.reason for entry in entries if entry.state == "planned"] == ["no-readers"]
    empty.at("2026-11-27 15:00")
    assert empty.state() == ("held", "no-readers")
    readers(empty, "active")
    empty.at("2026-11-27 15:10")
    assert empty.queued == READERS


def test_before_the_hour_the_reminder_and_the_calendar_say_it(empty: Hour) -> None:
    empty.at("2026-11-26 20:00")
    assert "filigrane subscribers export --publication vendredi" in empty.relay.last()
    lines = call(empty, "calendar", "--weeks", "1").stdout.splitlines()
    (friday,) = [line for line in lines if "27 Nov" in line]
    (saturday,) = [line for line in lines if "28 Nov" in line]
    assert "no reader in this database" in friday
    assert "no reader" not in saturday
