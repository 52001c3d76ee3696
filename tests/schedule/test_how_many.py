"""Before anything leaves, it says to how many readers, by tier and language, and of which date it is."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import update

from composer.approval.freeze import unapprove
from composer.cli import filigrane
from composer.delivery.control import pause
from composer.delivery.ledger.readers import ReaderCount, count_readers, readers_words
from composer.errors import Refused
from composer.locale import use
from composer.subscribers.tables import subscriptions
from tests.schedule.support.sample_hour import SECRET, Hour, paris
from tests.support.newsrooms import FRIDAY

ISSUE = f"vendredi/{FRIDAY}"
SAID = "5 readers (free 3, paid 2 – French 4, English 1)"


def call(hour: Hour, *arguments: str, at: str = "2026-11-26 19:00") -> Result:
    with time_machine.travel(paris(at), tick=False):
        return CliRunner().invoke(filigrane, ["--newsroom", str(hour.root), *arguments])


@pytest.fixture
def mixed(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> Hour:
    """Of five readers two have paid, and one reads English."""
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    with hour.engine.begin() as connection:
        two = subscriptions.c.id.in_((1, 3))
        connection.execute(update(subscriptions).where(two).values(tier="paid"))
        connection.execute(update(subscriptions).where(subscriptions.c.id == 3).values(language="en"))
    return hour


@pytest.mark.usefixtures("each_engine")
def test_readers_are_counted_by_tier_and_language(mixed: Hour) -> None:
    with mixed.engine.begin() as connection:
        count = count_readers(connection, mixed.newsroom, "vendredi")
        folded = count_readers(connection, mixed.newsroom, "vendredi", ["fr"])
    assert count.as_json() == {
        "total": 5,
        "subscribed": 5,
        "rehearsal": False,
        "audiences": {"free": 3, "paid": 2},
        "languages": {"fr": 4, "en": 1},
    }
    assert folded.by(1) == {"fr": 5}  # what is sealed has no English edition: that reader gets the French one


def test_large_numbers_are_said_as_people_write_them() -> None:
    count = ReaderCount({("free", "fr"): 8_934, ("paid", "fr"): 3_100}, 12_034, rehearsal=False)
    use("en")
    assert readers_words(count) == "12,034 readers (free 8,934, paid 3,100)"
    use("fr")
    thin = "\N{NARROW NO-BREAK SPACE}"
    assert readers_words(count) == "12_034 lecteurs (gratuit 8_934, payant 3_100)".replace("_", thin)
    one = ReaderCount({("free", "fr"): 1}, 12_034, rehearsal=True)
    assert readers_words(one) == f"répétition\N{NO-BREAK SPACE}: 1 lecteur sur 12{thin}034"
    use("en")
    assert readers_words(one) == "rehearsal: 1 of 12,034 readers"


def test_approve_says_when_it_leaves_and_to_how_many(mixed: Hour) -> None:
    unapprove(mixed.friday)
    done = call(mixed, "approve", ISSUE, "--by", "Odile")
    assert done.exit_code == 0
    assert "it leaves on Friday, November 27, 2026 at 7:00" in done.stdout
    assert SAID in done.stdout


def test_approve_without_a_database_says_what_it_cannot_know(mixed: Hour) -> None:
    mixed.write(database="sqlite:///var/elsewhere.db")
    done = call(mixed, "approve", ISSUE, "--by", "Odile")
    assert done.exit_code == 0
    assert "it leaves on Friday, November 27, 2026" in done.stdout
    assert "how many readers is not known on this machine" in done.stdout


def test_approve_of_an_issue_under_way_says_how_its_readers_get_it(mixed: Hour) -> None:
    mixed.at("2026-11-27 07:00")
    pause(mixed.engine, 1)
    done = call(mixed, "approve", ISSUE, "--by", "Odile", at="2026-11-27 07:10")
    assert "filigrane mailings amend 1" in done.stderr


def test_send_asks_and_without_an_answer_nothing_leaves(mixed: Hour) -> None:
    asked = call(mixed, "send", ISSUE)
    assert isinstance(asked.exception, Refused)
    said = str(asked.exception)
    assert f"{ISSUE}, dated Friday, November 27, 2026 (today is Thursday, November 26, 2026), would leave now" in said
    assert "5 readers (free 3, paid 2)" in said
    assert said.endswith("to do it: --yes")
    assert asked.exception.exit_code == 1
    assert mixed.mailings == []
    done = call(mixed, "send", ISSUE, "--yes")
    assert done.exit_code == 0
    assert "5 readers (free 3, paid 2)" in done.stderr
    assert len(mixed.mailings) == 1


def test_of_todays_issue_the_date_is_not_said(mixed: Hour) -> None:
    said = str(call(mixed, "send", ISSUE, at="2026-11-27 06:30").exception)
    assert said.startswith(f"{ISSUE} would leave now; 5 readers")
    assert "dated" not in said


def test_what_cannot_be_sent_is_refused_before_it_asks(mixed: Hour) -> None:
    unapprove(mixed.friday)
    said = str(call(mixed, "send", ISSUE).exception)
    assert "filigrane approve" in said
    assert "--yes" not in said


def test_at_a_time_it_says_the_day_in_words_and_how_many_and_does_not_ask(mixed: Hour) -> None:
    done = call(mixed, "send", ISSUE, "--at", "2026-11-28 15:00")
    assert done.exit_code == 0
    assert f"{ISSUE} leaves on Saturday, November 28, 2026 at 3:00" in done.stdout
    assert SAID in done.stderr


def test_calendar_and_reminder_say_it(mixed: Hour) -> None:
    entries = json.loads(call(mixed, "calendar", "--weeks", "1", "--json").stdout)
    (friday,) = [entry for entry in entries if entry["date"] == str(FRIDAY)]
    assert friday["readers"]["audiences"] == {"free": 3, "paid": 2}
    assert SAID in " ".join(call(mixed, "calendar", "--weeks", "1").stdout.split())
    unapprove(mixed.friday)
    mixed.at("2026-11-26 20:00")
    assert SAID in mixed.relay.last()


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "mailings"), [("y", 1), ("n", 0)])
def test_on_a_terminal_somebody_answers(mixed: Hour, answer: str, mailings: int) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from composer.cli import main; main()", "--newsroom", str(mixed.root)]
    process = subprocess.Popen([*command, "send", ISSUE], stdin=theirs, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    os.write(ours, f"{answer}\n".encode())
    _out, said = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert b"Do it?" in said
    assert len(mixed.mailings) == mailings
    assert process.returncode == (0 if mailings else 1)
