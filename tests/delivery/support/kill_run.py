"""Workers killed at random instants while the relay has a bad day; counted from the relay's own log.

``make soak`` does it at length (``bench.soak``), ``test_kill.py`` in short. The instants are drawn as numbers of
messages kept so far, so that they are spread over the whole mailing however fast the machine is.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from composer.database import read_only
from composer.delivery.state import OPEN
from composer.delivery.tables import workers
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.support import databases, program

CONNECTIONS = 4  #: of each sender, on average: the relay's cap is shared out among those that live


@dataclass(frozen=True)
class Report:
    """Readers by what became of them. ``unsaid`` are doubts of the relay's making; ``unexplained`` the other doubts, at
    most ``bound``: the connections that those who were killed might have open, as their rows say. ``twice``, ``lost``,
    ``invented`` (accepted, says the ledger, and the relay has nothing) and ``unknown`` (the relay has it, and the
    ledger says neither accepted nor in doubt) must be 0."""

    readers: int
    kills: int
    seed: int
    kept: int
    accepted: int
    rejected: int
    in_doubt: int
    unsaid: int
    unexplained: int
    bound: int
    twice: int
    lost: int
    invented: int
    unknown: int

    @property
    def holds(self) -> bool:
        return not (self.twice or self.lost or self.invented or self.unknown) and self.unexplained <= self.bound


@contextmanager
def rough(log: Path, seed: int) -> Iterator[int]:
    """The relay, in its own process; its port."""
    log.touch()
    relay = "tests.delivery.support.chaos_relay"
    with program.begin(relay, str(log), str(seed), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def sender(folder: Path, port: int, cap: int) -> subprocess.Popen[str]:
    """One that waits for ``begin``: starting it takes longer than it then lives. What it says is in ``folder``."""
    command = "tests.delivery.support.sender_process", str(folder), str(port), str(cap), databases.url(folder), "hasty"
    with (folder / "senders.log").open("a") as said:
        return program.begin(*command, stdin=subprocess.PIPE, stdout=said, stderr=said)


def begin(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert process.stdin is not None
    process.stdin.close()
    return process


def soak(folder: Path, readers: int, kills: int, senders: int, seed: int) -> Report:
    """Send to so many readers with so many senders at once, one of them killed at each of ``kills`` instants."""
    chance = random.Random(seed)
    instants = sorted(chance.sample(range(readers * 9 // 10), kills))
    log = folder / "relay.log"
    with rough(log, seed) as port:
        ledger = ready(folder, port, [f"reader{number:06d}@example.org" for number in range(readers)])
        cap, bound = CONNECTIONS * senders, 0
        running = [begin(sender(folder, port, cap)) for _number in range(senders)]
        following = sender(folder, port, cap)
        for instant in instants:
            while lines(log) < instant:
                assert any(process.poll() is None for process in running), "nobody is sending any more"
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.05))
            victim = running.pop(chance.randrange(senders))
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            bound += might_have_open(ledger, victim.pid)
            running.append(begin(following))
            following = sender(folder, port, cap)
        for process in [*running, begin(following)]:
            assert process.wait(timeout=600) == 0
    return counted(ledger, log, kills, bound, seed)


def might_have_open(ledger: Ready, pid: int) -> int:
    """The connections of the process that has just been killed; 0 where it had not begun yet."""
    row = select(workers.c.connections).where(workers.c.pid == pid).order_by(workers.c.id.desc()).limit(1)
    with read_only(ledger.engine).connect() as connection:
        return sum((connection.execute(row).scalar() or {}).values())


def lines(log: Path) -> int:
    """About so many: a line has some 60 octets."""
    return log.stat().st_size // 60


def counted(ledger: Ready, log: Path, kills: int, bound: int, seed: int) -> Report:
    said = [line.split() for line in log.read_text().splitlines()]
    kept = Counter(reader for word, reader, _ in said if word == "kept")
    unsaid = {reader for word, reader, _ in said if word == "unsaid"}
    found = states(ledger.engine)
    ledger.engine.dispose()
    by_state = Counter(found.values())
    doubted = {reader for reader, state in found.items() if state == "in_doubt"}
    return Report(
        readers=len(found),
        kills=kills,
        seed=seed,
        kept=len(kept),
        accepted=by_state["accepted"],
        rejected=by_state["rejected"],
        in_doubt=len(doubted),
        unsaid=len(doubted & unsaid),
        unexplained=len(doubted - unsaid),
        bound=bound,
        twice=sum(count > 1 for count in kept.values()),
        lost=sum(state in OPEN for state in found.values()),
        invented=sum(state == "accepted" and reader not in kept for reader, state in found.items()),
        unknown=sum(found[reader] not in ("accepted", "in_doubt") for reader in kept),
    )
