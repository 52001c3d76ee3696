"""A relay that refuses, hangs up, goes silent or talks nonsense, at every step: what the ledger says, what it got."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from composer.database import read_only
from composer.delivery.control import pause, resume
from composer.delivery.smtp.session import Timeouts
from composer.delivery.tables import deliveries, mailings
from composer.delivery.worker.worker import Worker
from composer.subscribers.tables import suppressions
from tests.delivery.support.fake_relay import HANG_UP, SILENCE, Script, at, listening, once, ordinary
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.support.sample_newsroom import SECRET
from tests.delivery.worker.test_worker import run

pytestmark = pytest.mark.usefixtures("each_engine")

ANNE = "anne@example.org"
ODD = "odd@odd.example"
READERS = [f"reader{number:02d}@example.org" for number in range(50)]
UNHURRIED = Timeouts(connect=10, command=10, data=10, body=10, dot=10, quit=1)
#: For a relay that falls silent. Where the machine is slow instead, the message is tried again, and the dot waited for.
HASTY = Timeouts(connect=0.3, command=0.3, data=0.3, body=0.3, dot=10, quit=0.3)
BEFORE_THE_DOT = ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "BODY"]


def suppressed(ledger: Ready) -> int:
    with read_only(ledger.engine).connect() as connection:
        return len(connection.execute(select(suppressions)).all())


def row(ledger: Ready) -> tuple[str, int | None, str | None, str | None]:
    """State and reply of the only delivery."""
    with read_only(ledger.engine).connect() as connection:
        found = connection.execute(select(deliveries)).one()
        return found.state, found.reply_code, found.reply_status, found.reply_text


def mailing_state(ledger: Ready) -> tuple[str, str | None]:
    with read_only(ledger.engine).connect() as connection:
        found = connection.execute(select(mailings)).one()
        return found.state, found.reason


async def no_longer_sending(ledger: Ready) -> None:
    while mailing_state(ledger)[0] == "sending":  # noqa: ASYNC110 # reason: another process's state, as it were
        await asyncio.sleep(0.05)


async def sent(
    folder: Path, script: Script, timeouts: Timeouts = UNHURRIED, retry: Sequence[str] = ("0s",)
) -> tuple[Ready, list[str]]:
    """A mailing to Anne through a relay that follows ``script``; the ledger, and whose message the relay kept."""
    async with listening(script) as relay:
        ledger = ready(folder, relay.port, [ANNE], retry=retry)
        await run(ledger, timeouts=timeouts)
        return ledger, relay.accepted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "what"),
    [
        (step, what)
        for step in BEFORE_THE_DOT
        for what in (HANG_UP, SILENCE, b"421 4.3.2 going down", b"how do you do?")
        if (step, what) != ("BODY", SILENCE)  # a short message's dot is in the socket already: test_session
    ],
)
async def test_trouble_before_the_dot_is_no_doubt_and_the_message_goes_later(
    tmp_path: Path, step: str, what: bytes
) -> None:
    ledger, accepted = await sent(tmp_path, once(step, what), HASTY, ["0s"] * 20)
    assert states(ledger.engine) == {ANNE: "accepted"}
    assert accepted == [ANNE]


@pytest.mark.slow
@pytest.mark.parametrize("what", [HANG_UP, SILENCE, b"how do you do?", b"354 go on"])
async def test_no_reply_to_the_dot_is_a_doubt_and_is_not_sent_again(tmp_path: Path, what: bytes) -> None:
    ledger, accepted = await sent(tmp_path, once("DOT", what), replace(UNHURRIED, dot=0.3))
    assert states(ledger.engine) == {ANNE: "in_doubt"}
    assert len(accepted) <= 1
    assert mailing_state(ledger) == ("done", None)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_a_temporary_refusal_is_tried_again(tmp_path: Path, step: str) -> None:
    """After the dot too: a 4xx is a definite answer, not a doubt."""
    ledger, accepted = await sent(tmp_path, once(step, b"451 4.3.0 not now"))
    assert states(ledger.engine) == {ANNE: "accepted"}
    assert accepted == [ANNE]


@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
async def test_a_delivery_is_given_up_after_the_last_delay(tmp_path: Path, step: str) -> None:
    ledger, accepted = await sent(tmp_path, at(step, b"450 4.2.0 never today"))
    assert row(ledger) == ("rejected", 450, "4.2.0", "given up after 2 attempts: never today")
    assert (accepted, suppressed(ledger)) == ([], 0)


@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
async def test_a_permanent_refusal_rejects_and_blames_nobody(tmp_path: Path, step: str) -> None:
    ledger, accepted = await sent(tmp_path, at(step, b"550 5.2.1 mailbox disabled"))
    assert row(ledger) == ("rejected", 550, "5.2.1", "mailbox disabled")
    assert (accepted, suppressed(ledger)) == ([], 0)


@pytest.mark.parametrize(
    "reply", [b"550 5.1.1 unknown", b"550-5.1.1 no such\r\n550 5.1.1 mailbox", b"553 5.1.2 no host"]
)
async def test_an_unknown_mailbox_at_rcpt_suppresses_the_reader_at_once(tmp_path: Path, reply: bytes) -> None:
    async with listening(lambda step, who: reply if (step, who) == ("RCPT", ANNE) else None) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, ODD], retry=["0s"])
        await run(ledger, timeouts=UNHURRIED)
    assert states(ledger.engine) == {ANNE: "rejected", ODD: "accepted"}
    assert suppressed(ledger) == 1


async def test_a_relay_that_accepts_nobody_pauses_the_mailing_and_suppresses_nobody(tmp_path: Path) -> None:
    """Fifteen readers are fewer than the brake waits for, and more than a relay with an empty table may cost."""
    async with listening(at("RCPT", b"550 5.1.1 unknown")) as relay:
        ledger = ready(tmp_path, relay.port, READERS[:15])
        await run(ledger, timeouts=UNHURRIED)
    assert set(states(ledger.engine).values()) == {"queued"}
    assert (mailing_state(ledger)[0], suppressed(ledger)) == ("paused", 0)


async def test_an_unknown_mailbox_after_the_dot_does_not_suppress(tmp_path: Path) -> None:
    """That code after DATA comes from a relay's own queue, about whom it likes; only RCPT is about the recipient."""
    ledger, _ = await sent(tmp_path, at("DOT", b"550 5.1.1 unknown"))
    assert states(ledger.engine) == {ANNE: "rejected"}
    assert suppressed(ledger) == 0


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("MAIL", b"550 5.7.1 sender not allowed"),
        ("MAIL", b"530 5.7.0 authentication required"),
        ("DOT", b"554 5.7.1 Relay access denied"),
        ("RCPT", b"530 5.7.0 authentication required"),
        ("DOT", b"550 5.7.8 bad credentials"),
    ],
)
async def test_a_refusal_of_our_configuration_pauses_the_mailing_and_blames_nobody(
    tmp_path: Path, step: str, reply: bytes
) -> None:
    ledger, _ = await sent(tmp_path, at(step, reply))
    assert states(ledger.engine) == {ANNE: "queued"}
    assert mailing_state(ledger) == ("paused", reply.decode())
    assert suppressed(ledger) == 0


async def test_a_slow_or_broken_rset_does_not_replace_the_refusal(tmp_path: Path) -> None:
    def script(step: str, address: str) -> bytes | None:
        return {"RCPT": b"550 5.2.1 mailbox disabled", "RSET": SILENCE}.get(step)

    ledger, _ = await sent(tmp_path, script, replace(UNHURRIED, quit=0.3))
    assert row(ledger)[:3] == ("rejected", 550, "5.2.1")


async def test_a_refusal_before_the_end_of_the_body_is_an_answer(tmp_path: Path) -> None:
    """Some relays do not wait for the dot to say that a message is too big; without a dot it is no doubt."""

    def script(step: str, address: str) -> bytes | None:
        return b"552 5.3.4 too big" if step == "BODY" else None

    async with listening(script) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE], retry=["0s"])
        await run(ledger, timeouts=UNHURRIED)
        assert states(ledger.engine) == {ANNE: "rejected"}
        assert relay.accepted == []


@pytest.mark.slow
async def test_glued_replies_close_the_connection_before_they_are_taken_for_another_readers(tmp_path: Path) -> None:
    async with listening(once("DOT", b"250 2.0.0 kept\r\n250 2.0.0 and once more")) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, "boris@example.org"], connections=1)
        await run(ledger, timeouts=UNHURRIED)
        assert set(states(ledger.engine).values()) == {"accepted"}
        assert sorted(relay.accepted) == [ANNE, "boris@example.org"]
        assert relay.connections == 2  # one line too many ended the first, with nothing of Boris's begun on it


async def test_ten_refusals_of_the_message_in_a_row_pause_the_mailing(tmp_path: Path) -> None:
    readers = [f"reader{number}@example.org" for number in range(40)]
    async with listening(at("DOT", b"554 5.6.0 this looks like spam")) as relay:
        ledger = ready(tmp_path, relay.port, readers, connections=1)
        await run(ledger, timeouts=UNHURRIED)
        assert sum(number for (step, _), number in relay.asked.items() if step == "DOT") == 10
    assert set(states(ledger.engine).values()) == {"queued"}
    state, reason = mailing_state(ledger)
    assert (state, str(reason).endswith("It says: 554 5.6.0 this looks like spam")) == ("paused", True)


@pytest.mark.slow
async def test_one_reader_whom_the_relay_does_not_relay_to_stops_nobody(tmp_path: Path) -> None:
    def script(step: str, address: str) -> bytes | None:
        return b"554 5.7.1 <odd@odd.example>: Relay access denied" if (step, address) == ("RCPT", ODD) else None

    async with listening(script) as relay:
        ledger = ready(tmp_path, relay.port, [ODD, *READERS], retry=["0s"] * 12, connections=1)
        await run(ledger, timeouts=UNHURRIED)
        assert sorted(relay.accepted) == sorted(READERS)
    assert states(ledger.engine)[ODD] == "rejected"
    assert mailing_state(ledger) == ("done", None)
    assert suppressed(ledger) == 0


@pytest.mark.parametrize(
    "refusal",
    [
        "554 5.7.1 Relay access denied",
        "454 4.7.1 Relay access denied",
        "553 5.7.1 Sender address rejected: not owned by user gazette",
        "554 5.7.1 Client host rejected: Access denied",
    ],
)
async def test_a_relay_that_relays_to_nobody_pauses_the_mailing_after_ten_readers(tmp_path: Path, refusal: str) -> None:
    async with listening(at("RCPT", refusal.encode())) as relay:
        ledger = ready(tmp_path, relay.port, READERS, retry=["1h"], connections=1)
        await run(ledger, timeouts=UNHURRIED)
    state, reason = mailing_state(ledger)
    assert (state, str(reason).endswith(f"It says: {refusal}")) == ("paused", True)
    assert set(states(ledger.engine).values()) == {"queued"}
    assert suppressed(ledger) == 0


async def test_a_relay_that_knows_nobody_pauses_the_mailing_and_suppresses_nobody(tmp_path: Path) -> None:
    async with listening(at("RCPT", b"550 5.1.1 unknown")) as relay:
        ledger = ready(tmp_path, relay.port, READERS, connections=2)
        await run(ledger, timeouts=UNHURRIED)
        state, reason = mailing_state(ledger)
        assert (state, suppressed(ledger)) == ("paused", 0)
        assert reason is not None
        assert "20 readers in a row" in reason
        assert len({address for step, address in relay.steps if step == "RCPT"}) <= 22  # one more a connection
        assert set(states(ledger.engine).values()) == {"queued"}
        relay.script = ordinary
        resume(ledger.engine, ledger.mailing)
        await run(ledger)
        assert sorted(relay.accepted) == sorted(READERS)


@pytest.mark.slow
async def test_readers_who_are_really_gone_are_believed_after_a_resume(tmp_path: Path) -> None:
    """By the same worker, which goes on looking while the mailing is paused."""
    gone = READERS[:25]
    async with listening(lambda s, who: b"550 5.1.1 unknown" if s == "RCPT" and who in gone else None) as relay:
        ledger = ready(tmp_path, relay.port, READERS, connections=1)
        stop = asyncio.Event()
        working = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
        await no_longer_sending(ledger)
        assert suppressed(ledger) == 0
        resume(ledger.engine, ledger.mailing)
        await no_longer_sending(ledger)
        stop.set()
        await working
        assert mailing_state(ledger) == ("done", None)
        assert sorted(relay.accepted) == sorted(set(READERS) - set(gone))
    assert suppressed(ledger) == 25


async def test_a_few_unknown_readers_are_suppressed_whatever_comes_between(tmp_path: Path) -> None:
    gone = READERS[::2]
    async with listening(lambda s, who: b"550 5.1.1 unknown" if s == "RCPT" and who in gone else None) as relay:
        ledger = ready(tmp_path, relay.port, READERS, connections=1)
        await run(ledger, timeouts=UNHURRIED)
    assert (mailing_state(ledger), suppressed(ledger)) == (("done", None), len(gone))


async def test_unknown_readers_take_no_room_from_others_of_their_provider(tmp_path: Path) -> None:
    """Orange bears two messages at once, and two that the brake holds are not under way."""
    readers = [f"reader{number}@orange.fr" for number in range(6)]
    async with listening(at("RCPT", b"550 5.1.1 unknown")) as relay:
        ledger = ready(tmp_path, relay.port, readers, shape_providers=True)
        await run(ledger, timeouts=UNHURRIED)
    assert (mailing_state(ledger)[0], set(states(ledger.engine).values())) == ("paused", {"queued"})


async def test_who_pauses_a_mailing_while_the_relay_knows_nobody_loses_no_reader_of_those_it_was_asked_about(
    tmp_path: Path,
) -> None:
    """What it said of them waits for an accepted message; meanwhile they went back to the queue and were accepted."""
    broken = True

    def script(step: str, address: str) -> bytes | None:
        nonlocal broken
        if broken and step == "MAIL" and relay.asked["RCPT", READERS[4]]:
            pause(ledger.engine, ledger.mailing)
            broken = False
        return b"550 5.1.1 unknown" if broken and step == "RCPT" else None

    async with listening(script) as relay:
        ledger = ready(tmp_path, relay.port, READERS[:8], connections=1)
        stop = asyncio.Event()
        working = asyncio.create_task(Worker(ledger.engine, ledger.room, SECRET, poll=0.05).run(stop))
        await no_longer_sending(ledger)
        assert not relay.accepted
        resume(ledger.engine, ledger.mailing)
        await no_longer_sending(ledger)
        stop.set()
        await working
        assert sorted(relay.accepted) == READERS[:8]
    assert (mailing_state(ledger), suppressed(ledger)) == (("done", None), 0)
