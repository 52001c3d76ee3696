"""Killed at any instant, the sender loses no one, repeats no one, and names those it cannot know about.

Real processes, real sockets, SIGKILL; counted from the relay's side.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.delivery.support.kill_run import soak
from tests.delivery.support.sample_ledger import ready, states
from tests.support import databases, program

pytestmark = pytest.mark.usefixtures("each_engine")

READERS, KILLS, CONNECTIONS = 2_000, 20, 4


@contextmanager
def sink(log: Path, longest: float) -> Iterator[int]:
    """The counting relay, in its own process; its port."""
    relay = "tests.delivery.support.counting_relay"
    with program.begin(relay, str(log), str(longest), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def sender(folder: Path, port: int, connections: int = CONNECTIONS, *words: str) -> subprocess.Popen[str]:
    """A sender that waits for ``begin``: starting one takes longer than it then lives."""
    command = "tests.delivery.support.sender_process", str(folder), str(port), str(connections), databases.url(folder)
    pipe = subprocess.PIPE
    return program.begin(*command, *words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT)


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


@pytest.mark.slow
def test_every_reader_is_accepted_once_refused_or_in_doubt_after_twenty_kills(each_engine: str, tmp_path: Path) -> None:
    """``make soak`` in short: the relay has a bad day too, and its log is what is counted."""
    seed = random.randrange(2**32)
    report = soak(tmp_path, READERS, KILLS, senders=3 if each_engine == "postgresql" else 1, seed=seed)
    print(report)  # shown where the test fails; the seed begins the same course again
    assert report.holds
    assert report.readers == report.accepted + report.rejected + report.in_doubt == READERS
    assert report.rejected
    assert report.in_doubt


@pytest.mark.slow
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
