"""What came back, read beside the sending by processes of their own: with a real Dovecot and a real LMTP client."""

from __future__ import annotations

import asyncio
import os
import smtplib
import time
from pathlib import Path

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from composer.daemon import returns_watch
from composer.daemon.process import AppContext
from composer.daemon.returns_watch import listening_for_returns, reading_mailbox
from composer.database import read_only
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.message.verp import return_path
from composer.newsroom import load_newsroom
from composer.newsroom.returns import Returns
from composer.returns.tables import returned
from tests.delivery.support.postfix_server import free_port
from tests.delivery.support.sample_ledger import Ready, ready
from tests.delivery.support.sample_newsroom import SECRET
from tests.returns.test_receive import bounce
from tests.support.dovecot import MARKS, PASSWORD, dovecot
from tests.support.newsrooms import write_newsroom

pytestmark = pytest.mark.slow


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ready:
    monkeypatch.setenv("FILIGRANE_SECRET_KEY", SECRET.hex())
    monkeypatch.setenv("FILIGRANE_SMTP_PASSWORD", "no business of a reader's")
    monkeypatch.setattr(returns_watch, "FIRST", 0.0)
    # As a test's process: on a busy machine one of a lower priority gets nothing.
    monkeypatch.setattr(returns_watch, "_PROGRAM", returns_watch._PROGRAM.replace("os.nice(5)", "pass"))
    found = ready(tmp_path, readers=["anne@example.org", "paul@example.org"])
    with found.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.ACCEPTED))
    return found


def context(ledger: Ready, root: Path, **returns: object) -> AppContext:
    write_newsroom(root, database="sqlite:///ledger.db", bounces="retours.example.org", returns=returns)
    return AppContext(load_newsroom(root), ledger.engine, SECRET)


def acts(ledger: Ready) -> list[int]:
    with read_only(ledger.engine).connect() as connection:
        return list(connection.execute(select(returned.c.subscriber_id)).scalars())


@pytest.mark.dovecot
@MARKS[1]
def test_the_mailbox_is_read_at_its_interval(ledger: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIGRANE_RETURNS_PASSWORD", PASSWORD)
    monkeypatch.setattr(returns_watch, "LEAST", 0.2)

    async def run(base: AppContext) -> None:
        stop = asyncio.Event()
        part = asyncio.create_task(reading_mailbox(base, stop))
        async with asyncio.timeout(240):
            while not acts(ledger):  # noqa: ASYNC110 # reason: the database has no events
                await asyncio.sleep(0.1)
        stop.set()
        await part

    with dovecot() as server, capture_logs() as logs:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        server.put(bounce(return_path(1, ledger.mailing, SECRET)))
        base = context(ledger, tmp_path, mailbox=server.settings(interval="1s"))
        asyncio.run(run(base))
    assert acts(ledger) == [1]
    assert {line["event"] for line in logs} <= {"returns-read"}


def test_a_listener_takes_messages_and_is_begun_again(
    ledger: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()

    def put(reader: int, key: bytes = SECRET) -> None:
        for _attempt in range(2000):
            try:
                with smtplib.LMTP("127.0.0.1", port) as client:
                    to = f"{return_path(reader, ledger.mailing, key)}@retours.example.org"
                    client.sendmail("", [to], bounce("nobody"))
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("nobody listens")

    async def run(base: AppContext) -> None:
        stop = asyncio.Event()
        part = asyncio.create_task(listening_for_returns(base, stop))
        await asyncio.to_thread(put, 1)
        os.kill(begun[0], 9)
        await asyncio.to_thread(put, 2)
        await asyncio.to_thread(put, 2, b"x" * 32)
        stop.set()
        await part

    begun: list[int] = []
    original = returns_watch._begun

    async def noted(*given: object, **more: object) -> object:
        process = await original(*given, **more)  # type: ignore[arg-type] # reason: passed on as they are
        begun.append(process.pid)
        environment = await asyncio.to_thread(Path(f"/proc/{process.pid}/environ").read_bytes)
        assert b"no business" not in environment
        return process

    monkeypatch.setattr(returns_watch, "_begun", noted)
    with capture_logs() as logs:
        asyncio.run(run(context(ledger, tmp_path, lmtp=f"127.0.0.1:{port}")))
    assert sorted(acts(ledger)) == [1, 2]
    assert [line["event"] for line in logs if line["event"] != "returns-told"] == ["returns-listener-ended"]
    told = [line["what"] for line in logs if line["event"] == "returns-told" and "listening at" not in line["what"]]
    assert [line.split(" · ")[0::2] for line in told] == [
        ["bounce", "mailing 1, reader 1"],
        ["bounce", "mailing 1, reader 2"],
        ["bounce", "of no delivery of ours"],
    ]
    assert len(begun) == 2


@pytest.mark.parametrize("program", ["import time; time.sleep(600)", "raise SystemExit(3)", "print('no JSON')"])
def test_a_reading_that_hangs_or_fails_is_ended_and_logged(
    ledger: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(returns_watch, "_PROGRAM", program)
    monkeypatch.setattr(returns_watch, "READING_SECONDS", 1.0)
    base = context(ledger, tmp_path, mailbox={"host": "127.0.0.1", "user": "x"})

    async def run() -> list[str]:
        stop = asyncio.Event()
        with capture_logs() as logs:
            part = asyncio.create_task(reading_mailbox(base, stop))
            async with asyncio.timeout(60):
                while not logs:  # noqa: ASYNC110 # reason: a log has no events
                    await asyncio.sleep(0.02)
            stop.set()
            await part
        return [line["event"] for line in logs]

    assert asyncio.run(run()) == ["returns-not-read"]


def test_without_a_door_nothing_is_begun(ledger: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns_watch, "_PROGRAM", f"open({str(tmp_path / 'begun')!r}, 'w')")
    base = context(ledger, tmp_path)
    assert base.newsroom.settings.returns == Returns()

    async def run() -> None:
        stop = asyncio.Event()
        parts = [asyncio.create_task(part(base, stop)) for part in (reading_mailbox, listening_for_returns)]
        await asyncio.sleep(0.2)
        assert not any(part.done() for part in parts)
        stop.set()
        await asyncio.gather(*parts)

    asyncio.run(run())
    assert not (tmp_path / "begun").exists()
