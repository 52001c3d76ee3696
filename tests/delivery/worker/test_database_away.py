"""A database that is locked, or whose disk is full, while messages are on their way: nothing lost, nothing doubtful."""

from __future__ import annotations

import asyncio
import resource
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select, update
from structlog.testing import capture_logs

from composer.database import DatabaseDamaged, DatabaseReplaced, db_now
from composer.delivery.tables import mailings, workers
from composer.delivery.worker.beat_file import FOLDER
from composer.delivery.worker.worker import Worker
from composer.errors import OutsideWorld
from tests.delivery.smtp.test_pipelining import offering
from tests.delivery.support.fake_relay import listening
from tests.delivery.support.ledger_calls import written_over
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.delivery.worker.test_kill import begin, finish, sender
from tests.delivery.worker.test_worker import run

ANNE, BORIS = "anne@example.org", "boris@example.org"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own patience with another writer, in seconds."""
    monkeypatch.setattr("composer.database.errors.PATIENCE", 0.1)


def lock(ledger: Ready) -> sqlite3.Connection:
    """Another process's long transaction, until it is closed."""
    other = sqlite3.connect(str(ledger.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


@pytest.mark.slow
@pytest.mark.parametrize("step", ["EHLO", "DATA", "DOT"])
async def test_a_long_lock_costs_time_and_nothing_else(tmp_path: Path, step: str) -> None:
    """At the claims, at a mark, at an outcome: longer than SQLite waits for."""
    held: list[sqlite3.Connection] = []

    def hold(here: str, address: str) -> bytes | None:
        if here == step and not held:
            held.append(lock(ledger))
            asyncio.get_running_loop().call_later(1.0, held[0].close)
        return None

    async with listening(hold) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, BORIS], retry=["0s"])
        await run(ledger)
        assert held
        assert states(ledger.engine) == {ANNE: "accepted", BORIS: "accepted"}
        assert sorted(relay.accepted) == [ANNE, BORIS]


async def test_the_outcome_that_came_with_the_stop_waits_for_the_database_too(tmp_path: Path) -> None:
    """SIGTERM while a reply is on its way, the next envelope on the wire, and the ledger locked."""
    stop = asyncio.Event()

    def hold(step: str, address: str) -> bytes | None:
        if step == "DOT":
            stop.set()
            asyncio.get_running_loop().call_later(0.5, lock(ledger).close)
        return None

    async with listening(offering(hold)) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, BORIS], connections=1)
        await asyncio.wait_for(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop), 30)
        assert states(ledger.engine) == {ANNE: "accepted", BORIS: "queued"}
        assert relay.accepted == [ANNE]


@pytest.mark.slow
async def test_a_database_that_stays_away_ends_the_worker_with_one_error_and_a_doubt(tmp_path: Path) -> None:
    held: list[sqlite3.Connection] = []

    def hold(step: str, address: str) -> bytes | None:
        if step == "DOT" and not held:
            held.append(lock(ledger))
        return None

    async with listening(hold) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, BORIS], connections=1)
        with pytest.raises(OutsideWorld, match=r"stayed away.*ledger\.db.*in doubt"):
            await run(ledger, patience=0.5)
        held[0].close()
        with ledger.engine.begin() as connection:  # its process ended; here it is the test's own
            connection.execute(update(workers).values(stopped_at=db_now()))
        await run(ledger)
        assert states(ledger.engine) == {ANNE: "in_doubt", BORIS: "accepted"}
        assert relay.accepted == [ANNE, BORIS]
    # The first let go of its counter, though its process lives: the second compared and removed it.
    assert [file.name for file in (tmp_path / FOLDER).iterdir()] == ["2.beat"]


def rescued(root: Path) -> list[Path]:
    return list(root.glob("var/rescued-*.db"))


@pytest.mark.parametrize("room", [True, False])
async def test_a_rescue_that_fails_is_tried_five_times_and_once_more_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: bool
) -> None:
    """The ledger is deleted, and ``var`` is no folder; ``room``: it can be made before the process is stopped."""
    monkeypatch.setattr("composer.delivery.worker.worker._RESCUE", 0.01)
    stop, var = asyncio.Event(), tmp_path / "var"

    def take(step: str, address: str) -> bytes | None:
        if step == "DOT" and not var.is_file():
            Path(str(ledger.engine.url.database)).unlink()
            shutil.rmtree(var)
            var.touch()
        return None

    async with listening(take) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, BORIS], connections=1)
        with capture_logs() as lines:
            worker = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
            for _look in range(3000):
                if waits := [line for line in lines if line["event"] == "database-rescue-waits"]:
                    break
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            events = [str(line["event"]) for line in lines]
            assert events.count("database-not-rescued") == waits[0]["attempts"] == 5
            assert not worker.done()
            if room:
                var.unlink()
            stop.set()
            with pytest.raises(DatabaseReplaced, match="What was still open" if room else "could not be written"):
                await worker
    assert [line["event"] for line in lines].count("database-not-rescued") == (5 if room else 6)
    assert len(rescued(tmp_path)) == room


@pytest.mark.slow
async def test_a_disk_that_takes_nothing_for_a_while_costs_no_outcome(tmp_path: Path) -> None:
    """A process of its own, whose files may not grow (RLIMIT_FSIZE) between the dot and a second after it."""
    full: list[str] = []

    def fill(step: str, address: str) -> bytes | None:
        if step == "DOT" and not full:
            full.append(address)
            _soft, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            unlimited = (resource.RLIM_INFINITY, hard)
            asyncio.get_running_loop().call_later(1.0, resource.prlimit, process.pid, resource.RLIMIT_FSIZE, unlimited)
        return None

    async with listening(fill) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, BORIS])
        process = await asyncio.to_thread(lambda: begin(sender(tmp_path, relay.port, 1)))
        output = await asyncio.to_thread(finish, process)
        assert "database-unavailable" in output
        assert states(ledger.engine) == {ANNE: "accepted", BORIS: "accepted"}
        assert relay.accepted == [ANNE, BORIS]


@pytest.mark.slow
async def test_a_full_disk_loses_nobody_repeats_nobody_and_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite may not add a page (SQLITE_FULL) from the tenth message on, for a second: marks, outcomes, claims."""
    readers = [f"reader{number:02d}@example.org" for number in range(40)]

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() if full else 2**30
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def fill(step: str, address: str) -> bytes | None:
        if step == "DOT" and len(relay.accepted) == 10 and not full:
            full.append(True)
            asyncio.get_running_loop().call_later(1.0, full.clear)
        return None if step != "DOT" else b"250 2.0.0 " + b"kept for a long while " * 20

    full: list[bool] = []
    async with listening(fill) as relay:
        ledger = ready(tmp_path, relay.port, readers)
        event.listen(ledger.engine, "begin", limit)
        await run(ledger)
        assert set(states(ledger.engine).values()) == {"accepted"}
        assert sorted(relay.accepted) == readers
    assert "the disk is full; nothing was changed; make room" in capsys.readouterr().out


async def test_a_file_whose_letters_are_damaged_ends_the_worker_and_pauses_nothing(tmp_path: Path) -> None:
    """It is no fault of the mailing's, which a person would resume."""
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, [ANNE])
        file = Path(str(ledger.engine.url.database))
        ledger.engine.dispose()
        written_over(file, "mailing_editions")
        with pytest.raises(DatabaseDamaged):
            await run(ledger)
        assert relay.accepted == []
    with ledger.engine.connect() as connection:
        assert connection.execute(select(mailings.c.state)).scalar_one() == "sending"
