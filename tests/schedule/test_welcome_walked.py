"""The clock walked over 30 days with joiners, leavers and kills: each letter once, none after leaving.

Whole, with ``FILIGRANE_WHOLE=1``, it is 10,000 joiners and 60 kills.
"""

from __future__ import annotations

import random
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from composer.delivery.state import OPEN
from composer.delivery.tables import deliveries, mailings
from composer.message.verp import read_return_path
from composer.subscribers.subscription import unsubscribe
from composer.subscribers.tables import subscribers
from tests.schedule.support.joiners import join
from tests.schedule.support.sample_hour import SECRET, Hour, paris
from tests.support import program
from tests.support.lengths import WHOLE, length
from tests.support.newsrooms import FRIDAY, configure, write_issue

JOINERS, KILLS, DAYS, A_DAY = length(10_000), length(60), 30, 6 if WHOLE else 3
STEPS = {
    "2026-11-01-bonjour": timedelta(),
    "2026-11-02-guide": timedelta(days=3),
    "2026-11-03-bilan": timedelta(days=10),
}
SEED = 20261201


class Walker:
    """The process that ticks and sends, begun anew where it was killed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._errors = (root / "walker.log").open("a")
        self._begin()

    def _begin(self) -> None:
        pipe = subprocess.PIPE
        walker = "tests.schedule.support.welcome_walker"
        self._process = program.begin(walker, str(self._root), stdin=pipe, stdout=pipe, stderr=self._errors)
        self._said("ready")

    def _said(self, word: str) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == word, Path(self._errors.name).read_text()

    def at(self, instant: datetime) -> None:
        self._ask(instant)
        self._said("done")

    def _ask(self, instant: datetime) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{instant.isoformat()}\n")
        self._process.stdin.flush()

    def killed_at(self, instant: datetime, seconds: float) -> None:
        """Killed ``seconds`` after it began with ``instant``, and begun anew."""
        self._ask(instant)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
        self._process.communicate()
        self._begin()

    def stop(self) -> None:
        self._process.communicate(timeout=60)  # its standard input ends, and it does
        self._errors.close()


@contextmanager
def counting(log: Path) -> Iterator[int]:
    """A relay that writes what it kept into ``log``; its port."""
    log.touch()
    relay = "tests.delivery.support.counting_relay"
    with program.begin(relay, str(log), "0.002", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.slow
def test_each_letter_once_and_none_after_leaving(hour: Hour, tmp_path: Path) -> None:
    log = tmp_path / "kept.log"
    with counting(log) as port:
        hour.write(relays=[{"host": "127.0.0.1", "port": port, "security": "none"}], long_gap="2d")
        walked(hour, log)


def walked(hour: Hour, log: Path) -> None:
    chance = random.Random(SEED)
    configure(
        hour.root,
        welcome=[{"letter": letter, "after": f"{after.days}d" if after else 0} for letter, after in STEPS.items()],
    )
    for letter in STEPS:
        written = write_issue(hour.root, "vendredi", FRIDAY - timedelta(days=50), subject=letter[11:])
        hour.approve(written.rename(written.with_name(f"{letter}.yaml")))
    begin, instants = paris("2026-11-23 12:00"), DAYS * A_DAY
    killed = {instant: chance.uniform(0.0, 1.5) for instant in chance.sample(range(1, instants), KILLS)}
    ready: dict[int, int] = {}  #: subscription → instant of its joining
    left: dict[int, int] = {}  #: the same → how long the log was when it left
    walker = Walker(hour.root)
    for number in range(1, instants + 1):
        now = begin + timedelta(hours=24 / A_DAY * number)
        some = JOINERS * number // instants - JOINERS * (number - 1) // instants
        names = [f"reader{number}-{each}@example.org" for each in range(some)]
        ready |= dict.fromkeys(join(hour.engine, now - timedelta(minutes=1), names), number)
        with hour.engine.begin() as connection:
            stay = [each for each in ready if each not in left]
            for each in chance.sample(stay, len(stay) // 100):
                unsubscribe(connection, each, "page")
                left[each] = log.stat().st_size
        if number in killed:
            walker.killed_at(now, killed[number])
        walker.at(now)
    for _evening in range(3):  # what a kill gave back, and what waited for the hours of sending
        now += timedelta(hours=24)
        walker.at(now)
    walker.stop()

    kept, late = Counter[tuple[str, int]](), 0
    with hour.engine.begin() as connection:
        slugs = {row.id: f"{row.date}-{row.slug}" for row in connection.execute(select(mailings))}
        rows = connection.execute(select(deliveries)).all()
        people = {row.id: row.email for row in connection.execute(select(subscribers))}
    subscriptions = {row.subscriber_id: row.subscription_id for row in rows}
    offset = 0
    for line in log.read_bytes().splitlines(keepends=True):
        found = read_return_path(line.split()[1].split(b"@")[0].decode(), SECRET)
        assert found is not None
        reader, mailing = found
        kept[slugs[mailing], reader] += 1
        late += offset >= left.get(subscriptions[reader], offset + 1)
        offset += len(line)
    assert late == 0
    assert set(kept.values()) == {1}, [
        (people[reader], letter) for (letter, reader), count in kept.items() if count > 1
    ]
    assert not any(row.state in OPEN for row in rows)
    assert len({(slugs[row.mailing_id], row.subscriber_id) for row in rows}) == len(rows)
    doubts = {(slugs[row.mailing_id], row.subscriber_id) for row in rows if row.state == "in_doubt"}
    by_subscription = {subscription: reader for reader, subscription in subscriptions.items()}
    for subscription, number in ready.items():
        if subscription in left:
            continue
        joined = begin + timedelta(hours=24 / A_DAY * number)
        for letter, after in STEPS.items():
            told = letter, by_subscription[subscription]
            if joined + after + timedelta(days=1) <= now:
                assert kept[told] == 1 or told in doubts, told
    assert len(doubts) <= KILLS * 20
    print(f"{len(ready)} joined, {len(left)} left, {KILLS} kills: {sum(kept.values())} letters, {len(doubts)} doubts")
