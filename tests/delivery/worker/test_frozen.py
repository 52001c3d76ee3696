"""A worker that sleeps beyond its heartbeat and wakes up: suspended, swapped out, cut off from its database."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url

from composer.database import connect
from composer.delivery.ledger import claims as ledger_gates
from composer.delivery.ledger import resend, workers
from composer.delivery.ledger.claims import Claimed
from composer.delivery.ledger.listing import ids
from composer.delivery.worker.worker import Worker
from tests.delivery.support.fake_relay import listening
from tests.delivery.support.frozen_sender import HEARTBEAT, SILENCE
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.delivery.worker.test_kill import begin, finish
from tests.delivery.worker.test_worker import run
from tests.support import databases
from tests.support.postgres import Server

ANNE, BORIS = "anne@example.org", "boris@example.org"


@pytest.fixture(autouse=True)
def short_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SILENCE", SILENCE)
    monkeypatch.setattr(workers, "HEARTBEAT", HEARTBEAT)
    monkeypatch.setattr(workers, "FRESH", SILENCE - 2 * HEARTBEAT)


async def until(ledger: Ready, wanted: dict[str, str]) -> None:
    """Bury the dead until the ledger is so."""
    async with asyncio.timeout(120):
        while states(ledger.engine) != wanted:
            with ledger.engine.begin() as connection:
                workers.sweep_dead(connection)
            await asyncio.sleep(0.1)


def frozen(folder: Path, port: int) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "tests.delivery.support.frozen_sender",
        str(folder),
        str(port),
        databases.url(folder),
    ]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.slow
@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("resent", [False, True])
async def test_a_worker_that_slept_over_its_own_death_writes_no_dot(tmp_path: Path, resent: bool) -> None:
    """Its mark is committed and its dot is not written: it sleeps, counts as dead, and wakes up. ``resent``: somebody
    looked into the relay's log meanwhile, did not find the message there, and sent it again."""
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, [ANNE])
        process = await asyncio.to_thread(frozen, tmp_path, relay.port)
        try:
            await asyncio.to_thread(begin, process)
            await until(ledger, {ANNE: "in_doubt"})
            if resent:
                resend.resend(ledger.engine, ledger.mailing, ids(ledger.engine, ledger.mailing))
                await run(ledger)
                assert relay.accepted == [ANNE]
        except BaseException:  # reason: a frozen process must not outlive the test, whatever failed
            process.kill()
            process.communicate()
            raise
        process.send_signal(signal.SIGCONT)
        output = await asyncio.to_thread(finish, process)
        assert "no-dot-written" in output
        if not resent:  # it said so itself, and the reader was served by whoever came next
            await run(ledger)
        assert states(ledger.engine) == {ANNE: "accepted"}
        assert relay.accepted == [ANNE]


class Cable:
    """Between a worker and its database: what is said on it arrives, until it is cut, and again once it is mended.

    The hosts on both ends hear nothing of it, not even that it is broken.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._whole = {"requests": asyncio.Event(), "answers": asyncio.Event()}
        self._talks: set[asyncio.Task[None]] = set()
        self._ends: list[asyncio.StreamWriter] = []
        self._waits = self.marking = False
        for direction in self._whole.values():
            direction.set()

    def cut_at_a_mark(self, *, arrives: bool) -> None:
        """From the next mark on: it arrives and its answer does not, or nothing arrives any more."""
        self._waits = arrives
        if not arrives:
            self._whole["requests"].clear()

    def _watch(self, request: bytes) -> None:
        if self._waits and self.marking and b"COMMIT" in request:
            self._whole["answers"].clear()

    def mend(self) -> None:
        self._waits = False
        for direction in self._whole.values():
            direction.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, whole: asyncio.Event) -> None:
        while data := await reader.read(65536):
            await whole.wait()
            if whole is self._whole["requests"]:
                self._watch(data)
            writer.write(data)
        writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, there = await asyncio.open_unix_connection(self._server)
        self._ends += [writer, there]
        for talk in (
            self._carry(reader, there, self._whole["requests"]),
            self._carry(back, writer, self._whole["answers"]),
        ):
            self._talks.add(asyncio.create_task(talk))

    @asynccontextmanager
    async def laid(self, folder: Path) -> AsyncIterator[None]:
        server = await asyncio.start_unix_server(self._connected, folder / ".s.PGSQL.5432")
        try:
            yield
        finally:
            server.close()
            for writer in self._ends:
                writer.close()
            await asyncio.gather(*self._talks, return_exceptions=True)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("arrives", [False, True])
async def test_a_host_cut_off_from_its_database_writes_no_dot(
    tmp_path: Path, arrives: bool, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its mark: which does not arrive, or is committed and the host does not hear of it. Another host goes on."""
    cut: list[str] = []

    def cut_at_the_body(step: str, address: str) -> bytes | None:
        if step == "DATA" and not cut:
            cut.append(address)
            cable.cut_at_a_mark(arrives=arrives)
        return None

    mark = ledger_gates.mark

    def marking(connection: Connection, claims: Sequence[Claimed]) -> Callable[[], list[bool]]:
        cable.marking = bool(cut)
        return mark(connection, claims)

    monkeypatch.setattr(ledger_gates, "mark", marking)
    cable = Cable(f"{postgres_server.folder}/.s.PGSQL.5432")
    with databases.on(postgres_server):
        async with listening(cut_at_the_body) as relay, cable.laid(tmp_path):
            ledger = ready(tmp_path, relay.port, [ANNE, BORIS], connections=1)
            there = make_url(databases.url(tmp_path)).update_query_dict({"host": str(tmp_path)})
            far = connect(there.render_as_string(), tmp_path)
            stop = asyncio.Event()
            working = asyncio.create_task(Worker(far, ledger.room, SECRET, poll=0.05).run(stop))
            async with asyncio.timeout(30):
                await relay.reached["BODY"].wait()
            held = "in_doubt" if arrives else "queued"
            await until(ledger, {ANNE: held, BORIS: "queued"})
            await run_once(ledger)
            assert sorted(relay.accepted) == ([BORIS] if arrives else [ANNE, BORIS])
            cable.mend()
            await until(ledger, {ANNE: "accepted", BORIS: "accepted"})
            stop.set()
            await asyncio.wait_for(working, 30)
            far.dispose()
            assert sorted(relay.accepted) == [ANNE, BORIS]


async def run_once(ledger: Ready) -> None:
    """The other host's worker, until nothing is queued."""
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
    async with asyncio.timeout(30):
        while not set(states(ledger.engine).values()) <= {"accepted", "in_doubt"}:  # noqa: ASYNC110 # reason: the database has no events
            await asyncio.sleep(0.05)
    stop.set()
    await working
