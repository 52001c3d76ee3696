"""What happens to one mailing, or to one item of a group commit, is not its neighbours' business."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, func, select

from composer import locale
from composer.database import Collision, DatabaseUnavailable, read_only
from composer.delivery.control import resume
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.ledger.workers import join
from composer.delivery.tables import mailings, workers
from composer.delivery.worker.group_commit import GroupCommit
from composer.delivery.worker.worker import Worker
from composer.errors import Refused
from composer.issue.model import IssueKey
from composer.message.dkim import new_key
from tests.delivery.support.fake_relay import listening
from tests.delivery.support.sample_ledger import KEY, Ready, engine, opened, ready
from tests.delivery.support.sample_newsroom import newsroom
from tests.delivery.worker.test_worker import run

pytestmark = pytest.mark.usefixtures("each_engine")


def refuse(connection: Connection) -> int:
    join(connection)
    raise Refused("not this one")


async def test_what_one_item_raises_is_its_own_and_rolls_back_nobody_elses(tmp_path: Path) -> None:
    ledger = engine(tmp_path)
    commit = GroupCommit(ledger)
    functions: list[Callable[[Connection], int]] = [join, refuse, join]
    first, wrong, last = await asyncio.gather(*map(commit.call, functions), return_exceptions=True)
    await commit.close()
    assert isinstance(wrong, Refused)
    with read_only(ledger).connect() as connection:
        assert connection.execute(select(workers.c.id)).scalars().all() == [first, last]


async def test_a_transaction_that_collided_with_another_host_s_is_done_again(tmp_path: Path) -> None:
    """PostgreSQL undoes one of two that lock each other out: nobody who waits for it has done anything wrong."""
    ledger, tried = engine(tmp_path), 0

    def collide(connection: Connection) -> int:
        nonlocal tried
        tried += 1
        joined = join(connection)
        if tried == 1:
            raise Collision("deadlock detected")
        return joined

    commit = GroupCommit(ledger)
    joined = await commit.call(collide)
    await commit.close()
    assert tried == 2
    with read_only(ledger).connect() as connection:
        assert connection.execute(select(workers.c.id)).scalars().all() == [joined]


async def test_what_is_left_behind_in_haste_leaves_no_task_that_waits_for_ever(tmp_path: Path) -> None:
    """At SIGHUP the process goes on: such a task was named in its log, as an error of nobody's."""
    released, before = Event(), asyncio.all_tasks()
    commit = GroupCommit(engine(tmp_path))
    commit.hasty = lambda: True
    slow = asyncio.create_task(commit.answer(commit.call(lambda _connection: released.wait(30))))
    await asyncio.sleep(0)
    later = commit.call(join)
    with pytest.raises(DatabaseUnavailable):
        await slow
    later.cancel()
    await commit.close()
    released.set()
    await asyncio.to_thread(commit._thread.join, 10)
    left = asyncio.all_tasks() - before
    if left:
        await asyncio.wait(left, timeout=5)
    assert asyncio.all_tasks() == before


async def test_what_only_reads_is_not_behind_the_writers_back(tmp_path: Path) -> None:
    commit = GroupCommit(engine(tmp_path))
    worker = await commit.call(join)
    counting = select(func.count()).select_from(workers)
    assert await commit.read(lambda connection: connection.execute(counting).scalar_one()) == worker == 1
    with pytest.raises(Refused):
        await commit.read(refuse)
    await commit.close()


async def both(folder: Path, port: int, spoil: Callable[[Path], object]) -> tuple[Ready, int]:
    """An unsigned mailing of six, and a signed one of six whose key ``spoil`` then spoiled."""
    readers = [f"reader{number}@example.org" for number in range(6)]
    ledger = ready(folder, port, readers)
    key = folder / "dkim.pem"
    key.write_bytes(new_key())
    ledger.room = newsroom(folder, port, dkim=True)
    signed = opened(ledger.engine, ledger.room, key=IssueKey(KEY.publication, KEY.date, "signed"))
    assert signed is not None
    spoil(key)
    return ledger, signed


def folder_in_its_place(key: Path) -> None:
    key.unlink()
    key.mkdir()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (Path.unlink, "no DKIM key"),
        (lambda key: key.write_text("nonsense"), "not an unencrypted private key"),
        (folder_in_its_place, "cannot be read"),
    ],
)
async def test_a_mailing_whose_key_is_gone_pauses_alone_and_says_so_once(
    tmp_path: Path, spoil: Callable[[Path], object], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening() as relay:
        ledger, signed = await both(tmp_path, relay.port, spoil)
        await run(ledger)
    assert outcomes(ledger.engine, ledger.mailing) == {"accepted": 6}
    assert outcomes(ledger.engine, signed) == {"queued": 6}
    with read_only(ledger.engine).connect() as connection:
        row = connection.execute(select(mailings).where(mailings.c.id == signed)).one()
    assert row.state == "paused"
    assert reason in row.reason
    assert capsys.readouterr().out.count("mailing-paused") == 1


async def test_another_secret_key_pauses_the_mailing_until_the_first_is_back(tmp_path: Path) -> None:
    """Links made with it would open nothing once the first is back, and a resend would be another message."""
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port)
        await asyncio.wait_for(Worker(ledger.engine, ledger.room, b"x" * 32, poll=0.05).run(asyncio.Event(), True), 30)
        with read_only(ledger.engine).connect() as connection:
            row = connection.execute(select(mailings)).one()
        assert relay.accepted == []
        assert row.state == "paused"
        assert "FILIGRANE_SECRET_KEY" in row.reason
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
    assert set(outcomes(ledger.engine, ledger.mailing)) == {"accepted"}


@pytest.mark.slow
async def test_a_key_that_was_replaced_under_way_pauses_the_mailing_until_it_is_back(tmp_path: Path) -> None:
    """Signed with the new key under the old selector, every message would fail, and nobody would know."""
    key = tmp_path / "dkim.pem"
    key.write_bytes(began := new_key())
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, dkim=True)
        key.write_bytes(new_key())
        await run(ledger)
        with read_only(ledger.engine).connect() as connection:
            row = connection.execute(select(mailings)).one()
        assert (row.state, relay.accepted) == ("paused", [])
        assert "essai._domainkey.example.org" in row.reason
        key.write_bytes(began)
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
        assert relay.accepted == ["anne@example.org"]


async def test_the_reason_is_said_in_the_newsrooms_language(tmp_path: Path) -> None:
    """The ledger has a thread of its own, which does not know by itself what is spoken."""
    async with listening() as relay:
        ledger, signed = await both(tmp_path, relay.port, Path.unlink)
        locale.use("fr")
        await run(ledger)
    with read_only(ledger.engine).connect() as connection:
        reason = connection.execute(select(mailings.c.reason).where(mailings.c.id == signed)).scalar_one()
    assert reason.startswith("pas de clé DKIM")
