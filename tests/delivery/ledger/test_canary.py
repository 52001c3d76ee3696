"""Canaries leave first; everybody else waits for the hold, or for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from composer.database import db_now, read_only
from composer.delivery.control import cancel, pause, release, resume
from composer.delivery.ledger.mailings import find, sweep
from composer.delivery.smtp.reply import Outcome, Phase, Reply, Retry, Scope, judge
from composer.delivery.state import State
from composer.delivery.tables import mailings
from composer.delivery.worker.worker import Worker
from composer.errors import Refused
from composer.newsroom.model import Canary, Newsroom
from tests.delivery.support.fake_relay import listening
from tests.delivery.support.ledger_calls import claimed, joined, marked, settled
from tests.delivery.support.sample_ledger import Reader, Ready, add_readers, engine, opened, states
from tests.delivery.support.sample_newsroom import SECRET, newsroom

pytestmark = pytest.mark.usefixtures("each_engine")

SEED, PAYING = "seed@example.org", "paying.seed@example.org"
ANNE, BORIS = "anne@example.org", "boris@example.org"
ACCEPTED = judge(Phase.DOT, Reply(250, None, "kept"), Retry())


def with_canary(room: Newsroom, *to: str) -> Newsroom:
    publication = room.publications["vendredi"]
    canary = Canary.model_validate({"to": to, "hold": "10m"})
    return replace(room, publications={"vendredi": publication.model_copy(update={"canary": canary})})


def held(root: Path, port: int = 1) -> Ready:
    """A mailing of four readers, two of them canaries."""
    room, made = with_canary(newsroom(root, port), SEED.upper(), PAYING), engine(root)
    readers = [Reader(ANNE), Reader(SEED), Reader(PAYING, "paid"), Reader(BORIS)]
    ids = add_readers(made, readers)
    mailing = opened(made, room)
    assert mailing is not None
    return Ready(made, room, mailing, ids)


def state(ledger: Ready) -> str:
    with read_only(ledger.engine).connect() as connection:
        return str(find(connection, ledger.mailing).state)


def hold_passes(ledger: Ready) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(update(mailings).values(canary_until=db_now(-1)))


def test_the_canaries_leave_first_and_the_others_once_the_hold_has_passed(tmp_path: Path) -> None:
    ledger = held(tmp_path)
    worker = joined(ledger.engine)
    claims = claimed(ledger.engine, worker)
    assert {one.inputs.email for one in claims} == {SEED, PAYING}
    hold_passes(ledger)
    assert claimed(ledger.engine, worker) == []  # nobody has tried the canaries yet
    assert marked(ledger.engine, claims) == [True, True]
    settled(ledger.engine, claims, ACCEPTED)
    with ledger.engine.begin() as connection:
        assert sweep(connection) == []
    assert {one.inputs.email for one in claimed(ledger.engine, worker)} == {ANNE, BORIS}
    assert state(ledger) == "sending"


def test_within_the_hold_nobody_else_leaves_however_the_canaries_fared(tmp_path: Path) -> None:
    ledger = held(tmp_path)
    worker = joined(ledger.engine)
    claims = claimed(ledger.engine, worker)
    marked(ledger.engine, claims)
    settled(ledger.engine, claims, ACCEPTED)
    assert claimed(ledger.engine, worker) == []
    pause(ledger.engine, ledger.mailing)
    resume(ledger.engine, ledger.mailing)
    assert state(ledger) == "canary"
    assert claimed(ledger.engine, worker) == []


@pytest.mark.slow
def test_one_command_ends_the_hold_either_way(tmp_path: Path) -> None:
    ledger = held(tmp_path)
    release(ledger.engine, ledger.mailing)
    assert len(claimed(ledger.engine, joined(ledger.engine))) == 4
    with pytest.raises(Refused, match="holds nothing back"):
        release(ledger.engine, ledger.mailing)
    other = held(tmp_path / "other")
    cancel(other.engine, other.mailing)
    assert set(states(other.engine).values()) == {"cancelled"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "outcome",
    [
        judge(Phase.RCPT, Reply(550, "5.1.1", "unknown"), Retry()),
        Outcome(State.QUEUED, Scope.SITE, Reply(550, "5.7.26", "unauthenticated")),
    ],
    ids=["rejected", "configuration"],
)
def test_a_canary_that_is_refused_pauses_the_mailing_and_release_is_still_one_command(
    tmp_path: Path, outcome: Outcome
) -> None:
    ledger = held(tmp_path)
    worker = joined(ledger.engine)
    settled(ledger.engine, claimed(ledger.engine, worker)[:1], outcome)
    hold_passes(ledger)
    assert state(ledger) == "paused"
    with read_only(ledger.engine).connect() as connection:
        assert "canary" in find(connection, ledger.mailing).reason
    assert claimed(ledger.engine, worker) == []
    release(ledger.engine, ledger.mailing)
    assert {one.inputs.email for one in claimed(ledger.engine, worker)} >= {ANNE, BORIS}


def test_a_canary_that_is_asked_to_come_back_later_stops_nobody(tmp_path: Path) -> None:
    ledger = held(tmp_path)
    worker = joined(ledger.engine)
    settled(
        ledger.engine,
        claimed(ledger.engine, worker),
        judge(Phase.RCPT, Reply(450, "4.2.0", "greylisted"), Retry((timedelta(minutes=5),))),
    )
    assert state(ledger) == "canary"
    hold_passes(ledger)
    assert {one.inputs.email for one in claimed(ledger.engine, worker)} >= {ANNE, BORIS}


@pytest.mark.slow
async def test_a_worker_sends_to_the_canaries_and_to_everybody_else_once_they_are_released(tmp_path: Path) -> None:
    async with listening() as relay:
        ledger = held(tmp_path, relay.port)
        stop = asyncio.Event()
        working = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
        await until(lambda: len(relay.accepted) == 2)
        await asyncio.sleep(0.5)  # ten looks at the queue
        assert sorted(relay.accepted) == [PAYING, SEED]
        assert b"paid" in relay.messages[PAYING]
        assert b"free" in relay.messages[SEED]
        release(ledger.engine, ledger.mailing)
        await until(lambda: len(relay.accepted) == 4)
        stop.set()
        await working
    assert sorted(relay.accepted) == [ANNE, BORIS, PAYING, SEED]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never")


def test_canaries_who_are_no_readers_keep_the_mailing_from_opening(tmp_path: Path) -> None:
    made = engine(tmp_path)
    add_readers(made, [Reader(ANNE)])
    with pytest.raises(Refused, match="canary"):
        opened(made, with_canary(newsroom(tmp_path), SEED))
    assert states(made) == {}
