"""Sending off schedule goes through the same door, and the same UNIQUE."""

from __future__ import annotations

import pytest

from composer.approval.freeze import unapprove
from composer.errors import Refused
from composer.schedule.manual import open_now
from tests.schedule.support.sample_hour import READERS, SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY, write_issue


def send(hour: Hour, instant: str) -> int:
    return open_now(paris(instant), hour.friday, hour.newsroom, hour.engine, SECRET)


def test_sent_by_hand_before_the_hour_it_is_not_sent_at_the_hour(hour: Hour) -> None:
    mailing = send(hour, "2026-11-26 20:00")
    write_issue(hour.root, "vendredi", FRIDAY, subject="Changé depuis")
    assert [(event.state, event.mailing_id) for event in hour.at("2026-11-27 07:00")] == [("mailed", mailing)]
    assert hour.queued == READERS
    assert hour.relay.messages == []


def test_sent_by_hand_once_it_was_missed_it_counts_as_mailed(hour: Hour) -> None:
    hour.at("2026-11-27 15:00")
    assert hour.state() == ("missed", "too-late")
    send(hour, "2026-11-27 15:10")
    assert hour.state() == ("mailed", None)
    assert hour.queued == READERS


def test_twice_by_hand_is_refused(hour: Hour) -> None:
    mailing = send(hour, "2026-11-26 20:00")
    with pytest.raises(Refused, match=f"filigrane mailings {mailing}"):
        send(hour, "2026-11-26 20:01")
    assert hour.queued == READERS


def test_what_is_not_approved_is_refused(hour: Hour) -> None:
    unapprove(hour.friday)
    with pytest.raises(Refused, match="filigrane approve"):
        send(hour, "2026-11-26 20:00")
    assert hour.mailings == []
