"""The past of a publication that Filigrane never saw is nobody's broken promise; what comes after is one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from composer.approval.freeze import unapprove
from tests.schedule.support.sample_hour import Hour, Relay
from tests.support.newsrooms import FRIDAY, write_publication


@pytest.fixture
def fresh(approved: Path, tmp_path: Path, relay: Relay) -> Hour:
    """The same newsroom, and no tick ever."""
    shutil.copytree(approved, tmp_path / "newsroom")
    hour = Hour(tmp_path / "newsroom", relay)
    hour.write()
    return hour


def test_a_week_whose_issue_never_was_is_not_alerted(fresh: Hour) -> None:
    fresh.at("2026-11-23 10:00")
    assert [(row.state, row.reason) for row in fresh.occurrences("vendredi")] == [("skipped", "before-first-tick")]
    assert fresh.relay.messages == []


def test_installed_at_nine_on_friday_an_approved_issue_still_leaves(fresh: Hour) -> None:
    fresh.at("2026-11-27 09:00")
    assert [mailing.publication for mailing in fresh.mailings] == ["vendredi"]


def test_installed_at_nine_on_friday_an_issue_not_approved_is_held(fresh: Hour) -> None:
    unapprove(fresh.friday)
    fresh.at("2026-11-27 09:00")
    assert fresh.state() == ("held", "not-sealed")


def test_installed_on_wednesday_last_friday_s_issue_does_not_leave(fresh: Hour) -> None:
    fresh.at("2026-12-02 10:00")
    assert fresh.mailings == []
    assert fresh.state() == ("skipped", "before-first-tick")
    assert fresh.relay.messages == []


def test_the_first_friday_after_the_first_tick_is_owed(fresh: Hour) -> None:
    shutil.rmtree(fresh.root / "issues")
    fresh.at("2026-11-23 10:00")
    fresh.at("2026-11-27 07:00")
    assert fresh.state() == ("held", "no-file")
    assert len(fresh.relay.messages) == 1


def test_a_publication_added_later_has_its_own_first_tick(fresh: Hour) -> None:
    fresh.at("2026-11-23 10:00")
    write_publication(fresh.root, "midi", {"every": ["monday", "tuesday", "thursday"], "at": "12:00"})
    fresh.at("2026-11-25 10:00")
    assert fresh.relay.messages == []
    fresh.at("2026-11-26 12:00")
    assert [(row.due_date.day, row.state) for row in fresh.occurrences("midi")] == [(24, "skipped"), (26, "held")]


def test_gone_for_a_week_every_missed_date_is_told(fresh: Hour) -> None:
    fresh.at("2026-11-23 10:00")
    fresh.write(long_gap="500h")
    fresh.at("2026-12-05 18:00", after="2026-11-23 10:00")
    assert [(row.due_date.day, row.state) for row in fresh.occurrences("vendredi")][1:] == [
        (27, "missed"),
        (4, "missed"),
    ]
    assert fresh.occurrences("vendredi")[1].due_date == FRIDAY
    assert len([subject for subject in fresh.relay.subjects() if "not sent" in subject]) == 4


def test_a_skipped_date_is_recorded_and_nobody_is_told(fresh: Hour) -> None:
    fresh.at("2026-11-23 10:00")
    fresh.write(schedule={"skip": [str(FRIDAY)]})
    fresh.at("2026-11-27 07:00")
    assert fresh.state() == ("skipped", "skip-date")
    assert fresh.mailings == []
    assert fresh.relay.messages == []
