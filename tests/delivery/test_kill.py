"""Killed at any instant, the sender loses no one, repeats no one, and names those it cannot know about.

Real processes, real sockets, SIGKILL; counted from the relay's side.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from composer.database import reading
from composer.delivery.tables import workers
from tests import databases
from tests.delivery.ledgers import Ready, ready, states

pytestmark = pytest.mark.usefixtures("each_engine")

READERS, KILLS, CONNECTIONS = 2_000, 20, 4


@contextmanager
def sink(log: Path, longest: float) -> Iterator[int]:
    """The counting relay, in its own process; its port."""
    command = [sys.executable, "-m", "tests.delivery.sink", str(log), str(longest)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def sender(folder: Path, port: int, connections: int = CONNECTIONS) -> subprocess.Popen[str]:
    """A sender that waits for ``begin``: starting one takes longer than it then lives."""
    command = [sys.executable, "-m", "tests.delivery.sender", str(folder), str(port), str(connections)]
    command.append(databases.url(folder))
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def begin(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[str]) -> str:
    """Its output, once it has ended by itself."""
    output, _ = process.communicate(timeout=50)
    assert process.returncode == 0, output
    return output


def accepted(log: Path) -> Counter[str]:
    """Messages the relay accepted, by recipient."""
    return Counter(line.split()[0] for line in log.read_text().splitlines())


def doubts(ledger: Ready) -> set[str]:
    return {email for email, state in states(ledger.engine).items() if state == "in_doubt"}


def test_every_reader_is_accepted_once_or_named_in_doubt_after_twenty_kills(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # shown where the test fails
    chance = random.Random(seed)
    log = tmp_path / "accepted.log"
    log.touch()
    readers = [f"reader{number:04d}@example.org" for number in range(READERS)]
    with sink(log, longest=0.02) as port:
        ledger = ready(tmp_path, port, readers)
        following = sender(tmp_path, port)
        for kill in range(KILLS):
            process, following = begin(following), sender(tmp_path, port)
            # Now and then before the first claim; mostly with every connection somewhere in a transaction.
            time.sleep(chance.uniform(0, 0.4))
            assert process.poll() is None, f"nothing was left to interrupt at kill {kill}"
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert len(doubts(ledger)) <= CONNECTIONS * kill  # those of this kill are still in_flight
        finish(begin(following))

    counted, found = accepted(log), states(ledger.engine)
    assert max(counted.values()) == 1
    assert Counter(found.values()).keys() <= {"accepted", "in_doubt"}
    assert set(found) == set(readers)
    assert {email for email, state in found.items() if state == "accepted"} | doubts(ledger) == set(readers)
    assert {email for email, state in found.items() if state == "accepted"} <= counted.keys()
    assert len(doubts(ledger)) <= CONNECTIONS * KILLS
    message_ids = [line.split()[1] for line in log.read_text().splitlines()]
    assert len(set(message_ids)) == len(message_ids)
    with reading(ledger.engine).connect() as connection:
        assert connection.execute(select(func.count()).select_from(workers)).scalar_one() <= KILLS + 1


def test_sigterm_drains_what_is_in_flight_and_gives_back_the_rest(tmp_path: Path) -> None:
    log = tmp_path / "accepted.log"
    readers = [f"reader{number:03d}@example.org" for number in range(400)]
    with sink(log, longest=0.02) as port:
        ledger = ready(tmp_path, port, readers)
        process = begin(sender(tmp_path, port))
        while not log.exists() or len(log.read_text().splitlines()) < 20:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert "worker-stopped" in finish(process)
    found = Counter(states(ledger.engine).values())
    assert found.keys() == {"accepted", "queued"}
    assert found["accepted"] == len(accepted(log)) < 400
