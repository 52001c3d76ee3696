"""``filigrane returns receive``, as a mail server calls it: it acts once, and never makes the server answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, update

from composer.database import read_only
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.message.verp import return_path
from composer.subscribers.tables import suppressions
from tests.delivery.support.sample_ledger import Ready, ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.support.newsrooms import write_newsroom

KEY = SECRET
FORMER = bytes(range(32))


def bounce(local: str, words: str = "550 5.1.1 User unknown") -> bytes:
    head = f"From: MAILER-DAEMON@mx.example\nX-Original-To: {local}@bounces.example\nSubject: Undelivered\n\n"
    return f"{head}anne@example.org: {words}\n".encode()


def received(root: Path, content: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from composer.cli import main; main()", "--newsroom", str(root)]
    return subprocess.run([*command, "returns", "receive"], input=content, capture_output=True, check=False)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ready:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    monkeypatch.setenv("FILIGRANE_FORMER_KEYS", FORMER.hex())
    found = ready(tmp_path)
    write_newsroom(tmp_path, database="sqlite:///ledger.db")
    with found.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.ACCEPTED))
    return found


def standing(found: Ready) -> tuple[str, list[str]]:
    """The state of the delivery, and why addresses are suppressed."""
    with read_only(found.engine).connect() as connection:
        state = connection.execute(select(deliveries.c.state)).scalar_one()
        return state, list(connection.execute(select(suppressions.c.reason)).scalars())


@pytest.mark.slow
def test_a_bounce_acts_once_and_what_is_not_ours_never(ledger: Ready, tmp_path: Path) -> None:
    forged = bounce(return_path(1, ledger.mailing, b"x" * 32))
    answer = forged.replace(b"MAILER-DAEMON", b"anne").replace(b"Undelivered", b"Re: hello")
    for content in (forged, answer, b"", b"\x00\xff" * 1000):
        done = received(tmp_path, content)
        assert (done.returncode, done.stderr) == (0, b"")
    assert standing(ledger) == (State.ACCEPTED, [])
    ours = bounce(return_path(1, ledger.mailing, FORMER))
    first, second = received(tmp_path, ours), received(tmp_path, ours)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert standing(ledger) == (State.BOUNCED, ["hard-bounce"])
    assert b"nothing is sent there any more" in first.stdout
    assert b"known already" in second.stdout
    assert b"@" not in first.stdout


@pytest.mark.slow
def test_a_message_waits_where_it_cannot_be_received(
    ledger: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No database, no key, no newsroom: the mail server keeps the message. It must not answer the sender."""
    ours = bounce(return_path(1, ledger.mailing, KEY))
    assert received(tmp_path / "nowhere", ours).returncode == 75
    monkeypatch.setenv("FILIGRANE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert received(tmp_path, ours).returncode == 75
    monkeypatch.delenv("FILIGRANE_DATABASE_URL")
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", "short")
    done = received(tmp_path, ours)
    assert done.returncode == 75
    assert b"Traceback" not in done.stderr
    assert standing(ledger) == (State.ACCEPTED, [])
