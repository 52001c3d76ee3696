"""After a long silence of the clock nothing leaves by itself: the letter may be out already, from elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, update

from composer import clock
from composer.approval.freeze import unapprove
from composer.cli import filigrane
from composer.database import db_now
from composer.delivery.ledger.place import copied
from composer.delivery.tables import mailings, workers
from composer.errors import Refused
from composer.schedule.downtime import hold_stale, ticked
from composer.schedule.manual import open_now, skip
from composer.subscribers.tables import fingerprints
from tests.schedule.support.sample_hour import READERS, SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY


def test_due_in_a_long_gap_it_is_held_and_asks(hour: Hour) -> None:
    assert [event.state for event in hour.at("2026-11-27 09:00", after="2026-11-26 20:00")] == ["held", "alerted"]
    assert hour.state() == ("held", "long-gap")
    assert hour.mailings == []
    assert "filigrane send issues/vendredi/2026-11-27.yaml" in hour.relay.last()
    assert "filigrane skip vendredi/2026-11-27" in hour.relay.last()


def test_it_goes_on_asking_at_the_ticks_that_follow_and_is_told_once(hour: Hour) -> None:
    hour.at("2026-11-27 09:00", after="2026-11-26 20:00")
    assert hour.at("2026-11-27 09:00:30") == []
    unapprove(hour.friday)
    hour.at("2026-11-27 09:01")
    hour.approve(hour.friday)
    assert hour.at("2026-11-27 09:01:30") == []
    assert hour.state() == ("held", "long-gap")
    assert len(hour.relay.messages) == 1


def test_held_before_the_gap_and_approved_during_it_asks_too(hour: Hour) -> None:
    """A copy of the database from 07:30, when it was held; it was approved and sent at 08:00, and the disk died."""
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    hour.approve(hour.friday)
    hour.write(long_gap="3h")
    hour.at("2026-11-27 12:00", after="2026-11-27 07:30")
    assert hour.state() == ("held", "long-gap")


def test_not_approved_at_the_first_tick_and_approved_at_the_second_it_still_asks(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.at("2026-11-27 09:00", after="2026-11-26 20:00")
    hour.approve(hour.friday)
    hour.at("2026-11-27 09:01")
    assert hour.state() == ("held", "long-gap")


def test_what_falls_due_after_the_gap_leaves(hour: Hour) -> None:
    hour.at("2026-11-27 06:59:50", after="2026-11-23 12:00")
    assert [event.state for event in hour.at("2026-11-27 07:00")] == ["mailed"]


def test_a_gap_that_is_not_long_is_caught_up(hour: Hour) -> None:
    assert [event.state for event in hour.at("2026-11-27 12:29", after="2026-11-27 06:30")] == ["mailed"]
    assert hour.queued == READERS


def test_the_length_is_a_setting(hour: Hour) -> None:
    hour.write(long_gap="10m")
    hour.at("2026-11-27 07:05", after="2026-11-27 06:50")
    assert hour.state() == ("held", "long-gap")


def test_a_person_sends_it(hour: Hour) -> None:
    hour.at("2026-11-27 09:00", after="2026-11-26 20:00")
    open_now(paris("2026-11-27 09:10"), hour.friday, hour.newsroom, hour.engine, SECRET)
    assert hour.at("2026-11-27 09:11") == []
    assert (hour.state(), hour.queued) == (("mailed", None), READERS)


@pytest.mark.parametrize("said", ["before", "after", "never"])
def test_in_a_copy_what_falls_due_later_leaves_once_it_is_said_to_be_the_newsroom(said: str, hour: Hour) -> None:
    """Before a process has found it to be a copy, or after."""

    def say_so() -> None:
        typed = CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), "db", "here", "--yes"])
        assert (typed.exit_code, "leaves from here" in typed.output) == (0, True)

    with hour.engine.begin() as connection:
        assert not copied(connection)
        connection.execute(update(fingerprints).where(fingerprints.c.name == "place").values(fingerprint="elsewhere"))
    if said == "before":
        say_so()
    with hour.engine.begin() as connection:
        assert copied(connection)
    calendar = CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), "calendar"]).output
    assert ("filigrane db here" in calendar) is (said != "before")
    if said == "after":
        say_so()
    hour.at("2026-11-27 07:00", after="2026-11-27 07:00")
    assert hour.state() == (("held", "copied") if said == "never" else ("mailed", None))
    assert said != "never" or "filigrane db here" in hour.relay.last()


def test_a_person_skips_it(hour: Hour) -> None:
    hour.at("2026-11-27 09:00", after="2026-11-26 20:00")
    skip(paris("2026-11-27 09:10"), hour.newsroom, hour.engine, "vendredi", FRIDAY)
    assert hour.at("2026-11-27 09:11") == []
    assert hour.state() == ("skipped", "by-hand")
    assert hour.mailings == []


def test_undecided_until_too_late_it_is_missed_for_the_same_reason(hour: Hour) -> None:
    hour.at("2026-11-27 09:00", after="2026-11-26 20:00")
    hour.at("2026-11-27 14:00")
    assert hour.state() == ("missed", "long-gap")
    assert "may have left" in hour.relay.last()
    assert "nobody decided" in hour.relay.subjects()[-1]
    assert "was not sent" not in hour.relay.last()


def test_a_database_that_says_it_was_restored_asks_however_short_the_gap(hour: Hour) -> None:
    with hour.engine.begin() as connection:
        ticked(connection, paris("2026-11-27 06:50"), restored_at=paris("2026-11-27 07:04"))
    hour.at("2026-11-27 07:05")
    assert hour.state() == ("held", "restored")
    assert hour.mailings == []
    hour.at("2026-11-28 08:30")
    assert [(row.publication, str(row.date)) for row in hour.mailings] == [("samedi", "2026-11-28")]  # as ever


@pytest.mark.slow
@pytest.mark.parametrize(
    ("publication", "date", "says"),
    [
        ("vendredi", "2026-12-04", "still to come"),
        ("vendredi", "2026-11-26", "not due on"),
        ("lundi", "x", "named as"),
    ],
)
def test_what_cannot_be_skipped(hour: Hour, publication: str, date: str, says: str) -> None:
    result = CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), "skip", f"{publication}/{date}"])
    assert says in str(result.exception)


def test_what_is_being_sent_is_cancelled_not_skipped(hour: Hour) -> None:
    hour.at("2026-11-27 07:00")
    with pytest.raises(Refused, match="filigrane mailings cancel 1"):
        skip(paris("2026-11-27 07:10"), hour.newsroom, hour.engine, "vendredi", FRIDAY)


def test_what_was_opened_a_moment_ago_is_not_stale_though_the_clock_stood_still(hour: Hour) -> None:
    """Somebody who sends by hand, without a daemon: filigrane send, then filigrane worker."""
    open_now(paris("2026-11-27 09:10"), hour.friday, hour.newsroom, hour.engine, SECRET)
    with hour.engine.begin() as connection:
        ticked(connection, clock.now() - timedelta(days=30))
        assert hold_stale(connection, hour.newsroom, clock.now()) == ()
        connection.execute(update(mailings).values(opened_at=db_now(-7 * 3600)))
        assert hold_stale(connection, hour.newsroom, clock.now()) == (1,)
    assert [mailing.state for mailing in hour.mailings] == ["paused"]
    resume = ["--newsroom", str(hour.root), "mailings", "resume", "1"]
    refused = CliRunner().invoke(filigrane, resume)
    assert "Known to have the letter: 0 readers" in str(refused.exception)
    assert f"{READERS} readers would be written to now" in str(refused.exception)
    assert [mailing.state for mailing in hour.mailings] == ["paused"]
    assert CliRunner().invoke(filigrane, [*resume, "--yes"]).exit_code == 0
    assert [mailing.state for mailing in hour.mailings] == ["sending"]


def test_a_worker_that_lived_says_that_nothing_stood_still(hour: Hour) -> None:
    open_now(paris("2026-11-27 09:10"), hour.friday, hour.newsroom, hour.engine, SECRET)
    with hour.engine.begin() as connection:
        ticked(connection, clock.now() - timedelta(days=30))
        connection.execute(update(mailings).values(opened_at=db_now(-7 * 3600)))
        connection.execute(insert(workers).values(host="ailleurs", pid=1))
        assert hold_stale(connection, hour.newsroom, clock.now()) == ()
