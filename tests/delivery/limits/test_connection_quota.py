"""A relay's connections are shared out: together never more than its cap, whoever comes and goes.

Real worker processes on real sockets; counted by the relay.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, update

from composer.database import db_now, read_only
from composer.delivery.ledger import workers
from composer.delivery.limits import connection_quota
from composer.delivery.limits.connection_quota import Quota, fair, store_quotas
from composer.delivery.tables import workers as rows
from tests.delivery.support.fake_relay import listening
from tests.delivery.support.sample_ledger import engine, ready, states
from tests.delivery.worker.test_kill import begin, finish, sender

READERS = [f"reader{number:04d}@example.org" for number in range(3000)]


def parts(made: Engine) -> list[int]:
    """What each living worker says that it may have open, in the order in which they came."""
    with read_only(made).connect() as connection:
        living = select(rows.c.connections).where(rows.c.stopped_at.is_(None)).order_by(rows.c.id)
        return [sum(held.values()) for held in connection.execute(living).scalars()]


async def until(condition: Callable[[], bool], what: str) -> None:
    for _ in range(12_000):
        if await asyncio.to_thread(condition):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"never: {what}")


@pytest.mark.slow
async def test_the_connections_of_a_relay_are_never_more_than_its_cap_as_workers_come_die_and_go(
    tmp_path: Path, each_engine: str
) -> None:
    async with listening(pause=0.05) as relay:
        ledger = ready(tmp_path, relay.port, READERS)

        def another() -> subprocess.Popen[str]:
            return begin(sender(tmp_path, relay.port, 5, "stay"))

        first = await asyncio.to_thread(another)
        await until(lambda: relay.open == 5, "the first has them all")
        others = [await asyncio.to_thread(another) for _ in range(2)]
        await until(lambda: parts(ledger.engine) == [2, 2, 1] and relay.open == 5, "the three share them")
        first.send_signal(signal.SIGKILL)
        await asyncio.to_thread(first.communicate)
        await until(lambda: parts(ledger.engine) == [3, 2] and relay.open == 5, "the two share them")
        others[0].send_signal(signal.SIGTERM)
        await asyncio.to_thread(finish, others[0])
        await until(lambda: parts(ledger.engine) == [5] and relay.open == 5, "the last has them all")
        others[1].send_signal(signal.SIGTERM)
        await asyncio.to_thread(finish, others[1])
        assert relay.most_at_once == 5
        assert len(relay.accepted) == len(set(relay.accepted)) < len(READERS)


@pytest.mark.slow
async def test_where_there_are_more_workers_than_connections_one_waits_and_takes_nothing_in_hand(
    tmp_path: Path, each_engine: str
) -> None:
    readers = READERS[:60]
    async with listening(pause=0.05) as relay:
        ledger = ready(tmp_path, relay.port, readers)
        first = await asyncio.to_thread(lambda: begin(sender(tmp_path, relay.port, 1, "stay")))
        await until(lambda: relay.open == 1, "the first has it")
        second = await asyncio.to_thread(lambda: begin(sender(tmp_path, relay.port, 1)))
        await until(lambda: parts(ledger.engine) == [1, 0], "the second waits")
        sent = len(relay.accepted)
        await until(lambda: len(relay.accepted) > sent + 10, "the first sends on")
        first.send_signal(signal.SIGTERM)
        await asyncio.to_thread(finish, first)
        await asyncio.to_thread(finish, second)  # it ends when all is sent
        assert set(states(ledger.engine).values()) == {"accepted"}
        assert sorted(relay.accepted) == readers
        assert relay.most_at_once == 1


@pytest.mark.slow
async def test_who_has_no_connection_keeps_nothing_in_hand_though_some_would_be_its_share(
    tmp_path: Path, each_engine: str
) -> None:
    """Two hosts with two configurations: what the one calls its share, the other one does not let go of."""
    readers = READERS[:160]
    async with listening(pause=0.05) as relay:
        ledger = ready(tmp_path, relay.port, readers)
        second = await asyncio.to_thread(lambda: sender(tmp_path, relay.port, 2))
        first = await asyncio.to_thread(lambda: begin(sender(tmp_path, relay.port, 4, "stay")))
        await until(lambda: relay.open == 4, "the first has four")
        await asyncio.to_thread(finish, begin(second))
        assert sorted(relay.accepted) == readers
        assert set(states(ledger.engine).values()) == {"accepted"}
        first.send_signal(signal.SIGTERM)
        await asyncio.to_thread(finish, first)


@given(cap=st.integers(1, 100), among=st.integers(1, 150))
def test_the_parts_are_the_whole_and_differ_by_one_at_the_most(cap: int, among: int) -> None:
    each = [fair(cap, position, among) for position in range(among)]
    assert sum(each) == cap
    assert max(each) - min(each) <= 1


def test_nobody_takes_what_another_one_still_has(tmp_path: Path, each_engine: str) -> None:
    made = engine(tmp_path)
    with made.begin() as connection:
        one, two = workers.join(connection), workers.join(connection)
        assert store_quotas(connection, one, {"hall": 4}, {"hall": 4}) == {"hall": Quota(2, 4, 2)}
        assert store_quotas(connection, two, {"hall": 4}, {"hall": 0}) == {"hall": Quota(2, 0, 2)}
        assert store_quotas(connection, one, {"hall": 4}, {"hall": 3}) == {"hall": Quota(2, 3, 2)}
        assert store_quotas(connection, two, {"hall": 4}, {"hall": 0}) == {"hall": Quota(2, 1, 2)}
        assert store_quotas(connection, one, {"hall": 4}, {"hall": 2}) == {"hall": Quota(2, 2, 2)}
        assert store_quotas(connection, two, {"hall": 4}, {"hall": 1}) == {"hall": Quota(2, 2, 2)}


def test_who_is_silent_too_long_has_no_share_and_lets_go(tmp_path: Path, each_engine: str) -> None:
    made = engine(tmp_path)
    with made.begin() as connection:
        silent = insert(rows).values(host="elsewhere", pid=1, connections={"hall": 4}).returning(rows.c.id)
        before = connection.execute(silent).scalar_one()
        one = workers.join(connection)
        assert store_quotas(connection, one, {"hall": 4}, {"hall": 0}) == {"hall": Quota(2, 0, 2)}
        connection.execute(update(rows).where(rows.c.id == before).values(heartbeat_at=db_now(-workers.SILENCE - 1)))
        assert store_quotas(connection, one, {"hall": 4}, {"hall": 0}) == {"hall": Quota(4, 4, 1)}
        assert connection_quota.quotas(connection, before, {"hall": 4}, {"hall": 4}) == {"hall": Quota(0, 4, 1)}
