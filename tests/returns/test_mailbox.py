"""The mailbox, read by IMAP from a real Dovecot: what is acted upon is moved, what is not stays unread, once each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import func, select, update

from composer.daemon.mailbox_check import look_at_mailbox
from composer.database import db_now, read_only
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.errors import OutsideWorld, Refused
from composer.message.verp import return_path
from composer.newsroom import load_newsroom
from composer.returns import mailbox_reading
from composer.returns.mailbox import Incoming, OpenMailbox
from composer.returns.notices import return_notices
from composer.returns.receiving import Receiver
from composer.returns.tables import answers, mailboxes, returned
from composer.subscribers.tables import suppressions
from tests.cli.test_without_database import typed
from tests.delivery.support.sample_ledger import Ready, ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.returns.test_receive import bounce
from tests.support import databases
from tests.support.dovecot import MARKS, PASSWORD, Dovecot, dovecot
from tests.support.newsrooms import write_newsroom

pytestmark = [*MARKS, pytest.mark.slow]

READERS = 5


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    with running.client() as client:
        for name in ("INBOX", "Filigrane", "Ailleurs"):
            chosen, number = client.select(name)
            if chosen == "OK" and number != [b"0"]:
                client.store("1:*", "+FLAGS", r"\Deleted")
                client.expunge()
    return running


@pytest.fixture
def ledger(tmp_path: Path, server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Ready:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    monkeypatch.setenv("FILIGRANE_RETURNS_PASSWORD", PASSWORD)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    if databases.postgres() is not None:
        monkeypatch.setenv("FILIGRANE_DATABASE_URL", databases.url(tmp_path))
    found = ready(tmp_path, readers=[f"reader{number}@example.org" for number in range(READERS)])
    write_newsroom(tmp_path, database=databases.url(tmp_path), returns={"mailbox": server.settings()})
    with found.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.ACCEPTED))
    return found


def token(ledger: Ready, reader: int = 1) -> str:
    return return_path(reader, ledger.mailing, SECRET)


def answer(ledger: Ready, reader: int = 1, subject: str = "Re: La digue") -> bytes:
    head = f"From: anne@example.org\nTo: redaction@example.org\nSubject: {subject}\n"
    return f"{head}In-Reply-To: <{token(ledger, reader)}@example.org>\n\nMerci de cette lettre.\n".encode()


def fetch(root: Path, *words: str) -> Result:
    done = typed(root, "returns", "fetch", *words)
    assert done.exit_code == 0, done.output
    return done


def counts(root: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads(fetch(root, "--json").stdout)
    return found


def rows(ledger: Ready) -> list[tuple[str, int]]:
    """(kind, reader) of each act."""
    with read_only(ledger.engine).connect() as connection:
        found = connection.execute(select(returned.c.kind, returned.c.subscriber_id).order_by(returned.c.subscriber_id))
        return [(row.kind, row.subscriber_id) for row in found]


@pytest.mark.usefixtures("each_engine")
def test_what_is_acted_upon_is_moved_and_the_rest_stays_unread(ledger: Ready, server: Dovecot, tmp_path: Path) -> None:
    person = b"From: anne@example.org\nSubject: Bonjour\n\nUne question.\n"
    server.put(bounce(token(ledger)), person, bounce(return_path(2, ledger.mailing, b"x" * 32)), answer(ledger, 3))
    looked = fetch(tmp_path, "--dry-run", "--json")
    assert [each["subscriber"] for each in json.loads(looked.stdout)] == [1, None, None, 3]
    assert rows(ledger) == []
    assert len(server.holds()) == 4
    assert counts(tmp_path) == {"read": 4, "acted": 1, "answers": 1, "strangers": 1, "failed": 0, "more": False}
    assert rows(ledger) == [("bounce", 1)]
    left, moved = server.holds(), server.holds("Filigrane")
    assert (len(left), len(moved)) == (3, 1)
    assert all(b"\\Seen" not in flags for flags, _message in left)
    assert token(ledger).encode() in moved[0][1]
    assert counts(tmp_path)["read"] == 0
    with read_only(ledger.engine).connect() as connection:
        assert connection.execute(select(suppressions.c.reason)).scalars().all() == ["hard-bounce"]
        assert connection.execute(select(func.count()).select_from(answers)).scalar_one() == 1


def test_what_is_of_no_letter_of_ours_is_told_and_changes_nothing(
    ledger: Ready, server: Dovecot, tmp_path: Path
) -> None:
    """A provider that takes the reader out of its complaints takes our token out too: an operator has to hear of it."""
    head = "From: staff@fournisseur.example\nSubject: complaint\nMIME-Version: 1.0\n"
    report = "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
    complaint = f"{head}Content-Type: multipart/report; boundary=x\n\n--x\n{report}\n--x--\n"
    server.put(complaint.encode(), b"From: anne@example.org\nSubject: Bonjour\n\nUne question.\n")
    told = fetch(tmp_path).output
    assert "complaint · of no delivery of ours" in told
    assert "of no letter of ours: 1" in told
    assert "@" not in told
    assert (rows(ledger), len(server.holds())) == ([], 2)


@pytest.mark.usefixtures("each_engine")
def test_a_reading_that_is_cut_short_is_done_again_and_acts_once(
    ledger: Ready, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the act and the move, and between the move and the note of how far it was read."""
    server.put(bounce(token(ledger, 1)), answer(ledger, 2), bounce(token(ledger, 3)))
    put_away = OpenMailbox.put_away

    def cut(self: OpenMailbox, uid: int) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(OpenMailbox, "put_away", cut)
    assert isinstance(typed(tmp_path, "returns", "fetch").exception, OutsideWorld)
    assert rows(ledger) == [("bounce", 1)]
    monkeypatch.setattr(OpenMailbox, "put_away", put_away)
    write = mailbox_reading._write
    called = []

    def cut_late(*given: object) -> None:
        called.append(given)
        if len(called) == 2:  # the first one is the beginning
            raise KeyboardInterrupt
        write(*given)  # type: ignore[arg-type] # reason: passed on as they are

    monkeypatch.setattr(mailbox_reading, "_write", cut_late)
    typed(tmp_path, "returns", "fetch")
    monkeypatch.setattr(mailbox_reading, "_write", write)
    assert counts(tmp_path)["acted"] == 1
    assert rows(ledger) == [("bounce", 1), ("bounce", 3)]
    assert len(server.holds("Filigrane")) == 2


def test_a_message_that_ends_three_readings_is_left_and_the_others_are_read(
    ledger: Ready, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(bounce(token(ledger, 1)), b"From: a@b.example\nSubject: poison\n\n", bounce(token(ledger, 2)))
    take = OpenMailbox.take

    def poisoned(self: OpenMailbox, uid: int) -> Incoming:
        found = take(self, uid)
        if b"poison" in (found.content or b""):
            raise TimeoutError
        return found

    monkeypatch.setattr(OpenMailbox, "take", poisoned)
    ends = [typed(tmp_path, "returns", "fetch").exception for _reading in range(3)]
    assert [type(end) for end in ends] == [OutsideWorld] * 3
    assert rows(ledger) == [("bounce", 1)]
    assert counts(tmp_path) == {"read": 1, "acted": 1, "answers": 0, "strangers": 0, "failed": 1, "more": False}
    assert rows(ledger) == [("bounce", 1), ("bounce", 2)]


def test_a_message_that_raises_anything_stops_itself_alone(
    ledger: Ready, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(b"From: a@b.example\nSubject: poison\n\n", bounce(token(ledger, 2)))
    receive = Receiver.receive

    def poisoned(self: Receiver, content: bytes, addressed: str | None = None) -> object:
        if b"poison" in content:
            raise MemoryError
        return receive(self, content, addressed)

    monkeypatch.setattr(Receiver, "receive", poisoned)
    assert counts(tmp_path) == {"read": 2, "acted": 1, "answers": 0, "strangers": 0, "failed": 1, "more": False}


def test_a_reading_has_a_bound_and_says_that_there_is_more(
    ledger: Ready, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_reading, "MOST_MESSAGES", 2)
    server.put(*(bounce(token(ledger, reader)) for reader in (1, 2, 3)))
    assert counts(tmp_path) == {"read": 2, "acted": 2, "answers": 0, "strangers": 0, "failed": 0, "more": True}
    assert counts(tmp_path) == {"read": 1, "acted": 1, "answers": 0, "strangers": 0, "failed": 0, "more": False}
    assert len(server.holds("Filigrane")) == 3


def test_without_the_database_nothing_is_moved(
    ledger: Ready, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(bounce(token(ledger)))
    with monkeypatch.context() as away:
        away.setenv("FILIGRANE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        assert isinstance(typed(tmp_path, "returns", "fetch").exception, OutsideWorld)
    assert len(server.holds()) == 1
    assert counts(tmp_path)["acted"] == 1


@pytest.mark.usefixtures("each_engine")
def test_an_answer_is_counted_once_a_reader_and_its_words_are_not_kept(
    ledger: Ready, server: Dovecot, tmp_path: Path
) -> None:
    forged = answer(ledger).replace(token(ledger).encode(), return_path(1, ledger.mailing, b"x" * 32).encode())
    away = answer(ledger, 4).replace(b"\n\n", b"\nAuto-Submitted: auto-replied\n\n")
    server.put(answer(ledger, 1), answer(ledger, 1, "Encore"), answer(ledger, 2), forged, away)
    assert counts(tmp_path)["answers"] == 2
    assert rows(ledger) == []
    shown = json.loads(typed(tmp_path, "mailings", str(ledger.mailing), "--json").stdout)
    assert shown["answers"] == 2
    assert "answered 2" in typed(tmp_path, "mailings").stdout
    with read_only(ledger.engine).connect() as connection:
        kept = connection.execute(select(answers.c.digest)).scalars().all()
    assert len(set(kept)) == 2


def test_the_log_in_is_tested_and_what_is_wrong_is_said(
    ledger: Ready, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = load_newsroom(tmp_path)
    assert "holds 0 messages" in look_at_mailbox(room)
    for variable, value, error in (
        ("FILIGRANE_RETURNS_PASSWORD", "wrong", Refused),
        ("FILIGRANE_RETURNS_PASSWORD", "", Refused),
        ("SSL_CERT_FILE", "", OutsideWorld),  # an authority that is not known: no password is said
    ):
        with monkeypatch.context() as changed:
            changed.setenv(variable, value)
            if not value:
                changed.delenv(variable)
            with pytest.raises(error) as raised:
                look_at_mailbox(room)
        assert PASSWORD not in str(raised.value)
    for wrong in ({"folder": "Nulle part"}, {"host": "127.0.0.1", "port": 1}):
        write_newsroom(tmp_path, database=databases.url(tmp_path), returns={"mailbox": server.settings(**wrong)})
        with pytest.raises((Refused, OutsideWorld)):
            look_at_mailbox(load_newsroom(tmp_path))


@pytest.mark.usefixtures("each_engine")
def test_a_mailbox_that_is_not_read_for_a_day_is_told(ledger: Ready, server: Dovecot, tmp_path: Path) -> None:
    counts(tmp_path)
    room = load_newsroom(tmp_path)

    def told() -> list[str]:
        with read_only(ledger.engine).connect() as connection:
            return [each.kind for each in return_notices(room, connection)]

    assert told() == []
    with ledger.engine.begin() as connection:
        connection.execute(update(mailboxes).values(read_at=db_now(-90_000)))
    assert told() == ["returns-not-read"]
