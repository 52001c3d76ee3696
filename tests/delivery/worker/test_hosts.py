"""Several hosts on one PostgreSQL: its restarts, and their clocks. Each sender is a process; counted by the relay."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from composer.delivery.ledger import workers
from tests.delivery.support.sample_ledger import ready, states
from tests.delivery.worker.test_kill import accepted, begin, finish, sender, sink
from tests.delivery.worker.test_worker import run
from tests.support import databases
from tests.support.postgres import Server, serving

pytestmark = pytest.mark.postgres


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_a_server_restarted_in_mid_send_loses_nobody_and_repeats_nobody(tmp_path: Path, how: signal.Signals) -> None:
    """Twice, under two hosts: a fast shutdown undoes what is open, an immediate one is a crash."""
    readers = [f"reader{number:03d}@example.org" for number in range(300)]
    log = tmp_path / "accepted.log"
    log.touch()
    with serving(durable=True) as server, databases.on(server), sink(log, longest=0.02) as port:
        ledger = ready(tmp_path, port, readers)
        hosts = [begin(sender(tmp_path, port)) for _host in range(2)]
        for share in (50, 120):
            wait_for(lambda share=share: accepted(log).total() > share)  # type: ignore[misc] # reason: bound at once
            server.stop(how)
            server.start()
        output = "".join(map(finish, hosts))
        assert "database-unavailable" in output or "no-dot-written" in output
        assert accepted(log) == dict.fromkeys(readers, 1)
        assert set(states(ledger.engine).values()) == {"accepted"}  # both lived on: every reply found its row


@pytest.mark.slow
@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_host_whose_clock_is_wrong_by_an_hour_is_one_of_them(
    tmp_path: Path, hours: int, postgres_server: Server
) -> None:
    """It takes nobody for dead, nobody takes it for dead, and it waits as long as the others for a second try."""
    readers = [f"reader{number:03d}@example.org" for number in range(120)]
    log = tmp_path / "accepted.log"
    log.touch()
    with databases.on(postgres_server), sink(log, longest=0.02) as port:
        ledger = ready(tmp_path, port, readers)
        right = await asyncio.to_thread(lambda: begin(sender(tmp_path, port)))
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours), tick=True):
            wrong = asyncio.create_task(run(ledger))
            while not accepted(log):  # noqa: ASYNC110 # reason: another process writes it
                await asyncio.sleep(0.02)
            with ledger.engine.begin() as connection:
                assert workers.sweep_dead(connection) == (0, 0)
            await wrong
        assert "taken-for-dead" not in await asyncio.to_thread(finish, right)
        assert accepted(log) == dict.fromkeys(readers, 1)
        assert set(states(ledger.engine).values()) == {"accepted"}
