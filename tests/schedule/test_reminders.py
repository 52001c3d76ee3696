"""Before the hour: who is told what is not ready yet, once at each instant, and nothing when all is well."""

from __future__ import annotations

import subprocess
import sys
from datetime import date as Date
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from composer.approval.freeze import unapprove
from composer.issue.model import IssueKey
from composer.newsroom.model import Newsroom, Schedule
from composer.schedule.calendar import next_due
from composer.schedule.reminders import reminder_due
from composer.schedule.tables import notices
from composer.subscribers.address import read_address
from composer.subscribers.tables import subscribers
from tests.schedule.support.sample_hour import PARIS, SECRET, Hour, paris
from tests.support.address_keys import key_of
from tests.support.newsrooms import FRIDAY, ISSUE, write_issue, write_sponsor


def test_nothing_is_said_when_all_is_well(hour: Hour) -> None:
    for instant in ("2026-11-26 19:59", "2026-11-26 20:00", "2026-11-27 06:00", "2026-11-27 06:30"):
        assert hour.at(instant) == []
    assert hour.relay.messages == []


@pytest.mark.slow
def test_not_approved_is_told_once_at_each_instant_to_editor_and_operator(hour: Hour) -> None:
    hour.write(editors=("redaction@example.org",))
    unapprove(hour.friday)
    hour.at("2026-11-26 19:59")
    assert hour.relay.messages == []
    for instant in ("2026-11-26 20:00", "2026-11-26 20:00:30", "2026-11-27 01:00", "2026-11-27 05:59"):
        hour.at(instant)
    assert [message["To"] for message in hour.relay.messages] == ["permanence@example.org", "redaction@example.org"]
    assert "not ready" in hour.relay.subjects()[0]
    assert "filigrane approve issues/vendredi/2026-11-27.yaml" in hour.relay.last()
    hour.at("2026-11-27 06:00")
    hour.at("2026-11-27 06:59:30")
    assert len(hour.relay.messages) == 4


@pytest.mark.slow
def test_all_well_at_the_instant_it_is_not_looked_at_again_until_the_next(hour: Hour) -> None:
    hour.at("2026-11-26 20:00")
    unapprove(hour.friday)
    hour.at("2026-11-26 20:01")
    assert hour.relay.messages == []
    hour.at("2026-11-27 06:00")
    assert len(hour.relay.messages) == 1


def test_the_file_is_missing(hour: Hour) -> None:
    hour.at("2026-12-03 20:00")
    assert "filigrane new vendredi --date 2026-12-04" in hour.relay.last()


def test_findings_are_told_with_their_place_errors_first_and_notes_not(hour: Hour) -> None:
    text = ISSUE.replace("  - masthead: auto\n", "  - sponsor: haut\n").replace("preheader: Trois", "preheader: Quatre")
    write_issue(hour.root, "vendredi", FRIDAY, text)
    hour.at("2026-11-26 20:00")
    said = hour.relay.last()
    line = text.format(subject="x").splitlines().index("  - sponsor: haut") + 1
    assert f"issues/vendredi/2026-11-27.yaml:{line}:" in said
    assert "unbooked-slot" in said
    assert "changed after its approval" in said


@pytest.mark.slow
def test_sold_and_not_printed_is_told_though_the_issue_is_approved(hour: Hour) -> None:
    write_sponsor(hour.root)
    hour.at("2026-11-26 20:00")
    assert "sold to La Voilerie, and the issue does not print it" in hour.relay.last()
    assert "not approved" not in hour.relay.last()


def test_sold_and_the_copy_has_not_come(hour: Hour) -> None:
    write_sponsor(hour.root)
    file = hour.root / "config" / "sponsors" / "voilerie.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.strip().startswith(("image:", "src:", "alt:"))]
    file.write_text("\n".join(kept), encoding="utf-8")
    hour.at("2026-11-26 20:00")
    assert "the copy is missing" in hour.relay.last()


@pytest.mark.slow
def test_canaries_who_are_no_readers_would_hold_it_and_are_told_before(hour: Hour) -> None:
    file = hour.root / "config" / "publications" / "vendredi.yaml"
    configured = file.read_text(encoding="utf-8")
    address = read_address("lectrice-1@lecteurs.example")
    with hour.engine.begin() as connection:
        row = update(subscribers).where(subscribers.c.email == address.email)
        connection.execute(row.values(address_key=key_of(address.email)))
    file.write_text(configured + f"canary: {{to: [{address.email}]}}\n", encoding="utf-8")
    hour.at("2026-11-26 20:00")
    assert hour.relay.messages == []
    file.write_text(configured + "canary: {to: [nobody@lecteurs.example]}\n", encoding="utf-8")
    hour.at("2026-11-27 06:00")
    assert "no address of `canary` is a reader" in hour.relay.last()
    hour.at("2026-11-27 07:00")
    assert hour.state() == ("held", "refused")


@pytest.mark.slow
def test_a_defect_about_one_publication_silences_no_other_one(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    hour.write(schedule={"every": ["saturday"], "at": "08:30"})
    module = sys.modules["composer.schedule.reminders"]
    real = module.key_due

    def key_due(newsroom: Newsroom, publication: str, date: Date, slug: str = "") -> IssueKey:
        if publication == "samedi":
            raise KeyError(publication)
        return real(newsroom, publication, date, slug)  # type: ignore[no-any-return] # reason: taken from the module

    monkeypatch.setattr(module, "key_due", key_due)
    hour.at("2026-11-27 21:30")
    assert hour.relay.subjects()[-1].endswith("vendredi, Saturday, November 28, 2026: not ready yet")


def test_who_sent_it_by_hand_is_not_reminded(hour: Hour) -> None:
    from composer.schedule.manual import open_now

    open_now(paris("2026-11-26 19:00"), hour.friday, hour.newsroom, hour.engine, SECRET)
    unapprove(hour.friday)
    hour.at("2026-11-26 20:00")
    assert hour.relay.messages == []


def test_started_late_only_the_last_instant_counts(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.at("2026-11-27 06:30")
    assert len(hour.relay.messages) == 1


@pytest.mark.slow
def test_a_reminder_that_the_relay_did_not_take_is_sent_at_the_next_tick(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.relay.refuses = True
    hour.at("2026-11-26 20:00")
    hour.relay.refuses = False
    hour.at("2026-11-26 20:00:30")
    hour.at("2026-11-26 20:01")
    assert len(hour.relay.messages) == 1


def test_a_skipped_date_is_not_reminded_of(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.write(schedule={"skip": [str(FRIDAY)]})
    hour.at("2026-11-26 20:00")
    assert hour.relay.messages == []


def test_the_instants_are_a_setting_and_may_be_none(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.write(schedule={"remind": []})
    hour.at("2026-11-27 06:59")
    assert hour.relay.messages == []
    hour.write(schedule={"remind": ["3d"]})
    hour.at("2026-11-27 06:59:30")
    assert len(hour.relay.messages) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("each_engine")
def test_two_hosts_that_tick_at_once_remind_once(hour: Hour) -> None:
    unapprove(hour.friday)
    hour.running_until("2026-11-26 20:00")
    program = (
        "import sys; from pathlib import Path; from datetime import datetime\n"
        "from composer.subscribers.address_key import open_keyed\n"
        "from composer.newsroom import load_newsroom\n"
        "from composer.newsroom.environment import database_url\n"
        "from composer.schedule.telling import pending\n"
        "from composer.schedule.tick import tick\n"
        "from composer.schedule.notifications import CHANNELS, tell\n"
        "room = load_newsroom(Path(sys.argv[1])); engine = open_keyed(database_url(room), room.root)\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "now = datetime.fromisoformat(sys.argv[2])\n"
        "for notice in pending(tick(now, room, engine, b'7' * 32), room, engine):\n"
        "    for channel in CHANNELS:\n"
        "        tell(engine, room, now, notice, channel)\n"
    )
    command = [sys.executable, "-c", program, str(hour.root), paris("2026-11-26 20:00").isoformat()]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("\n")
    assert [process.returncode for process in processes] == [0, 0]
    assert len(hour.relay.messages) == 1
    with hour.engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(notices)).scalar_one() == 2


@pytest.mark.parametrize(
    ("now", "before"),
    [("2026-11-26 19:59:59", None), ("2026-11-26 20:00", 11), ("2026-11-27 06:00", 1), ("2026-11-27 07:00", None)],
)
def test_which_instant_has_come(now: str, before: int | None) -> None:
    plan = Schedule.model_validate({"every": ("friday",), "at": "07:00"})
    found = reminder_due(plan, PARIS, paris(now))
    due = next_due(plan, PARIS, paris(now))
    assert due is not None
    assert found == (None if before is None else (due, timedelta(hours=before)))


def test_french_words(hour: Hour) -> None:
    hour.write(language="fr")
    unapprove(hour.friday)
    hour.at("2026-11-26 20:00")
    assert "pas encore prêt" in hour.relay.subjects()[0]
    assert "Pour tout voir" in hour.relay.last()


@pytest.mark.parametrize("line", ["{0}: x", "- {0}: [", "objet: [{0}", "{0}"])
def test_no_line_of_the_issue_is_told(hour: Hour, line: str) -> None:
    planted = "5ec7e7c0ffee" * 5
    path = write_issue(hour.root, "vendredi", FRIDAY)
    path.write_text(f"{path.read_text()}{line.format(planted)}\n")
    hour.at("2026-11-26 20:00")
    hour.at("2026-11-27 07:00")
    assert f"issues/vendredi/{FRIDAY}.yaml:" in hour.relay.messages[0].get_content()
    for message in hour.relay.messages:
        assert planted[:30] not in message.get_content()
