"""Every dialogue of tests/dialogs: a real worker, real SQLite, a relay that does what the file says."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import select

from composer.database import connect, read_only
from composer.delivery.ledger.messages import MessageInputs, build_message, mailing_templates
from composer.delivery.smtp.session import Timeouts
from composer.delivery.tables import deliveries, mailings
from composer.delivery.worker.worker import Worker
from composer.subscribers.tables import subscribers, suppressions
from tests.delivery.support.dialogue import DIALOGS, Dialog, read_dialog, read_dialogs
from tests.delivery.support.sample_ledger import Reader, Ready, add_readers, engine, opened, seal
from tests.delivery.support.sample_newsroom import SECRET, newsroom
from tests.delivery.support.scripted_relay import Scripted, relaying

UNHURRIED = Timeouts(connect=10, command=10, data=10, body=10, dot=10, quit=10)
PLAYED = [pytest.param(dialog, mode, id=f"{dialog.name}-{mode}") for dialog in read_dialogs() for mode in dialog.modes]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusted(authority: trustme.CA) -> ssl.SSLContext:
    """What trusts ``authority``, made once: to read the system's own certificates takes as long as a dialogue."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def certificate(dialog: Dialog, authority: trustme.CA) -> ssl.SSLContext | None:
    if dialog["security"] == "none":
        return None
    issuer = trustme.CA() if dialog["certificate"] == "stranger" else authority
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert("relay.example" if dialog["certificate"] == "other" else "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with its tables and nothing in them, to be copied."""
    folder = tmp_path_factory.mktemp("blank")
    engine(folder).dispose()
    return folder / "ledger.db"


def prepared(dialog: Dialog, blank: Path, root: Path, port: int) -> Ready:
    shutil.copy(blank, root / "ledger.db")
    room = newsroom(
        root,
        port,
        retry=[] if dialog["retry"] == "none" else dialog["retry"].split(),
        connections=dialog.number("connections"),
        per_connection=dialog.number("per_connection"),
        security=dialog["security"],
        user=dialog["user"] or None,
    )
    made = connect("sqlite:///ledger.db", root, create=True)
    readers = [Reader(f"reader{number}@example.org") for number in range(1, dialog.number("readers") + 1)]
    add_readers(made, readers)
    mailing = opened(made, room, seal(words="La digue tiendra, dit le port.\n" * dialog.number("body")))
    assert mailing is not None
    return Ready(made, room, mailing)


def ledger_of(ledger: Ready) -> dict[int, tuple[str, int | None]]:
    with read_only(ledger.engine).connect() as connection:
        rows = connection.execute(select(deliveries))
        return {row.subscriber_id: (row.state, row.reply_code) for row in rows}


async def play(dialog: Dialog, ledger: Ready, relay: Scripted, tls: ssl.SSLContext) -> None:
    """A worker, until it ends; or until the relay has done all it was to do and nothing more is to come."""
    timeouts = replace(UNHURRIED, **dialog.timeouts)
    worker = Worker(ledger.engine, ledger.room, SECRET, timeouts=timeouts, poll=0.01, tls=tls)
    stop = asyncio.Event()

    async def watch() -> None:
        while not (relay.all_applied() and relay.connections >= 3):  # noqa: ASYNC110 # reason: threads
            await asyncio.sleep(0.02)
        stop.set()

    async with asyncio.TaskGroup() as running:
        if dialog["ends"] == "stopped":
            running.create_task(watch())
        await worker.run(stop, until_idle=dialog["ends"] == "idle")


@pytest.mark.slow
@pytest.mark.parametrize(("dialog", "mode"), PLAYED)
async def test_a_dialogue_ends_as_it_says(
    dialog: Dialog,
    mode: str,
    tmp_path: Path,
    authority: trustme.CA,
    trusted: ssl.SSLContext,
    blank: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD", "secret")
    script = Scripted(dialog, mode == "pipelined", SECRET, certificate(dialog, authority))
    with relaying(script) as relay:
        ledger = prepared(dialog, blank, tmp_path, relay.port)
        try:
            await asyncio.wait_for(play(dialog, ledger, relay, trusted), 20)
        except TimeoutError:
            pass  # what is not as it should be is said below
        finally:
            print("\n".join(relay.heard))  # shown where the test fails
        found = ledger_of(ledger)
        assert found == dialog.ledger
        assert Counter(reader for reader, _ in relay.kept) == dialog.kept
        assert relay.all_applied(), relay.applied
        with read_only(ledger.engine).connect() as connection:
            assert connection.execute(select(mailings.c.state)).scalar_one() == dialog["mailing"]
            gone = select(subscribers.c.id).join(suppressions, suppressions.c.address_key == subscribers.c.address_key)
            assert sorted(connection.execute(gone).scalars()) == sorted(map(int, dialog["suppressed"].split()))
        assert max(dialog.kept.values(), default=0) <= 1, "a dialogue may not ask for a second copy"
        assert {reader for reader, (state, _) in found.items() if state == "accepted"} <= dialog.kept.keys()
        intact(ledger, relay)


def intact(ledger: Ready, relay: Scripted) -> None:
    """What was kept for a reader is that reader's message, octet by octet."""
    with read_only(ledger.engine).connect() as connection:
        letters = mailing_templates(connection, ledger.mailing, lambda: None, SECRET)
        for reader, content in relay.kept:
            row: Any = connection.execute(select(deliveries).where(deliveries.c.subscriber_id == reader)).one()
            written = MessageInputs(row.mailing_id, row.edition_id, row.subscriber_id, row.subscription_id, row.email)
            assert content == build_message(letters, written, SECRET).content


def test_there_is_a_dialogue_for_every_step_and_action() -> None:
    dialogs = read_dialogs()
    assert len(dialogs) >= 80
    assert {rule.step for dialog in dialogs for rule in dialog.rules} >= {
        *("CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "DOT", "RSET", "QUIT")
    }
    said = {path.name: path.read_text(encoding="utf-8") for path in DIALOGS.glob("*.dialog")}
    assert [name for name, text in said.items() if not text.startswith("# ")] == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("readers 1\nat NOON\n    drop\nledger\n    1 queued\n", "wrong.dialog:2.*no such step"),
        ("readers 1\nat DOT\n    dance\nledger\n    1 queued\n", "wrong.dialog:3.*no such action"),
        ("reader 1\n", "wrong.dialog:1.*no such setting"),
        ("readers 2\nledger\n    1 queued\n", "every reader"),
    ],
)
def test_a_file_that_is_no_dialogue_says_where(wrong: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.dialog").write_text(wrong)
    with pytest.raises(ValueError, match=why):
        read_dialog(tmp_path / "wrong.dialog")
