"""A relay that has had enough of us, for the day or for the moment: what it hears meanwhile, counted by the relay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Row, select, update

from composer.database import read_only
from composer.delivery.limits.rate_limits import quiet_rates
from composer.delivery.limits.temporary_refusals import IN_A_ROW
from composer.delivery.tables import deliveries, paces
from composer.delivery.worker.worker import Worker
from tests.delivery.support.fake_relay import Relay, Script, listening, ordinary
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.delivery.worker.test_refusal_runs import TOWNS, asked
from tests.delivery.worker.test_trouble import mailing_state
from tests.delivery.worker.test_worker import run

READERS = [f"reader{number:02d}@{TOWNS[number % 5]}" for number in range(40)]
SECONDS = 1.5


def after_four(relay: Relay, step: str, reply: str) -> Script:
    """The first four messages are accepted; from then on, ``reply`` at ``step``."""
    return lambda here, address: reply.encode() if here == step and len(relay.accepted) >= 4 else None


async def heard_for(ledger: Ready, enough: Callable[[], bool]) -> None:
    """A worker, until that is true, and ``SECONDS`` more."""
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.2).run(stop))
    async with asyncio.timeout(30):
        while not enough():  # noqa: ASYNC110 # reason: what the relay and the database hold
            await asyncio.sleep(0.02)
    await asyncio.wait([working], timeout=SECONDS)
    stop.set()
    await working


def rates(ledger: Ready) -> dict[str, str]:
    with read_only(ledger.engine).connect() as connection:
        return {row.provider: row.means for row in connection.execute(select(paces)) if row.means}


def rows(ledger: Ready) -> list[Row[tuple[str, int]]]:
    with read_only(ledger.engine).connect() as connection:
        return list(connection.execute(select(deliveries.c.state, deliveries.c.deferrals)))


def at_once(ledger: Ready) -> None:
    """As if the minutes were over: nothing is paced, what is deferred is due."""
    with ledger.engine.begin() as connection:
        connection.execute(paces.delete())
        connection.execute(update(deliveries).where(deliveries.c.state == "deferred").values(state="queued"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("DOT", "550 5.4.5 Daily user sending limit exceeded"),
        ("DOT", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException"),
        ("RCPT", "550 Domain example.org exceeded its max emails per hour (4 of 4)"),
        ("RCPT", "554 5.7.1 <reader@example.org>: Recipient address rejected: sending quota exceeded"),
        ("RCPT", "550 Quota d'envoi journalier dépassé"),
        ("DATA", "550 5.7.1 Daily SMTP relay sending limit exceeded for this customer"),
    ],
)
async def test_a_relay_whose_quota_is_used_up_is_quiet_for_an_hour_and_refuses_no_reader(
    tmp_path: Path, step: str, reply: str
) -> None:
    async with listening() as relay:
        relay.script = after_four(relay, step, reply)
        ledger = ready(tmp_path, relay.port, READERS, connections=1)
        await heard_for(ledger, lambda: bool(rates(ledger)))
        assert (len(relay.accepted), asked(relay, step)) == (4, 5)
        assert sorted(states(ledger.engine).values()) == ["accepted"] * 4 + ["queued"] * 36
        with read_only(ledger.engine).connect() as connection:
            assert [(rate.provider, rate.means) for rate in quiet_rates(connection)] == [("", "blocked")]
        relay.script = ordinary
        at_once(ledger)
        await run(ledger)
        assert sorted(relay.accepted) == READERS


@pytest.mark.parametrize("reply", ["554 Message rejected: Sending paused for this account", "550 account suspended"])
async def test_an_account_that_is_closed_pauses_the_mailing_at_once(tmp_path: Path, reply: str) -> None:
    async with listening() as relay:
        relay.script = after_four(relay, "DOT", reply)
        ledger = ready(tmp_path, relay.port, READERS, connections=1)
        await run(ledger)
        assert (len(relay.accepted), asked(relay, "DOT")) == (4, 5)
    assert mailing_state(ledger) == ("paused", reply)
    assert sorted(states(ledger.engine).values()) == ["accepted"] * 4 + ["queued"] * 36


@pytest.mark.slow
@pytest.mark.parametrize(
    "reply",
    [
        "452 4.3.1 Insufficient system storage",
        "450 4.7.1 Error: too much mail from 192.0.2.9",
        "432 4.3.2 Concurrent connections limit exceeded",
        "454 4.7.0 TLS not available due to local problem",
    ],
)
async def test_a_relay_that_takes_no_message_for_now_is_asked_after_pauses_that_grow(
    tmp_path: Path, reply: str
) -> None:
    """After 0.2 s, 0.4 s ...: a few times, and not hundreds."""
    async with listening() as relay:
        relay.script = after_four(relay, "MAIL", reply)
        ledger = ready(tmp_path, relay.port, READERS, connections=1)
        await heard_for(ledger, lambda: asked(relay, "MAIL") - 4 >= 2)
        assert asked(relay, "MAIL") - 4 <= 6
        assert [(row.state == "accepted", row.deferrals) for row in sorted(rows(ledger))] == (
            [(True, 0)] * 4 + [(False, 0)] * 36  # queued, or claimed as the worker was stopped
        )
        assert {row.state for row in rows(ledger)} <= {"accepted", "queued", "claimed"}
        relay.script = ordinary
        at_once(ledger)
        await run(ledger)
        assert sorted(relay.accepted) == READERS


@pytest.mark.slow
@pytest.mark.parametrize(
    "reply",
    [
        "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
        "450 4.7.1 <END-OF-MESSAGE>: End-of-data rejected: Number messages per hour exceeded. Error:RATE_MSG",
        "450 4.7.3 Organization queue quota exceeded",
    ],
)
async def test_a_relay_that_asks_to_be_slower_is_sent_to_more_slowly(tmp_path: Path, reply: str) -> None:
    async with listening() as relay:
        relay.script = after_four(relay, "DOT", reply)
        ledger = ready(tmp_path, relay.port, READERS, connections=1)
        await heard_for(ledger, lambda: bool(rates(ledger)))
        assert asked(relay, "DOT") - 4 <= 12
        assert rates(ledger) == {"": "throttled"}
        waiting = {(row.state, row.deferrals) for row in rows(ledger)}
        assert waiting - {("claimed", 0)} == {("accepted", 0), ("deferred", 0), ("queued", 0)}


@pytest.mark.slow
@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
async def test_a_relay_that_defers_one_reader_after_another_is_slowed_whatever_its_words(
    tmp_path: Path, step: str
) -> None:
    async with listening() as relay:
        relay.script = after_four(relay, step, "451 The bridge is up")
        ledger = ready(tmp_path, relay.port, READERS, connections=1, retry=["1h", "1h"])
        await heard_for(ledger, lambda: bool(rates(ledger)))
        assert IN_A_ROW <= asked(relay, step) - 4 <= IN_A_ROW + 5
        assert rates(ledger) == {"": "throttled"}
        assert sum(row.deferrals for row in rows(ledger)) == IN_A_ROW - 1


@pytest.mark.slow
async def test_where_the_relay_passes_messages_on_the_provider_that_defers_is_slowed_alone(tmp_path: Path) -> None:
    many = [f"reader{number}@{domain}" for number in range(25) for domain in ("gmail.com", "est.example")]

    async with listening(lambda step, who: b"451 not now" if step == "RCPT" and "gmail" in who else None) as relay:
        ledger = ready(tmp_path, relay.port, many, connections=1, shape_providers=True, retry=["1h", "1h"])
        await heard_for(ledger, lambda: bool(rates(ledger)) and len(relay.accepted) == 25)
        assert rates(ledger) == {"gmail": "throttled"}
        assert len(relay.accepted) == 25
        assert asked(relay, "RCPT") - 25 <= IN_A_ROW + 5


@pytest.mark.slow
async def test_a_few_readers_who_are_deferred_again_and_again_slow_nobody(tmp_path: Path) -> None:
    """Each counts once: greylisting says it as often as the message comes back too early."""
    few = READERS[: IN_A_ROW - 1]

    async with listening(lambda step, who: b"450 Greylisted" if step == "RCPT" and who in few else None) as relay:
        ledger = ready(tmp_path, relay.port, few, connections=1, retry=["0s", "0s"])
        await run(ledger)
        assert asked(relay, "RCPT") == 3 * len(few)
        assert rates(ledger) == {}


async def test_a_relay_that_takes_one_connection_is_not_knocked_at_with_each_message(tmp_path: Path) -> None:
    """The connection too many waits alone, longer each time; the one that is answered goes on."""
    refused = b"421 4.7.0 too many connections"
    async with listening(pause=0.02) as relay:
        relay.script = lambda step, _address: refused if step == "GREETING" and relay.open > 1 else None
        ledger = ready(tmp_path, relay.port, READERS, connections=2)
        await run(ledger)
        assert sorted(relay.accepted) == sorted(READERS)
        assert relay.connections < len(READERS) / 2
