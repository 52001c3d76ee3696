"""mailings, deliveries: as an operator types them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, delete, event, update

from composer.cli import filigrane
from composer.database import DatabaseUnavailable, read_only
from composer.delivery.ledger import listing, workers
from composer.delivery.limits.connection_quota import store_quotas
from composer.delivery.limits.rate_limits import RateLimits
from composer.delivery.limits.relay_backoff import RelayAway
from composer.delivery.smtp.reply import Throttle
from composer.delivery.smtp.reply_table import ReplyMeaning
from composer.delivery.tables import deliveries, mailings
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.locale import use
from composer.newsroom import load_newsroom
from tests.delivery.support.sample_ledger import KEY, Reader, add_readers, opened, seal, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.support.address_keys import open_database
from tests.support.newsrooms import configure, write_newsroom

ANNE, BORIS = "anne@example.org", "boris@example.org"


@pytest.fixture(autouse=True)
def english() -> None:
    use("en")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A newsroom with a mailing to two readers, opened."""
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    write_newsroom(tmp_path)
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    add_readers(engine, [Reader(ANNE), Reader(BORIS)])
    assert opened(engine, load_newsroom(tmp_path), seal()) == 1
    engine.dispose()
    return tmp_path


def typed(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(filigrane, ["--newsroom", str(folder), *words])


def document(folder: Path, *words: str) -> Any:
    """What --json prints, and nothing else."""
    result = typed(folder, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def set_state(folder: Path, email: str, state: str) -> None:
    engine = open_database("sqlite:///var/filigrane.db", folder, create=True)
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.email == email).values(state=state))
    engine.dispose()


def now_in(folder: Path) -> dict[str, str]:
    engine = open_database("sqlite:///var/filigrane.db", folder, create=True)
    try:
        return states(engine)
    finally:
        engine.dispose()


def test_mailings_shows_progress_to_eyes_and_to_scripts(folder: Path) -> None:
    set_state(folder, ANNE, "accepted")
    shown = typed(folder, "mailings").stdout
    assert "vendredi/2026-11-27" in shown
    assert "50 %" in shown
    one = document(folder, "mailings", "1")
    assert isinstance(one, dict)
    assert (one["state"], one["total"], one["open"]) == ("sending", 2, 1)
    assert one["counts"] == {"accepted": 1, "queued": 1}
    assert one["per_minute"] > 0
    assert one["ends_at"] is None  # one message says nothing of the next
    (listed,) = document(folder, "mailings")
    assert {**listed, "per_minute": 0, "ends_at": None} == {**one, "per_minute": 0, "ends_at": None}


def test_cancelling_says_that_the_letter_is_not_read_online_any_more(folder: Path) -> None:
    configure(folder, archive="2026-11-01")
    assert typed(folder, "mailings", "pause", "1").stderr == ""
    assert "nor is it read online any more" in typed(folder, "mailings", "cancel", "1").stderr


def test_cancelling_says_nothing_of_an_archive_that_is_not_open(folder: Path) -> None:
    assert typed(folder, "mailings", "cancel", "1").stderr == ""


def test_pause_resume_and_cancel_and_what_is_refused(folder: Path) -> None:
    for order, becomes in (("pause", "paused"), ("resume", "sending"), ("cancel", "cancelled")):
        assert typed(folder, "mailings", order, "1").exit_code == 0
        one = document(folder, "mailings", "1")
        assert isinstance(one, dict)
        assert one["state"] == becomes
        assert str(typed(folder, "mailings", order, "1").exception) == f"mailing 1 is {becomes} already"
    assert now_in(folder) == {ANNE: "cancelled", BORIS: "cancelled"}
    assert isinstance(typed(folder, "mailings", "resume", "1").exception, Refused)
    assert isinstance(typed(folder, "mailings", "pause").exception, WrongUsage)
    assert isinstance(typed(folder, "mailings", "7").exception, Refused)
    assert isinstance(typed(folder, "mailings", "vendredi").exception, WrongUsage)


@pytest.mark.parametrize("number", ["2147483648", "9" * 20, "9" * 5000, "0x1", "abc"])
def test_what_no_mailing_can_be_called_is_told_so(folder: Path, number: str) -> None:
    """PostgreSQL's integers have 32 bits, SQLite's 64: a greater one was a traceback."""
    for words in (["mailings", number], ["mailings", "pause", number], ["deliveries", number]):
        assert isinstance(typed(folder, *words).exception, WrongUsage), words
    assert isinstance(typed(folder, "mailings", "2147483647").exception, Refused)


def test_a_mistake_on_the_command_line_is_told_in_the_newsrooms_language(folder: Path) -> None:
    settings = folder / "config" / "newsroom.yaml"
    settings.write_text(settings.read_text("utf-8").replace("language: en", "language: fr"), "utf-8")
    assert "concernés" in str(typed(folder, "deliveries", "1", "--force").exception)


def test_the_message_is_alone_on_stdout_where_it_is_resent_as_well(folder: Path) -> None:
    set_state(folder, ANNE, "in_doubt")
    done = typed(folder, "deliveries", "1", ANNE, "--resend", "--yes", "--eml")
    assert b"1 message queued again" in done.stderr_bytes
    assert b"queued again" not in done.stdout_bytes


def test_deliveries_are_chosen_by_state_and_by_reader(folder: Path) -> None:
    set_state(folder, ANNE, "accepted")
    assert ANNE in typed(folder, "deliveries", "1").stdout
    assert ANNE not in typed(folder, "deliveries", "1", "--state", "queued").stdout
    found = document(folder, "deliveries", "1", "--email", "BORIS@example.org")
    assert isinstance(found, list)
    assert [(row["email"], row["state"]) for row in found] == [(BORIS, "queued")]
    assert isinstance(typed(folder, "deliveries", "2").exception, Refused)


def test_doubts_are_decided_by_a_person_who_says_yes(folder: Path) -> None:
    assert "nothing" in str(typed(folder, "deliveries", "1", "--resend", "--yes").exception)
    for email in (ANNE, BORIS):
        set_state(folder, email, "in_doubt")
    assert "--in-doubt" in typed(folder, "mailings").stdout
    assert "--yes" in str(typed(folder, "deliveries", "1", "--resend").exception)
    assert now_in(folder) == {ANNE: "in_doubt", BORIS: "in_doubt"}
    assert typed(folder, "deliveries", "1", "--resend", "--email", ANNE, "--yes").exit_code == 0
    assert now_in(folder) == {ANNE: "queued", BORIS: "in_doubt"}
    found = document(folder, "deliveries", "1", "--assume-accepted", "--yes")
    assert isinstance(found, list)
    assert [(row["email"], row["state"]) for row in found] == [(BORIS, "accepted")]
    assert isinstance(typed(folder, "deliveries", "1", "--resend", "--assume-accepted").exception, WrongUsage)


def test_resend_to_named_readers_says_of_each_why_not_and_changes_nothing(folder: Path) -> None:
    set_state(folder, ANNE, "accepted")
    refused = typed(folder, "deliveries", "1", ANNE, BORIS, "--resend", "--yes").exception
    assert isinstance(refused, Refused)
    assert f"{ANNE}: accepted" in str(refused)
    assert f"{BORIS}: queued" in str(refused)
    assert isinstance(typed(folder, "deliveries", "1", "--resend", "--force").exception, WrongUsage)
    assert "--yes" in str(typed(folder, "deliveries", "1", ANNE, "--resend", "--force").exception)
    assert now_in(folder) == {ANNE: "accepted", BORIS: "queued"}
    assert typed(folder, "deliveries", "1", ANNE, "--resend", "--force", "--yes").exit_code == 0
    assert now_in(folder) == {ANNE: "queued", BORIS: "queued"}


def test_what_was_refused_is_resent_without_a_question(folder: Path) -> None:
    set_state(folder, ANNE, "rejected")
    set_state(folder, BORIS, "deferred")
    assert typed(folder, "deliveries", "1", "--resend", ANNE).exit_code == 0
    assert typed(folder, "deliveries", "1", "--resend", "--state", "deferred").exit_code == 0
    assert now_in(folder) == {ANNE: "queued", BORIS: "queued"}


def test_follow_shows_progress_beside_the_document_until_it_is_over(folder: Path) -> None:
    for email in (ANNE, BORIS):
        set_state(folder, email, "accepted")
    assert typed(folder, "mailings", "pause", "1").exit_code == 0
    result = typed(folder, "mailings", "1", "--follow", "--json")
    assert json.loads(result.stdout)["counts"] == {"accepted": 2}
    assert "2/2" in result.stderr
    assert isinstance(typed(folder, "mailings", "--follow").exception, WrongUsage)


def test_eml_is_one_message_whole(folder: Path) -> None:
    content = typed(folder, "deliveries", "1", "--email", ANNE, "--eml").stdout_bytes
    assert content.startswith(b"From: ")
    assert b"To: <anne@example.org>\r\n" in content
    assert content == typed(folder, "deliveries", "1", "--email", ANNE, "--eml").stdout_bytes
    assert isinstance(typed(folder, "deliveries", "1", "--eml").exception, WrongUsage)


def test_a_mailing_that_had_no_reader_says_so(folder: Path) -> None:
    """An older version opened such a mailing, and closed it at once."""
    engine = open_database("sqlite:///var/filigrane.db", folder)
    with engine.begin() as connection:
        connection.execute(delete(deliveries))
        connection.execute(update(mailings).values(state="done"))
    engine.dispose()
    done = CliRunner().invoke(filigrane, ["--newsroom", str(folder), "mailings"])
    assert "mailing 1 had no reader: nothing was sent" in done.output


def test_what_is_quiet_and_what_came_too_late_is_said_under_the_table(folder: Path) -> None:
    engine = open_database("sqlite:///var/filigrane.db", folder, create=True)
    with engine.begin() as connection:
        sender = RateLimits(load_newsroom(folder))
        relay = load_newsroom(folder).settings.relays[0].key
        strain = Throttle(relay, "sfr", ReplyMeaning.BLOCKED, timedelta(hours=2))
        sender.strained(connection, strain, "450 4.7.1 SFR_IN_101")
        connection.execute(update(deliveries).where(deliveries.c.email == ANNE).values(state="expired"))
    engine.dispose()
    said = typed(folder, "mailings").output
    assert f"nothing leaves through {relay} for sfr before" in said
    assert "450 4.7.1 SFR_IN_101" in said
    assert "mailing 1: 1 message expired" in said


def test_what_a_mailing_waits_for_is_said_under_the_table(folder: Path) -> None:
    relay = {"name": "hall", "host": "127.0.0.1", "port": 1, "security": "none"}
    write_newsroom(folder, relays=[relay | {"warm_up": {"first_day": 1, "growth": 1.5}}])
    engine = open_database("sqlite:///var/filigrane.db", folder, create=True)
    with engine.begin() as connection:
        worker = workers.join(connection)
        assert "hall" not in typed(folder, "mailings").output
        RateLimits(load_newsroom(folder)).claim(connection, {"hall": 9}, worker, 9)
        store_quotas(connection, worker, {"hall": 4}, {"hall": 4}, RelayAway(1.0, "hall: Connection refused"))
    engine.dispose()
    said = typed(folder, "mailings").output
    assert "hall is at its cap of the day, 1 (warm_up)" in said
    assert "no relay takes anything: hall: Connection refused" in said


def test_a_document_whose_end_cannot_be_read_does_not_look_complete(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    monkeypatch.setattr("composer.cli.deliveries.PAGE", 1)

    def read(engine: Engine) -> Engine:
        event.listen(engine, "before_cursor_execute", fails)
        return read_only(engine)

    def fails(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if "subscriber_id >" in statement and parameters[1] > 0:  # the second page
            raise DatabaseUnavailable("the disk does not read it as it should")

    monkeypatch.setattr(listing, "read_only", read)
    result = typed(folder, "deliveries", "1", "--json")
    assert isinstance(result.exception, OutsideWorld)  # exit 3
    assert ANNE in result.stdout
    with pytest.raises(json.JSONDecodeError):
        json.loads(result.stdout)


@pytest.mark.slow
def test_a_pipe_that_is_closed_ends_it_without_a_word(folder: Path) -> None:
    command = [str(Path(sys.executable).with_name("filigrane")), "--newsroom", str(folder), "deliveries", "1", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1  # by click: what it was asked to print was not printed


def add_mailings(folder: Path, number: int) -> None:
    """So many after the first, each to the same two readers, and done."""
    engine = open_database("sqlite:///var/filigrane.db", folder)
    for one in range(number):
        opened(engine, load_newsroom(folder), seal(), replace(KEY, slug=f"n{one}"))
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.mailing_id > 1).values(state="accepted"))
        connection.execute(update(mailings).where(mailings.c.id > 1).values(state="done"))
    engine.dispose()


def test_mailings_shows_the_newest_and_what_is_not_over_and_says_how_many_there_are(folder: Path) -> None:
    add_mailings(folder, 24)
    typed(folder, "mailings", "pause", "1")
    assert "21 of 25 mailings shown" in typed(folder, "mailings").stdout
    asked: list[tuple[tuple[str, ...], list[int]]] = [
        ((), [1, *range(6, 26)]),
        (("--last", "2"), [1, 24, 25]),
        (("--last", "100"), [*range(1, 26)]),
        (("--all",), [*range(1, 26)]),
    ]
    for words, ids in asked:
        result = typed(folder, "mailings", *words, "--json")
        found = json.loads(result.stdout)
        assert [one["id"] for one in found] == ids
        assert all(one["total"] == 2 for one in found)
        said = f"{len(ids)} of 25 mailings shown, the newest and those that are not over; the others: --all\n"
        assert result.stderr == (said if len(ids) < 25 else "")
    typed(folder, "mailings", "cancel", "1")
    assert len(document(folder, "mailings", "--last", "2")) == 2
    for wrong in (("1", "--all"), ("--last", "2", "--all"), ("resume", "1", "--last", "2")):
        assert isinstance(typed(folder, "mailings", *wrong).exception, WrongUsage)
    assert document(folder, "mailings", "1")["state"] == "cancelled"


def test_what_a_resend_leaves_as_it_was_is_said(folder: Path) -> None:
    set_state(folder, ANNE, "rejected")
    set_state(folder, BORIS, "rejected")
    typed(folder, "subscribers", "unsubscribe", BORIS)
    said = typed(folder, "deliveries", "1", "--state", "rejected", "--resend").stdout
    assert said.startswith("1 message queued again\n1 stays as it is: ")
    assert now_in(folder) == {ANNE: "queued", BORIS: "rejected"}


def test_only_doubts_are_taken_for_accepted_and_only_they_are_read_again(folder: Path) -> None:
    set_state(folder, ANNE, "in_doubt")
    refused = typed(folder, "deliveries", "1", "--state", "queued", "--assume-accepted", "--yes")
    assert "nothing here is in doubt" in str(refused.exception)
    done = typed(folder, "deliveries", "1", "--assume-accepted", "--yes", "--json")
    assert [(one["email"], one["state"]) for one in json.loads(done.stdout)] == [(ANNE, "accepted")]
    assert now_in(folder) == {ANNE: "accepted", BORIS: "queued"}
