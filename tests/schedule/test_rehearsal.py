"""A rehearsal (``only_to``) writes to the addresses named there, and the issue can still be sent to every reader."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

import composer
from composer.approval.freeze import unapprove
from composer.cli import filigrane
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.schedule.manual import open_now, skip
from tests.schedule.support.sample_hour import READERS, SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY

ISSUE = f"vendredi/{FRIDAY}"
ONLY = "lectrice-1@lecteurs.example"


def call(hour: Hour, *arguments: str, at: str = "2026-11-26 19:00") -> Result:
    with time_machine.travel(paris(at), tick=False):
        return CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), *arguments])


def send(hour: Hour, instant: str) -> int:
    return open_now(paris(instant), hour.friday, hour.newsroom, hour.engine, SECRET)


def reached(hour: Hour, mailing: int) -> list[str]:
    """Addresses with a delivery in that mailing."""
    with hour.engine.begin() as connection:
        query = select(deliveries.c.email).where(deliveries.c.mailing_id == mailing).order_by(deliveries.c.email)
        return list(connection.execute(query).scalars())


@pytest.fixture
def rehearsing(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> Hour:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    hour.write(only_to=[ONLY])
    return hour


@pytest.mark.usefixtures("each_engine")
def test_by_hand_then_at_the_hour_to_everybody_once(rehearsing: Hour) -> None:
    first, second = send(rehearsing, "2026-11-26 19:00"), send(rehearsing, "2026-11-26 19:30")
    assert reached(rehearsing, first) == reached(rehearsing, second) == [ONLY]
    rehearsing.write()
    (event,) = rehearsing.at("2026-11-27 07:00")
    assert event.state == "mailed"
    assert event.mailing_id not in (None, first, second)
    assert len(reached(rehearsing, event.mailing_id or 0)) == READERS  # the rehearsal's reader too
    assert rehearsing.at("2026-11-27 07:00:30") == []
    with pytest.raises(Refused, match=f"filigrane mailings {event.mailing_id}"):
        send(rehearsing, "2026-11-27 08:00")
    assert [(row.rehearsal, row.readers) for row in rehearsing.mailings] == [(1, READERS), (2, READERS), (0, None)]


@pytest.mark.usefixtures("each_engine")
def test_what_fell_due_in_rehearsal_leaves_once_only_to_is_taken_out(rehearsing: Hour) -> None:
    assert [event.state for event in rehearsing.at("2026-11-27 07:00")] == ["rehearsed"]
    assert rehearsing.at("2026-11-27 07:00:30") == []
    assert reached(rehearsing, 1) == [ONLY]
    rehearsing.write()
    assert [event.state for event in rehearsing.at("2026-11-27 09:00")] == ["mailed"]
    assert rehearsing.state() == ("mailed", None)
    assert len(reached(rehearsing, 2)) == READERS
    assert rehearsing.at("2026-11-27 09:00:30") == []
    assert rehearsing.relay.messages == []


def test_taken_out_too_late_it_is_missed_told_and_sent_by_hand_alone(rehearsing: Hour) -> None:
    rehearsing.at("2026-11-27 07:00")
    rehearsing.at("2026-11-27 14:00")
    assert rehearsing.state() == ("rehearsed", None)
    assert rehearsing.relay.messages == []  # only_to still says what this is
    rehearsing.write()
    rehearsing.at("2026-11-27 14:30")
    assert rehearsing.state() == ("missed", "rehearsed")
    assert "as a rehearsal" in rehearsing.relay.last()
    assert len(rehearsing.mailings) == 1
    send(rehearsing, "2026-11-27 15:00")
    assert rehearsing.state() == ("mailed", None)


def test_rehearsals_of_weeks_ago_raise_no_alert(rehearsing: Hour) -> None:
    rehearsing.at("2026-11-27 07:00")
    rehearsing.write()
    rehearsing.at("2026-12-20 12:00")
    assert rehearsing.state() == ("rehearsed", None)
    assert not [subject for subject in rehearsing.relay.subjects() if "27 November" in subject]


def test_a_rehearsal_by_hand_settles_no_due_date(rehearsing: Hour) -> None:
    unapprove(rehearsing.friday)
    rehearsing.at("2026-11-27 07:00")
    rehearsing.approve(rehearsing.friday)
    send(rehearsing, "2026-11-27 07:10")
    assert rehearsing.state() == ("held", "not-sealed")
    rehearsing.write()
    assert [event.state for event in rehearsing.at("2026-11-27 07:30")] == ["mailed"]


def test_what_was_rehearsed_may_be_skipped(rehearsing: Hour) -> None:
    rehearsing.at("2026-11-27 07:00")
    skip(paris("2026-11-27 07:10"), rehearsing.newsroom, rehearsing.engine, "vendredi", FRIDAY)
    rehearsing.write()
    rehearsing.at("2026-11-27 07:30")
    assert rehearsing.state() == ("skipped", "by-hand")
    assert len(rehearsing.mailings) == 1


def test_asked_for_at_a_time_it_is_a_rehearsal_then_and_leaves_in_earnest_afterwards(rehearsing: Hour) -> None:
    assert call(rehearsing, "send", ISSUE, "--at", "2026-11-27 15:00").exit_code == 0
    assert [event.state for event in rehearsing.at("2026-11-27 15:00")] == ["rehearsed"]
    rehearsing.write()
    assert [event.state for event in rehearsing.at("2026-11-27 15:30")] == ["mailed"]


@pytest.mark.usefixtures("each_engine")
def test_what_was_sent_is_not_rehearsed_and_never_sent_again(hour: Hour) -> None:
    hour.at("2026-11-27 07:00")
    hour.write(only_to=[ONLY])
    with pytest.raises(Refused, match="filigrane mailings 1"):
        send(hour, "2026-11-27 08:00")
    hour.at("2026-11-27 08:00")
    hour.write()
    hour.at("2026-11-27 09:00")
    assert len(hour.mailings) == 1


@pytest.mark.usefixtures("each_engine")
def test_the_database_itself_allows_one_real_mailing_an_issue(rehearsing: Hour) -> None:
    send(rehearsing, "2026-11-26 19:00")
    rehearsing.write()
    send(rehearsing, "2026-11-26 19:10")
    values = {**rehearsing.mailings[1]._mapping}
    values.pop("id")
    with pytest.raises(IntegrityError), rehearsing.engine.begin() as connection:
        connection.execute(insert(mailings).values(values))


def test_each_surface_says_that_it_is_a_rehearsal_and_to_how_many(rehearsing: Hour) -> None:
    send(rehearsing, "2026-11-26 18:00")
    told = f"rehearsal: 1 of {READERS} readers"
    for command in (("check", ISSUE), ("calendar", "--weeks", "1"), ("mailings",), ("doctor", "--offline")):
        assert told in " ".join(call(rehearsing, *command).output.split()), command
    rehearsing.write(only_to=[ONLY], language="fr")
    assert f"répétition\N{NO-BREAK SPACE}: 1 lecteur sur {READERS}" in call(rehearsing, "mailings").output
    document = json.loads(call(rehearsing, "mailings", "1", "--json").stdout)
    assert (document["rehearsal"], document["readers"], document["total"]) == (1, READERS, 1)
    assert json.loads(call(rehearsing, "check", ISSUE, "--json").stdout)["rehearsal"] is True


def test_without_a_rehearsal_nobody_speaks_of_one(hour: Hour) -> None:
    hour.at("2026-11-27 07:00")
    for command in (("check", ISSUE), ("calendar", "--weeks", "1"), ("mailings",), ("doctor", "--offline")):
        assert "rehearsal" not in call(hour, *command).output, command


def test_the_calendar_tells_what_was_only_rehearsed(rehearsing: Hour) -> None:
    rehearsing.at("2026-11-27 07:00")
    lines = call(rehearsing, "calendar", "--weeks", "1", at="2026-11-27 08:00").stdout.splitlines()
    assert [line for line in lines if "27 Nov" in line and "rehearsal only: mailing 1" in line]
    entries = json.loads(call(rehearsing, "calendar", "--json", at="2026-11-27 08:00").stdout)
    (first,) = [entry for entry in entries if entry["date"] == str(FRIDAY)]
    assert (first["state"], first["mailing"], first["readers"]) == ("rehearsed", 1, None)


def test_mailings_are_looked_up_by_issue_in_one_module() -> None:
    """A query by the date or the slug of an issue that forgets ``rehearsal`` would take a rehearsal for the sending."""
    allowed = {
        "schedule/occurrences.py": 2,  # mailing_of, mailings_of: each with rehearsal == 0
        "delivery/ledger/enqueue.py": 1,  # the number of the next rehearsal
        "delivery/ledger/welcome.py": 1,  # with the number of a day, below 0
        "delivery/ledger/retention.py": 1,  # selected, not compared
        "delivery/ledger/last_letter.py": 1,  # the same
        "archive/sent.py": 2,  # selected and ordered by; rehearsal == 0 is a condition there
        "archive/copy_reader.py": 1,  # selected, not compared; the same condition there
    }
    folder = Path(composer.__file__).parent
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.py")}
    found = {name: len(re.findall(r"mailings\.c\.slug", text)) for name, text in texts.items()}
    assert {name: number for name, number in found.items() if number} == allowed
    assert len(re.findall(r"mailings\.c\.rehearsal == 0", texts["schedule/occurrences.py"])) == 2
