"""“Friday 07:00” is a promise: what happens at the hour, and when things are not as they should be at the hour."""

from __future__ import annotations

import email
import email.policy
import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select

from composer.approval.freeze import unapprove
from composer.approval.model import Seal, Sealed
from composer.approval.verify import verdict
from composer.delivery.ledger.enqueue import open_mailing
from composer.delivery.tables import mailing_editions
from composer.message import SlotValues, Template
from composer.newsroom.model import Schedule
from composer.rendering.templates import shipped
from composer.schedule.calendar import Due
from tests.schedule.support.sample_hour import READERS, SECRET, Hour, paris
from tests.support import databases
from tests.support.newsrooms import FRIDAY, SATURDAY, write_issue

pytestmark = pytest.mark.usefixtures("each_engine")


def test_on_the_hour_it_leaves_once(hour: Hour) -> None:
    assert hour.at("2026-11-27 06:59:59") == []
    (event,) = hour.at("2026-11-27 07:00")
    assert (event.publication, event.due_date, event.state) == ("vendredi", FRIDAY, "mailed")
    assert hour.at("2026-11-27 07:00:30") == hour.at("2026-11-27 12:00") == []
    (mailing,) = hour.mailings
    assert mailing.dated == paris("2026-11-27 07:00")
    assert hour.queued == READERS
    assert hour.relay.messages == []


_RACER = """
import sys, time
from datetime import datetime
from pathlib import Path
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url
from composer.newsroom.model import Schedule
from composer.rendering.templates import shipped
from composer.schedule.calendar import Due
from composer.schedule.tick import tick
from composer.subscribers.new_database import create_keyed
root = Path(sys.argv[1])
newsroom = load_newsroom(root)
engine = create_keyed(database_url(newsroom), root)
print("ready", flush=True)
sys.stdin.readline()
for event in tick(datetime.fromisoformat(sys.argv[2]), newsroom, engine, bytes.fromhex(sys.argv[3])).events:
    print(event.state, flush=True)
"""


def racers(hour: Hour, instant: str, count: int) -> list[str]:
    """What several processes, each with a daemon's tick, do at the same instant."""
    command = [sys.executable, "-c", _RACER, str(hour.root), paris(instant).isoformat(), SECRET.hex()]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * count
    return sorted(word for words in said for word in words)


@pytest.mark.slow
def test_two_daemons_at_the_due_instant_open_one_mailing(hour: Hour) -> None:
    hour.running_until("2026-11-27 07:00")
    assert racers(hour, "2026-11-27 07:00", 2) == ["mailed"]
    assert len(hour.mailings) == 1
    assert hour.queued == READERS
    assert [row.state for row in hour.occurrences("vendredi")] == ["skipped", "mailed"]


@pytest.mark.slow
def test_two_daemons_that_find_it_held_then_approved_open_one_mailing(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.at("2026-11-27 07:00")
    hour.approve(hour.friday)
    assert racers(hour, "2026-11-27 07:10", 2) == ["mailed"]
    assert len(hour.mailings) == 1
    assert hour.queued == READERS


_KILLED = """
import os, sys
import composer.schedule.tick
room = sys.modules['composer.schedule.tick']
real = room.open_mailing
def open_and_die(*args, **kwargs):
    assert real(*args, **kwargs) is not None
    os._exit(9)
room.open_mailing = open_and_die
"""


@pytest.mark.slow
def test_killed_while_opening_nothing_is_lost_and_nothing_is_twice(hour: Hour) -> None:
    hour.running_until("2026-11-27 07:00")
    command = [sys.executable, "-c", _KILLED + _RACER, str(hour.root), paris("2026-11-27 07:00").isoformat(), "07" * 32]
    died = subprocess.run(command, input="\n", text=True, capture_output=True, check=False)
    assert died.returncode == 9
    assert hour.mailings == []
    assert [event.state for event in hour.at("2026-11-27 07:00:30")] == ["mailed"]
    assert len(hour.mailings) == 1
    assert hour.queued == READERS


def test_down_at_seven_back_at_nine_it_is_sent(hour: Hour) -> None:
    assert [event.state for event in hour.at("2026-11-27 09:00")] == ["mailed"]
    assert hour.mailings[0].dated == paris("2026-11-27 09:00")
    assert hour.relay.messages == []


@pytest.mark.parametrize("back", ["2026-11-27 13:00:01", "2026-11-27 22:00", "2026-12-02 10:00"])
def test_back_after_the_window_it_is_missed_alerted_and_not_sent(hour: Hour, back: str) -> None:
    assert ("missed", "too-late") in [(event.state, event.reason) for event in hour.at(back)]
    assert hour.mailings == []
    assert hour.state() == ("missed", "too-late")
    told = [message for message in hour.relay.messages if "vendredi" in str(message["Subject"])]
    assert len(told) == 1
    assert "not sent" in str(told[0]["Subject"])
    assert "filigrane send issues/vendredi/2026-11-27.yaml" in told[0].get_content()
    assert hour.at(back) == []


def test_back_at_night_it_waits_for_the_morning(hour: Hour) -> None:
    hour.write(schedule={"catch_up": "24h"})
    hour.at("2026-11-27 22:00")
    assert hour.state() == ("held", "outside-window")
    assert "06:00" in hour.relay.last() or "6:00" in hour.relay.last()
    hour.at("2026-11-28 05:59")
    assert hour.mailings == []
    hour.at("2026-11-28 06:00")
    assert [(mailing.publication, mailing.date) for mailing in hour.mailings] == [("vendredi", FRIDAY)]


def test_the_hour_changed_after_sending_sends_nothing_twice(hour: Hour) -> None:
    hour.at("2026-11-27 07:00")
    hour.write(schedule={"at": "07:30"})
    assert hour.at("2026-11-27 07:30") == []
    assert hour.at("2026-11-27 07:31") == []
    assert len(hour.mailings) == 1
    assert hour.queued == READERS


def test_edited_after_approval_it_is_held_and_alerted_and_sent_once_approved_again(hour: Hour) -> None:
    write_issue(hour.root, "vendredi", FRIDAY, subject="La digue a tenu")
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "source-changed")
    assert hour.mailings == []
    assert [subject.endswith("held, nothing was sent") for subject in hour.relay.subjects()] == [True]
    assert "filigrane approve issues/vendredi/2026-11-27.yaml --by" in hour.relay.last()
    assert "1:00" in hour.relay.last()  # until when it may still leave
    hour.approve(hour.friday)
    assert [event.state for event in hour.at("2026-11-27 08:10")] == ["mailed"]
    assert [mailing.subject for mailing in hour.mailings] == ["La digue a tenu"]
    assert hour.state() == ("mailed", None)
    assert len(hour.relay.messages) == 1


def test_not_approved_in_time_it_is_missed_and_told_again(hour: Hour) -> None:
    unapprove(hour.friday)
    for instant in ("2026-11-27 07:00", "2026-11-27 07:00:30", "2026-11-27 12:59:59", "2026-11-27 13:00:30"):
        hour.at(instant)
    assert hour.state() == ("missed", "not-sealed")
    assert [subject.rpartition(": ")[2] for subject in hour.relay.subjects()] == ["held, nothing was sent", "not sent"]
    hour.approve(hour.friday)
    hour.at("2026-11-27 13:01")
    assert hour.mailings == []


def letter(hour: Hour, audience: str) -> EmailMessage:
    """What a reader of that edition is going to receive."""
    with hour.engine.begin() as connection:
        query = select(mailing_editions.c.template).where(mailing_editions.c.audience == audience)
        template = Template.loads(connection.execute(query).scalar_one())
    content = template.fill(SlotValues(to="lectrice@lecteurs.example", message_id="1", unsubscribe="TOKEN"))
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.slow
def test_a_template_changed_after_approval_does_not_change_what_is_sent(hour: Hour) -> None:
    found = verdict(hour.friday, hour.newsroom)
    assert isinstance(found, Sealed)
    (hour.root / "templates").mkdir()
    for name in ("letter.txt.j2", "style.css.j2"):
        text = (shipped() / name).read_text(encoding="utf-8") + "/* changed since */"
        (hour.root / "templates" / name).write_text(text, encoding="utf-8")
    assert [event.state for event in hour.at("2026-11-27 07:00")] == ["mailed"]
    for audience in ("free", "paid"):
        edition = found.seal.editions[audience, "fr"]
        for subtype, approved in (("html", edition.html), ("plain", edition.text)):
            part = letter(hour, audience).get_body((subtype,))
            assert part is not None
            sent = part.get_content().replace("\r\n", "\n").rstrip("\n")
            assert sent == approved.replace(edition.slots["unsubscribe"], "TOKEN").rstrip("\n")
    hour.approve(hour.friday)
    assert "changed since" in (hour.friday.with_suffix(".sealed") / "free.fr.txt").read_text(encoding="utf-8")


def test_friday_s_sending_does_not_void_saturday_s_seal(hour: Hour) -> None:
    saturday = hour.root / "issues" / "samedi" / f"{SATURDAY}.yaml"
    before = verdict(saturday, hour.newsroom)
    hour.at("2026-11-27 07:00")
    assert verdict(saturday, hour.newsroom) == before
    assert [(event.publication, event.state) for event in hour.at("2026-11-28 08:30")] == [("samedi", "mailed")]
    assert [mailing.publication for mailing in hour.mailings] == ["vendredi", "samedi"]
    assert hour.relay.messages == []


@pytest.mark.parametrize(
    ("date", "instant"), [("2026-03-29", "2026-03-29T03:30+02:00"), ("2026-10-25", "2026-10-25T02:30+02:00")]
)
def test_paris_clock_changes_of_march_and_october_ring_at_the_right_instant(
    hour: Hour, date: str, instant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """02:30 is skipped in March and comes twice in October, when the first one counts."""
    hour.engine.dispose()
    if (server := databases.postgres()) is None:
        (hour.root / "var" / "filigrane.db").unlink()
    else:
        monkeypatch.setenv("FILIGRANE_DATABASE_URL", server.new_database())
    hour.__dict__.pop("engine")
    sunday: dict[str, object] = {"every": ["sunday"], "at": "02:30", "window": "00:00-23:59", "remind": []}
    hour.write(schedule=sunday, long_gap="30d")
    at = datetime.fromisoformat(instant)
    hour.at(f"{date[:8]}{int(date[8:]) - 3:02d} 12:00")
    states: list[list[str]] = []
    for seconds in (-1, 0, 3600):
        moment = at.timestamp() + seconds
        events = hour.look(datetime.fromtimestamp(moment, UTC))
        states.append([event.state for event in events if event.publication == "vendredi"])
    assert states == [[], ["held", "alerted"], []]
    assert hour.occurrences("vendredi")[-1].due_at == at


@pytest.mark.slow
def test_a_defect_on_one_issue_holds_that_one_and_the_others_leave(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    hour.write(schedule={"every": ["saturday"], "at": "08:30"})
    hour.approve(write_issue(hour.root, "vendredi", SATURDAY))

    def broken(connection: Connection, *, seal: Seal, **others: Any) -> int | None:
        if seal.key.publication == "samedi":
            raise KeyError("unsubscribe")
        return open_mailing(connection, seal=seal, **others)

    monkeypatch.setattr(sys.modules["composer.schedule.tick"], "open_mailing", broken)
    events = hour.at("2026-11-28 08:30")
    assert {(event.publication, event.state) for event in events} >= {("vendredi", "mailed"), ("samedi", "held")}
    assert [mailing.publication for mailing in hour.mailings] == ["vendredi"]
    assert any("unexpected error" in str(message.get_content()) for message in hour.relay.messages)
    monkeypatch.undo()
    assert [event.state for event in hour.at("2026-11-28 08:31")] == ["mailed"]


def test_a_defect_in_one_publication_s_dates_stops_no_other_one(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["composer.schedule.tick"]
    real, broken = module.latest_due, hour.newsroom.publications["vendredi"].schedule

    def latest_due(schedule: Schedule, zone: ZoneInfo, now: datetime) -> Due:
        if schedule == broken:
            raise KeyError("friday")
        return real(schedule, zone, now)  # type: ignore[no-any-return] # reason: taken from the module as it is

    monkeypatch.setattr(module, "latest_due", latest_due)
    assert [(event.publication, event.state) for event in hour.at("2026-11-28 08:30")] == [("samedi", "mailed")]
    monkeypatch.undo()
    hour.at("2026-11-28 08:31")
    assert hour.state() == ("missed", "too-late")
