"""The counter of a worker's commits: what shows that the ledger went back, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from composer.database import DatabaseUnavailable, db_now, read_only
from composer.delivery.control import pause
from composer.delivery.ledger import claims, workers
from composer.delivery.ledger.claims import Claimed, Settlement
from composer.delivery.ledger.refusal_runs import RefusalReport
from composer.delivery.ledger.rollback import Remembered, went_back
from composer.delivery.smtp.reply import Phase, Reply, Retry, judge
from composer.delivery.state import State
from composer.delivery.tables import deliveries, swept_workers
from composer.delivery.tables import mailings as mailings_table
from composer.delivery.tables import workers as workers_table
from composer.delivery.worker import beat as room
from composer.delivery.worker.beat import Beat, LedgerWentBack
from composer.delivery.worker.beat_file import FOLDER, compare
from composer.delivery.worker.group_commit import GroupCommit
from composer.delivery.worker.heartbeat import Registration
from composer.subscribers.tables import suppressions
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.support import databases
from tests.support.postgres import Server

pytestmark = pytest.mark.usefixtures("each_engine")

ANNE, BORIS, CHLOE = "anne@example.org", "boris@example.org", "chloe@example.org"
ACCEPTED = judge(Phase.DOT, Reply(250, "2.0.0", "2.0.0 Ok"), Retry())


#: What keeps a loss from being recorded, and takes that away again.
HINDERS = {
    "sqlite": (
        "CREATE TRIGGER hinders BEFORE INSERT ON rollbacks BEGIN SELECT RAISE(ABORT, 'not yet'); END",
        "DROP TRIGGER hinders",
    ),
    "postgresql": (
        "ALTER TABLE rollbacks ADD CONSTRAINT hinders CHECK (id < 0)",
        "ALTER TABLE rollbacks DROP CONSTRAINT hinders",
    ),
}


def nothing(_connection: Connection) -> None:
    """One that only commits."""


class Counted:
    """A group commit of one registered worker."""

    def __init__(self, ledger: Ready) -> None:
        self.ledger = ledger
        self.beat = Beat(ledger.room.root)
        self.commits = GroupCommit(ledger.engine, beat=self.beat, patience=0)
        self.noticed: list[object] = []
        self.beat.noticed = self.noticed.append

    async def register(self) -> int:
        start = self.beat.start()

        def join(connection: Connection) -> int:
            return workers.join(connection, start)

        number = await self.commits.call(join)
        self.beat.begin(number, start)
        return number

    def counter(self, worker: int) -> int:
        with read_only(self.ledger.engine).connect() as connection:
            of = select(workers_table.c.beat).where(workers_table.c.id == worker)
            return int(connection.execute(of).scalar_one())

    def turn(self, worker: int, **values: object) -> None:
        with self.ledger.engine.begin() as connection:
            connection.execute(update(workers_table).where(workers_table.c.id == worker).values(values))


async def test_each_commit_counts_and_a_lower_counter_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    one = Counted(ready(tmp_path, readers=[ANNE]))
    worker = await one.register()
    for _ in range(3):
        await one.commits.call(nothing)
    counted = one.counter(worker)
    assert counted & (2**36 - 1) == 3
    assert compare_file(tmp_path, worker) == counted
    one.turn(worker, beat=counted - 1)

    def cancel(connection: Connection) -> None:
        connection.execute(update(deliveries).values(state=State.CANCELLED))

    with pytest.raises(LedgerWentBack):
        await one.commits.call(cancel)
    await one.commits.close()
    assert states(one.ledger.engine) == {ANNE: "queued"}
    assert len(one.noticed) == 1
    with read_only(one.ledger.engine).connect() as connection:
        (mailing,) = connection.execute(select(mailings_table)).all()
    assert (mailing.state, mailing.rollback_id) == ("paused", 1)


@pytest.mark.parametrize("happened", [True, False])
async def test_a_commit_that_may_have_happened_is_no_loss(tmp_path: Path, happened: bool) -> None:
    one = Counted(ready(tmp_path))
    worker = await one.register()
    await one.commits.call(nothing)
    counted = one.counter(worker)

    def breaks(_connection: Connection) -> None:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await one.commits.call(breaks)
    one.turn(worker, beat=counted + happened)
    await one.commits.call(nothing)
    await one.commits.close()
    assert one.noticed == []
    assert one.counter(worker) > counted


async def test_what_the_worker_remembers_is_recorded_again(tmp_path: Path) -> None:
    """Accepted stays accepted, what was in flight becomes in doubt, and its late reply still settles it."""
    one = Counted(ready(tmp_path, readers=[ANNE, BORIS, CHLOE]))
    worker = await one.register()

    def claim(connection: Connection) -> list[Claimed]:
        return claims.claim(connection, worker, 2)

    anne, boris = await one.commits.call(claim)
    assert await one.commits.submit(claims.mark, anne)
    assert await one.commits.submit(claims.mark, boris)
    await one.commits.submit(claims.settle, Settlement(anne, ACCEPTED))
    with one.ledger.engine.begin() as connection:  # what a standby has that heard nothing since before the claims
        connection.execute(update(deliveries).values(state=State.QUEUED, attempt=0, worker_id=None))
        connection.execute(delete(workers_table))
    with pytest.raises(LedgerWentBack):
        await one.commits.call(nothing)
    assert states(one.ledger.engine) == {ANNE: "accepted", BORIS: "in_doubt", CHLOE: "queued"}
    await one.commits.submit(claims.settle, Settlement(boris, ACCEPTED))
    assert states(one.ledger.engine)[BORIS] == "accepted"
    await one.commits.close()


async def test_what_the_worker_remembers_is_kept_until_it_can_be_recorded(tmp_path: Path) -> None:
    """Whatever hinders it, as in tables that are being restored."""
    one = Counted(ready(tmp_path, readers=[ANNE]))
    worker = await one.register()

    def claim(connection: Connection) -> list[Claimed]:
        return claims.claim(connection, worker, 1)

    (anne,) = await one.commits.call(claim)
    await one.commits.submit(claims.mark, anne)
    await one.commits.submit(claims.settle, Settlement(anne, ACCEPTED))
    with one.ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.QUEUED, attempt=0, worker_id=None))
        connection.execute(delete(workers_table))
        hinders, hinders_no_more = HINDERS[connection.dialect.name]
        connection.execute(text(hinders))
    for _attempt in range(2):
        with pytest.raises(DatabaseUnavailable, match=r"went back|refuses what Filigrane writes"):
            await one.commits.call(nothing)
    assert states(one.ledger.engine) == {ANNE: "queued"}
    with one.ledger.engine.begin() as connection:
        connection.execute(text(hinders_no_more))
    with pytest.raises(LedgerWentBack):
        await one.commits.call(nothing)
    assert states(one.ledger.engine) == {ANNE: "accepted"}
    await one.commits.close()


async def test_an_outcome_of_the_refused_commit_is_recorded_too(tmp_path: Path) -> None:
    one = Counted(ready(tmp_path, readers=[ANNE]))
    worker = await one.register()

    def claim(connection: Connection) -> list[Claimed]:
        return claims.claim(connection, worker, 1)

    (anne,) = await one.commits.call(claim)
    await one.commits.submit(claims.mark, anne)
    one.turn(worker, beat=0)
    with pytest.raises(LedgerWentBack):
        await one.commits.submit(claims.settle, Settlement(anne, ACCEPTED))
    await one.commits.close()
    assert states(one.ledger.engine) == {ANNE: "accepted"}


@pytest.mark.parametrize("by", ["pause", "withdrawal", "end", "sweep"])
def test_a_claim_made_before_the_loss_is_never_queued_again(tmp_path: Path, by: str) -> None:
    ledger = ready(tmp_path, readers=[ANNE])
    with ledger.engine.begin() as connection:
        worker = workers.join(connection)
        (held,) = claims.claim(connection, worker, 1)
        went_back(connection, 0)
    if by == "pause":
        with ledger.engine.begin() as connection:
            connection.execute(update(mailings_table).values(state="sending"))
        pause(ledger.engine, ledger.mailing)
        assert states(ledger.engine) == {ANNE: "claimed"}
    elif by == "withdrawal":
        with ledger.engine.begin() as connection:
            claims.still_held(connection, worker)
        assert states(ledger.engine) == {ANNE: "claimed"}
        with ledger.engine.begin() as connection:  # its own worker lives, and knows that it did not begin it
            assert claims.unclaim(connection, [held]) == 1
        assert states(ledger.engine) == {ANNE: "queued"}
    elif by == "end":
        with ledger.engine.begin() as connection:
            assert workers.retire(connection, worker) == 0
        assert states(ledger.engine) == {ANNE: "in_doubt"}
    else:
        with ledger.engine.begin() as connection:
            assert workers.sweep_dead(connection) == (0, 0)
            connection.execute(update(workers_table).values(stopped_at=db_now(-workers.SILENCE - 1)))
            assert workers.sweep_dead(connection) == (0, 1)
        assert states(ledger.engine) == {ANNE: "in_doubt"}


async def test_after_a_lost_connection_none_claims_before_all_have_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Counted(ready(tmp_path))
    await one.register()
    with one.ledger.engine.begin() as connection:
        other = workers.join(connection)
    one.turn(other, process="another kernel")
    assert await one.commits.call(one.beat.may_claim)
    one.beat.connection_lost()
    assert not await one.commits.call(one.beat.may_claim)
    assert one.beat.comparing
    one.turn(other, heartbeat_at=db_now(1))
    assert await one.commits.call(one.beat.may_claim)
    one.beat.connection_lost()
    one.turn(other, heartbeat_at=db_now(-1))
    assert not await one.commits.call(one.beat.may_claim)
    monkeypatch.setattr(workers, "SILENCE", 0.0)  # half a minute later
    assert await one.commits.call(one.beat.may_claim)
    assert not one.beat.comparing
    await one.commits.close()


def compare_file(root: Path, worker: int) -> int:
    return int((root / FOLDER / f"{worker}.beat").read_text())


async def left_behind(one: Counted) -> int:
    """A worker that was killed after three commits."""
    worker = await one.register()
    for _ in range(3):
        await one.commits.call(nothing)
    await one.commits.close()
    one.beat.end(keep=True)
    return worker


def lower(one: Counted, worker: int) -> None:
    one.turn(worker, beat=one.counter(worker) - 1)


def gone(one: Counted, worker: int) -> None:
    with one.ledger.engine.begin() as connection:
        connection.execute(delete(workers_table).where(workers_table.c.id == worker))


def swept(one: Counted, worker: int) -> None:
    gone(one, worker)
    with one.ledger.engine.begin() as connection:
        connection.execute(insert(swept_workers).values(id=worker))


def another(one: Counted, worker: int) -> None:
    one.turn(worker, beat=one.beat.start() + 10)


def elsewhere(one: Counted, worker: int) -> None:
    """Another host's worker was heard later."""
    with one.ledger.engine.begin() as connection:
        connection.execute(update(workers_table).values(heartbeat_at=db_now(-60)))
        workers.join(connection)


@pytest.mark.parametrize(
    ("change", "back", "same"),
    [
        (lambda _one, _worker: None, False, True),
        (lower, True, False),
        (gone, True, False),
        (swept, False, False),
        (another, True, False),
        (elsewhere, False, False),
    ],
    ids=["same", "lower", "gone", "swept", "the-id-again", "elsewhere"],
)
async def test_what_a_killed_worker_left_is_compared(
    tmp_path: Path, change: Callable[[Counted, int], None], back: bool, same: bool
) -> None:
    one = Counted(ready(tmp_path))
    worker = await left_behind(one)
    change(one, worker)
    with one.ledger.engine.begin() as connection:
        found = compare(connection, tmp_path)
    assert (bool(found.back), found.same) == (back, same)
    found.forget()
    with one.ledger.engine.begin() as connection:
        assert not compare(connection, tmp_path).back


async def test_the_file_of_a_living_worker_is_compared_too(tmp_path: Path) -> None:
    one = Counted(ready(tmp_path))
    worker = await one.register()
    for _ in range(3):
        await one.commits.call(nothing)
    path = tmp_path / FOLDER / f"{worker}.beat"
    assert path.stat().st_mode & 0o777 == 0o600
    with one.ledger.engine.begin() as connection:
        assert compare(connection, tmp_path).back == ()
    one.turn(worker, beat=0)
    with one.ledger.engine.begin() as connection:
        assert compare(connection, tmp_path).back == (path,)
    one.beat.end(keep=False)
    assert list((tmp_path / FOLDER).iterdir()) == []
    await one.commits.close()


async def test_who_registers_compares_what_this_host_has_before_it_claims(tmp_path: Path) -> None:
    """Another worker of the host was killed, or is stopped: its last commits are lost, and it cannot say so."""
    one = Counted(ready(tmp_path, readers=[ANNE]))
    lower(one, await left_behind(one))
    two = Counted(one.ledger)
    registration = Registration(two.commits, two.beat)
    await registration.begin()
    assert len(two.noticed) == 1

    def claim(connection: Connection) -> list[Claimed]:
        return claims.claim(connection, registration.id, 1)

    assert await two.commits.call(claim) == []
    with read_only(one.ledger.engine).connect() as connection:
        (mailing,) = connection.execute(select(mailings_table)).all()
    assert (mailing.state, mailing.rollback_id) == ("paused", 1)
    await registration.end()
    await two.commits.close()
    three = Counted(one.ledger)
    registration = Registration(three.commits, three.beat)
    await registration.begin()
    assert three.noticed == []  # told once
    await three.commits.close()


@pytest.mark.postgres
async def test_who_registers_waits_until_another_host_has_compared(tmp_path: Path, postgres_server: Server) -> None:
    with databases.on(postgres_server):
        one = Counted(ready(tmp_path))
        with one.ledger.engine.begin() as connection:
            other = workers.join(connection)
        one.turn(other, process="another kernel")
        await Registration(one.commits, one.beat).begin()
        assert not await one.commits.call(one.beat.may_claim)
        one.turn(other, heartbeat_at=db_now(1))
        assert await one.commits.call(one.beat.may_claim)
        await one.commits.close()


async def test_an_unknown_mailbox_is_suppressed_again_and_who_was_refused_is_asked_again(tmp_path: Path) -> None:
    """A run of refusals may have taken the refusal back meanwhile, by another worker."""
    one = Counted(ready(tmp_path, readers=[ANNE, BORIS, CHLOE]))
    worker = await one.register()

    def claim(connection: Connection) -> list[Claimed]:
        return claims.claim(connection, worker, 3)

    anne, boris, chloe = await one.commits.call(claim)
    for each in (anne, boris, chloe):
        assert await one.commits.submit(claims.mark, each)
    unknown, full = Reply(550, "5.1.1", "5.1.1 Unknown"), Reply(552, "5.2.2", "5.2.2 Full")
    report = RefusalReport("example.org")
    for settlement in (
        Settlement(anne, judge(Phase.RCPT, unknown, Retry())),
        Settlement(boris, judge(Phase.RCPT, full, Retry()), report),
        Settlement(chloe, ACCEPTED),
    ):
        await one.commits.submit(claims.settle, settlement)
    assert states(one.ledger.engine) == {ANNE: "rejected", BORIS: "rejected", CHLOE: "accepted"}
    with one.ledger.engine.begin() as connection:
        connection.execute(update(deliveries).values(state=State.QUEUED, attempt=0, worker_id=None))
        connection.execute(delete(suppressions))
        connection.execute(delete(workers_table))
    with pytest.raises(LedgerWentBack):
        await one.commits.call(nothing)
    await one.commits.close()
    assert states(one.ledger.engine) == {ANNE: "rejected", BORIS: "queued", CHLOE: "accepted"}
    with read_only(one.ledger.engine).connect() as connection:
        (row,) = connection.execute(select(suppressions.c.reason, suppressions.c.detail))
    assert tuple(row) == ("hard-bounce", "550")


def test_what_is_remembered_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = ready(tmp_path, readers=[ANNE])
    with ledger.engine.begin() as connection:
        (held,) = claims.claim(connection, workers.join(connection), 1)
    memory, instant = room._Memory(), 0.0
    monkeypatch.setattr(room, "MOST", 100)
    monkeypatch.setattr(room, "elapsed", lambda: instant)
    for number in range(30):
        instant = 2.0 * number
        memory.settle([Settlement(held, ACCEPTED)] * 10)
    assert 0 < len(list(memory.recall([]))) <= 100
    instant += room.KEPT + 10
    memory.settle([Settlement(held, ACCEPTED)])
    assert list(memory.recall([])) == [Remembered(held.id, held.attempt, State.ACCEPTED, 250)]
