"""What to do about a due date: a table, since it is a pure function."""

from __future__ import annotations

from datetime import UTC, datetime
from datetime import date as Date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.approval.model import Seal, Sealed
from composer.issue.model import IssueKey
from composer.newsroom.model import Schedule
from composer.schedule.calendar import Due, last_departure
from composer.schedule.decision import Decision, Hold, Mail, Miss, Nothing, Sent, Skip, decide

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = Date(2026, 11, 27)
DUE = Due(datetime(2026, 11, 27, 7, tzinfo=PARIS).astimezone(UTC), FRIDAY)
SCHEDULE = Schedule.model_validate({"every": ("friday",), "at": "07:00", "catch_up": "6h"})

SEAL = Seal(IssueKey("vendredi", FRIDAY), "0" * 64, "Odile", DUE.at, "Sujet", "", {}, {})
SEALED = Sealed(SEAL)
NOT_SEALED = Hold("not-sealed", "it is not approved")
NO_FILE = Hold("no-file", "there is none")


def at(hour: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-27T{hour}").replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "found", "expected"),
    [
        ("06:59:59", SEALED, Nothing()),
        ("06:59:59", NO_FILE, Nothing()),
        ("07:00", SEALED, Mail(SEAL)),
        ("13:00", SEALED, Mail(SEAL)),
        ("07:00", NOT_SEALED, NOT_SEALED),
        ("12:59", NOT_SEALED, NOT_SEALED),
        ("13:00:01", NOT_SEALED, Miss("not-sealed", "it is not approved")),
        ("07:00", NO_FILE, NO_FILE),
        ("13:00:01", NO_FILE, Miss("no-file", "there is none")),
    ],
)
def test_decision(now: str, found: Sealed | Hold, expected: Decision) -> None:
    assert decide(at(now), DUE, SCHEDULE, PARIS, found) == expected


def test_an_approved_issue_is_not_sent_too_late() -> None:
    decision = decide(at("13:00:01"), DUE, SCHEDULE, PARIS, SEALED)
    assert isinstance(decision, Miss)
    assert decision.reason == "too-late"


NOTHING_RAN = "nothing ran Filigrane while it could still leave"


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        (None, NOTHING_RAN),
        ("too-late", NOTHING_RAN),
        ("outside-window", NOTHING_RAN),
        ("source-changed", "it was held (changed after its approval) for as long as it could have left"),
    ],
)
def test_a_miss_says_what_had_held_the_issue_until_then(held: str | None, sentence: str) -> None:
    assert decide(at("13:00:01"), DUE, SCHEDULE, PARIS, SEALED, held=held) == Miss("too-late", sentence)


@pytest.mark.parametrize(
    ("asks", "beginning"),
    [("long-gap", "Filigrane did not run for a long time"), ("restored", "the database was restored from a backup")],
)
def test_a_letter_that_may_have_left_already_never_leaves_by_itself(asks: str, beginning: str) -> None:
    for found in (SEALED, NOT_SEALED):
        for now, expected in (("07:00", Hold), ("13:00", Hold), ("13:00:01", Miss)):
            decision = decide(at(now), DUE, SCHEDULE, PARIS, found, asks=asks)
            assert isinstance(decision, expected)
            assert decision.reason == asks
            assert decision.sentence.startswith(beginning)


def test_an_approved_issue_waits_for_the_window_to_open() -> None:
    early = Due(at("05:00"), FRIDAY)
    decision = decide(at("05:00"), early, SCHEDULE, PARIS, SEALED)
    assert isinstance(decision, Hold)
    assert decision.reason == "outside-window"
    assert decision.sentence.endswith("; it leaves at 06:00")
    assert decide(at("06:00"), early, SCHEDULE, PARIS, SEALED) == Mail(SEAL)


def test_what_is_not_approved_is_told_before_the_window() -> None:
    assert decide(at("05:00"), Due(at("05:00"), FRIDAY), SCHEDULE, PARIS, NOT_SEALED) == NOT_SEALED


def test_a_skipped_date_is_skipped_whatever_there_is() -> None:
    for found in (SEALED, NOT_SEALED, NO_FILE):
        assert decide(at("07:00"), Due(DUE.at, FRIDAY, True), SCHEDULE, PARIS, found) == Skip("skip-date")


def test_what_was_sent_by_hand_is_neither_held_nor_missed() -> None:
    for now in ("07:00", "20:00"):
        for found in (SEALED, NOT_SEALED, NO_FILE):
            assert decide(at(now), DUE, SCHEDULE, PARIS, found, mailing=12) == Sent(12)


@pytest.mark.parametrize(
    ("now", "found", "expected"),
    [
        ("09:00", NO_FILE, Skip("before-first-tick")),
        ("20:00", SEALED, Skip("before-first-tick")),
        ("20:00", NOT_SEALED, Skip("before-first-tick")),
        ("09:00", NOT_SEALED, NOT_SEALED),
        ("09:00", SEALED, Mail(SEAL)),
    ],
)
def test_a_publication_seen_for_the_first_time_owes_only_what_can_still_leave(
    now: str, found: Sealed | Hold, expected: Decision
) -> None:
    assert decide(at(now), DUE, SCHEDULE, PARIS, found, known=False) == expected


@given(minutes=st.integers(-60, 3000), hours=st.integers(0, 48), found=st.sampled_from([SEALED, NOT_SEALED, NO_FILE]))
def test_nothing_leaves_early_late_at_night_or_unapproved(minutes: int, hours: int, found: Sealed | Hold) -> None:
    schedule = Schedule.model_validate({"every": ("friday",), "at": "07:00", "catch_up": f"{hours}h"})
    now = datetime.fromtimestamp(DUE.at.timestamp() + 60 * minutes, UTC)
    decision = decide(now, DUE, schedule, PARIS, found)
    if isinstance(decision, Mail):
        assert found is SEALED
        assert DUE.at <= now <= last_departure(schedule, PARIS, DUE)
        assert now.astimezone(PARIS).time() in schedule.window
    if isinstance(decision, Nothing):
        assert now < DUE.at
