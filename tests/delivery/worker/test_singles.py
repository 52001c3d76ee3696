"""Single messages against a relay on a real socket: ahead of the mailing, once, within its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import dkim
import pytest
from sqlalchemy import Engine, select, update

from composer.database import db_now, read_only
from composer.delivery.ledger import workers as ledger_workers
from composer.delivery.ledger.recovery import pause_restored
from composer.delivery.limits.rate_limits import RateLimits
from composer.delivery.providers import groups, provider_of
from composer.delivery.tables import workers
from composer.delivery.worker.worker import Worker
from composer.message.dkim import new_key, public_record
from composer.message.verp import read_return_path
from composer.newsroom.model import Newsroom
from composer.outbox import SingleMessage, put_message, written_message
from composer.outbox.tables import outbox
from tests.delivery.support.fake_relay import HANG_UP, SILENCE, Relay, at, listening, once
from tests.delivery.support.sample_ledger import Ready, engine, ready
from tests.delivery.support.sample_ledger import states as letters
from tests.delivery.support.sample_newsroom import SECRET, newsroom

pytestmark = pytest.mark.usefixtures("each_engine")
ZOE = "zoe@example.org"


def alone(root: Path, port: int, **settings: object) -> Ready:
    """A ledger without a mailing."""
    return Ready(engine(root), newsroom(root, port, **settings), 0)  # type: ignore[arg-type] # reason: passed on as they are


def ask(database: Engine, room: Newsroom, email: str = ZOE, provider: str = "") -> int:
    content = written_message(
        room, "confirm", "vendredi", "fr", datetime.now(UTC), titles=["L'Estuaire"], url="https://x.example/c"
    )
    with database.begin() as connection:
        message = SingleMessage("confirm", email, f"key of {email}", provider, content, "vendredi")
        return put_message(connection, message)


def singles(database: Engine) -> dict[str, str]:
    with read_only(database).connect() as connection:
        return {row.email: row.state for row in connection.execute(select(outbox))}


async def running(ledger: Ready, until: Callable[[], object], room: Newsroom | None = None) -> None:
    """A worker, until the condition holds."""
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(ledger.engine, room or ledger.room, SECRET, poll=0.05).run(stop))
    for _ in range(600):
        if until() or worker.done():
            break
        await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(worker, 30)
    assert until()


async def test_it_leaves_marked_as_automatic_with_a_return_path_of_its_own(tmp_path: Path) -> None:
    async with listening() as relay:
        ledger = alone(tmp_path, relay.port)
        number = ask(ledger.engine, ledger.room)
        await running(ledger, lambda: singles(ledger.engine) == {ZOE: "accepted"})
        assert relay.accepted == [ZOE]
        message = message_from_bytes(relay.messages[ZOE])
        assert message["Auto-Submitted"] == "auto-generated"
        assert "List-Unsubscribe" not in message
        local = message["Message-ID"].strip("<>").partition("@")[0]
        assert read_return_path(local, SECRET) == (number, 0)


async def test_it_is_signed_as_letters_are(tmp_path: Path) -> None:
    pem = new_key()
    (tmp_path / "dkim.pem").write_bytes(pem)
    async with listening() as relay:
        ledger = alone(tmp_path, relay.port, dkim=True)
        ask(ledger.engine, ledger.room)
        await running(ledger, lambda: relay.accepted)
        record = public_record(pem).encode()
        assert dkim.verify(relay.messages[ZOE], dnsfunc=lambda *_name, **_options: record)


async def test_it_goes_ahead_of_a_mailing_on_the_same_connections(tmp_path: Path) -> None:
    """Added while the letters of a slow mailing leave: it is among the next, not behind them all."""
    readers = [f"reader{number}@example.org" for number in range(60)]
    pipelining = b"250-relay.example\r\n250-PIPELINING\r\n250 SIZE 1000000"
    async with listening(at("EHLO", pipelining), pause=0.1) as relay:
        ledger = ready(tmp_path, relay.port, readers, connections=1)
        added = False

        def done() -> bool:
            nonlocal added
            if not added and len(relay.accepted) >= 3:
                ask(ledger.engine, ledger.room)
                added = True
            return ZOE in relay.accepted and singles(ledger.engine) == {ZOE: "accepted"}

        await running(ledger, done)
        assert relay.most_at_once == 1
        assert relay.accepted.index(ZOE) < len(readers) // 2
        assert len(set(relay.accepted)) == len(relay.accepted)


@pytest.mark.parametrize(
    ("step", "reply", "ends"),
    [
        ("RCPT", b"550 5.1.1 no such mailbox", "rejected"),
        ("RCPT", b"450 4.2.1 busy", "deferred"),
        ("DOT", b"554 5.6.0 no", "rejected"),
        ("DOT", HANG_UP, "in_doubt"),
    ],
)
async def test_a_refusal_is_recorded_and_a_doubt_is_never_sent_again(
    step: str, reply: bytes, ends: str, tmp_path: Path
) -> None:
    async with listening(at(step, reply)) as relay:
        ledger = alone(tmp_path, relay.port, retry=["1h"])
        ask(ledger.engine, ledger.room)
        await running(ledger, lambda: singles(ledger.engine) == {ZOE: ends})
        tried = relay.asked["RCPT", ZOE]
        calm = asyncio.get_running_loop().time() + 0.5
        await running(ledger, lambda: asyncio.get_running_loop().time() > calm)
        assert relay.asked["RCPT", ZOE] == tried == 1


async def test_a_deferred_one_is_tried_again(tmp_path: Path) -> None:
    async with listening(once("RCPT", b"450 4.2.1 busy")) as relay:
        ledger = alone(tmp_path, relay.port, retry=["0s"])
        ask(ledger.engine, ledger.room)
        await running(ledger, lambda: singles(ledger.engine) == {ZOE: "accepted"})
        assert relay.asked["RCPT", ZOE] == 2


async def test_a_configuration_that_is_refused_waits_and_uses_no_retry_up(tmp_path: Path) -> None:
    async with listening(at("MAIL", b"550 5.7.1 sender refused")) as relay:
        ledger = alone(tmp_path, relay.port)
        ask(ledger.engine, ledger.room)
        await running(ledger, lambda: singles(ledger.engine) == {ZOE: "deferred"})
        with read_only(ledger.engine).connect() as connection:
            assert connection.execute(select(outbox.c.deferrals)).scalar_one() == 0


async def test_only_to_is_asked_again_before_it_leaves(tmp_path: Path) -> None:
    async with listening() as relay:
        ledger = alone(tmp_path, relay.port)
        ask(ledger.engine, ledger.room)
        ask(ledger.engine, ledger.room, "odile@staff.example")
        settings = ledger.room.settings.model_copy(update={"only_to": ("@staff.example",)})
        room = replace(ledger.room, settings=settings)
        ends = {ZOE: "cancelled", "odile@staff.example": "accepted"}
        await running(ledger, lambda: singles(ledger.engine) == ends, room)
        assert relay.accepted == ["odile@staff.example"]


async def test_whose_row_was_erased_meanwhile_gets_no_dot(tmp_path: Path) -> None:
    erased = asyncio.Event()
    async with listening() as relay:
        ledger = alone(tmp_path, relay.port)

        def script(step: str, address: str) -> bytes | None:
            if step == "DATA" and not erased.is_set():
                with ledger.engine.begin() as connection:
                    connection.execute(outbox.delete())
                erased.set()
            return None

        relay.script = script
        ask(ledger.engine, ledger.room)
        await running(ledger, erased.is_set)
        assert relay.accepted == []


async def test_a_killed_worker_leaves_what_it_claimed_to_the_next_and_its_dot_in_doubt(tmp_path: Path) -> None:
    async with listening(at("DOT", SILENCE)) as relay:
        ledger = alone(tmp_path, relay.port)
        ask(ledger.engine, ledger.room)
        stop = asyncio.Event()
        worker = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
        await asyncio.wait_for(relay.reached["DOT"].wait(), 30)
        assert singles(ledger.engine) == {ZOE: "in_flight"}
        with ledger.engine.begin() as connection:  # as its successor sees it
            connection.execute(update(workers).values(heartbeat_at=db_now(-60)))
            assert ledger_workers.sweep_dead(connection) == (0, 1)
        assert singles(ledger.engine) == {ZOE: "in_doubt"}
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    async with listening() as second:
        await quiet(ledger, second)


async def test_after_a_restore_what_waited_is_in_doubt(tmp_path: Path) -> None:
    async with listening() as relay:
        ledger = alone(tmp_path, relay.port)
        ask(ledger.engine, ledger.room)
        with ledger.engine.begin() as connection:
            pause_restored(connection, "restored")
        assert singles(ledger.engine) == {ZOE: "in_doubt"}
        await quiet(ledger, relay)


async def quiet(ledger: Ready, relay: Relay) -> None:
    """A worker that runs for a while sends nothing."""
    calm = asyncio.get_running_loop().time() + 0.5
    await running(ledger, lambda: asyncio.get_running_loop().time() > calm)
    assert relay.accepted == []


def test_a_message_borrows_one_token_and_no_second_one(tmp_path: Path) -> None:
    ledger = alone(tmp_path, 1, per_second=0.001, shape_providers=True)
    rates, relay = RateLimits(ledger.room), ledger.room.settings.relays[0]
    with ledger.engine.begin() as connection:
        # One token is there; the second is borrowed; then the relay is in debt.
        assert rates.admit(connection, relay, ["", "", ""]) == [True, True, False]
        assert rates.claim(connection, {relay.key: 10}, 1, 10).wait is not None


def test_no_more_places_at_a_provider_than_letters_have(tmp_path: Path) -> None:
    ledger = alone(tmp_path, 1, shape_providers=True)
    rates, relay = RateLimits(ledger.room), ledger.room.settings.relays[0]
    most = groups(ledger.room)["orange"].connections
    assert most is not None
    with ledger.engine.begin() as connection:
        admitted = rates.admit(connection, relay, ["orange"] * (most + 1) + [""])
        assert admitted == [True] * most + [False, True]


def test_the_provider_of_an_address(tmp_path: Path) -> None:
    found = groups(alone(tmp_path, 1).room)
    assert [provider_of(found, address) for address in ("a@Orange.fr", "a@wanadoo.fr", ZOE)] == ["orange", "orange", ""]


async def test_the_mailing_goes_on_after_it(tmp_path: Path) -> None:
    async with listening() as relay:
        ledger = ready(tmp_path, relay.port, ["anne@example.org"], connections=1)
        ask(ledger.engine, ledger.room)
        await running(ledger, lambda: letters(ledger.engine) == {"anne@example.org": "accepted"})
        assert sorted(relay.accepted) == ["anne@example.org", ZOE]
