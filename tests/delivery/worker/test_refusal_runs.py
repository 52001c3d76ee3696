"""A relay that refuses one reader after another in words of its own: how many it is asked, counted by the relay."""

from __future__ import annotations

import asyncio
import time
from itertools import cycle
from pathlib import Path

import pytest

from composer.delivery.control import resume
from composer.delivery.ledger.messages import MailingTemplates, MessageInputs, build_message
from composer.delivery.ledger.refusal_runs import IN_A_ROW
from composer.delivery.worker import prefetch
from composer.delivery.worker.worker import Worker
from composer.message import Message
from tests.delivery.support.fake_relay import Relay, Script, at, listening, ordinary
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.delivery.worker.test_trouble import mailing_state, no_longer_sending, suppressed
from tests.delivery.worker.test_worker import run

pytestmark = pytest.mark.usefixtures("each_engine")

TOWNS = ("est.example", "ouest.example", "nord.example", "sud.example", "ile.example")
READERS = [f"reader{number:03d}@{TOWNS[number % 5]}" for number in range(120)]
#: Words that no row of the table knows.
ENOUGH = "554 The bridge is up until further notice"


def asked(relay: Relay, step: str) -> int:
    return sum(number for (of, _), number in relay.asked.items() if of == step)


async def all_accepted(ledger: Ready, relay: Relay) -> None:
    """Resume, the relay being well again: each reader has the letter once."""
    relay.script = ordinary
    resume(ledger.engine, ledger.mailing)
    await run(ledger)
    assert sorted(relay.accepted) == sorted(states(ledger.engine))
    assert mailing_state(ledger) == ("done", None)


@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
async def test_a_whole_list_refused_pauses_after_ten_and_one_for_each_connection(tmp_path: Path, step: str) -> None:
    async with listening(at(step, ENOUGH.encode())) as relay:
        ledger = ready(tmp_path, relay.port, READERS, connections=4)
        await run(ledger)
        assert IN_A_ROW <= asked(relay, step) <= IN_A_ROW + 4
        assert set(states(ledger.engine).values()) == {"queued"}
        state, reason = mailing_state(ledger)
        assert (state, str(reason).endswith(f"It says: {ENOUGH}")) == ("paused", True)
        assert suppressed(ledger) == 0
        await all_accepted(ledger, relay)


async def test_messages_that_were_being_built_when_it_paused_are_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(at("RCPT", ENOUGH.encode())) as relay:
        ledger = ready(tmp_path, relay.port, READERS, connections=4)

        def slowly(templates: MailingTemplates, inputs: MessageInputs, secret: bytes) -> Message:
            if inputs.email == READERS[16]:  # the first of those that are built while the first sixteen are sent
                time.sleep(0.5)
            return build_message(templates, inputs, secret)

        monkeypatch.setattr(prefetch, "build_message", slowly)
        await run(ledger)
        assert mailing_state(ledger)[0] == "paused"
        assert asked(relay, "RCPT") <= IN_A_ROW + 4
        assert set(states(ledger.engine).values()) == {"queued"}


@pytest.mark.slow
@pytest.mark.parametrize("step", ["RCPT", "DOT"])
async def test_the_workers_count_together(tmp_path: Path, step: str) -> None:
    """Two, with two connections each; accepted messages of before the refusals end no run."""
    well = True

    def script(here: str, address: str) -> bytes | None:
        nonlocal well
        well = well and len(relay.accepted) < 40
        return ENOUGH.encode() if here == step and not well else None

    async with listening(script, pause=0.01) as relay:
        ledger = ready(tmp_path, relay.port, READERS, connections=4)
        stop = asyncio.Event()
        workers = [Worker(ledger.engine, ledger.room, SECRET, poll=0.05) for _ in range(2)]
        async with asyncio.TaskGroup() as running:
            for worker in workers:
                running.create_task(worker.run(stop))
            await no_longer_sending(ledger)
            await asyncio.sleep(0.5)
            stop.set()
        assert relay.most_at_once == 4
        assert IN_A_ROW <= asked(relay, step) - len(relay.accepted) <= IN_A_ROW + 4
        found = list(states(ledger.engine).values())
        assert (found.count("accepted"), found.count("queued")) == (len(relay.accepted), 120 - len(relay.accepted))
        await all_accepted(ledger, relay)


async def test_two_of_three_refused_in_turn_pause_too(tmp_path: Path) -> None:
    turn = cycle((None, ENOUGH.encode(), ENOUGH.encode()))
    async with listening(lambda step, address: next(turn) if step == "DOT" else None) as relay:
        ledger = ready(tmp_path, relay.port, READERS, connections=1)
        await run(ledger)
        assert 2 * IN_A_ROW > asked(relay, "DOT") - len(relay.accepted) >= IN_A_ROW
        assert set(states(ledger.engine).values()) == {"accepted", "queued"}
        assert mailing_state(ledger)[0] == "paused"
        await all_accepted(ledger, relay)


def closed(step: str, of: str) -> Script:
    return lambda here, address: ENOUGH.encode() if here == step and of in address else None


@pytest.mark.slow
@pytest.mark.parametrize("words", [ENOUGH, "550 5.1.1 User unknown"])
@pytest.mark.parametrize("connections", [1, 4])
async def test_thirty_readers_of_a_closed_domain_in_a_row_stop_nothing(
    tmp_path: Path, words: str, connections: int
) -> None:
    """Three times, a tenth of the list; and one reader somewhere else, in the middle of it. Asked again at once: later,
    those of one cluster would be refused beside the next on a slow machine, and three domains in a row pause."""
    readers = []
    for cluster in range(3):
        readers += [f"reader{cluster}.{number}@{TOWNS[number % 5]}" for number in range(270)]
        readers += [f"reader{number}@closed{cluster}.example" for number in range(30)]
    readers.insert(290, "odd@closed.example")

    def script(step: str, address: str) -> bytes | None:
        return words.encode() if step == "RCPT" and "@closed" in address else None

    async with listening(script) as relay:
        ledger = ready(tmp_path, relay.port, readers, connections=connections, retry=["0s"])
        worker = Worker(ledger.engine, ledger.room, SECRET, poll=0.05)
        await asyncio.wait_for(worker.run(asyncio.Event(), until_idle=True), 120)  # each of the 91 asked once more
        assert mailing_state(ledger) == ("done", None)
        assert sorted(relay.accepted) == sorted(email for email in readers if "@closed" not in email)
    found = list(states(ledger.engine).values())
    assert (found.count("accepted"), found.count("rejected")) == (810, 91)
    assert suppressed(ledger) == (91 if "5.1.1" in words else 0)


async def test_every_tenth_reader_refused_stops_nothing(tmp_path: Path) -> None:
    async with listening(closed("DOT", "7@")) as relay:
        ledger = ready(tmp_path, relay.port, READERS, connections=4)
        await run(ledger)
        found = list(states(ledger.engine).values())
        assert (found.count("accepted"), found.count("rejected")) == (108, 12)
    assert mailing_state(ledger) == ("done", None)


@pytest.mark.slow
async def test_the_readers_of_a_run_stop_the_mailing_once_and_are_given_up_last(tmp_path: Path) -> None:
    """Ten of three domains in a row, who are refused whatever comes: after the resume everybody else has the letter."""
    gone = [f"gone{number}@{TOWNS[number % 3]}" for number in range(10)]
    async with listening(closed("RCPT", "gone")) as relay:
        ledger = ready(tmp_path, relay.port, [*gone, *READERS], connections=1, retry=["0s", "0s"])
        await run(ledger)
        assert mailing_state(ledger)[0] == "paused"
        assert relay.accepted == []
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
        assert mailing_state(ledger) == ("done", None)
        assert sorted(relay.accepted) == READERS
        assert {relay.asked["RCPT", email] for email in gone} == {4}
    found = states(ledger.engine)
    assert {found[email] for email in gone} == {"rejected"}
    assert suppressed(ledger) == 0


@pytest.mark.parametrize("reply", ["535 5.7.8 bad credentials", "550 5.7.8 bad credentials"])
async def test_one_reader_whose_server_says_it_of_us_stops_the_mailing_once(tmp_path: Path, reply: str) -> None:
    async with listening(lambda s, who: reply.encode() if s == "DOT" and who == READERS[3] else None) as relay:
        ledger = ready(tmp_path, relay.port, READERS[:12], connections=1, retry=["0s"])
        await run(ledger)
        assert (len(relay.accepted), mailing_state(ledger)) == (3, ("paused", reply))
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
        assert (len(relay.accepted), mailing_state(ledger)) == (11, ("done", None))
    assert states(ledger.engine)[READERS[3]] == "rejected"
