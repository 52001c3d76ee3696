"""PIPELINING (RFC 2920): one round trip a message, and every reply is its own command's.

The relays here are written out line by line, because what goes in one write is the matter.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from composer.database import read_only
from composer.delivery.smtp.reply import Phase, Reply
from composer.delivery.smtp.session import Lost, Timeouts, connect
from composer.delivery.tables import deliveries
from composer.message import Message
from tests.delivery.smtp.test_session import message, settings, yes
from tests.delivery.support.fake_relay import HANG_UP, Script, listening, once
from tests.delivery.support.sample_ledger import Ready, ready, states
from tests.delivery.worker.test_worker import run

ANNE, BORIS, CHLOE = "anne@example.org", "boris@example.org", "chloe@example.org"
HASTY = Timeouts(connect=5, command=1, data=1, body=1, dot=1, quit=1)
OFFERED = b"250-relay.example\r\n250-PIPELINING\r\n250 SIZE 1000000"
BODY_END = b"\r\n.\r\n"

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[int]:
    """A relay that greets, offers PIPELINING, and then does what ``talk`` does, to its end; its port."""
    failures: list[BaseException] = []
    conversations: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (this := asyncio.current_task()) is not None:
            conversations.append(this)
        try:
            writer.write(b"220 relay.example\r\n")
            await reader.readline()
            writer.write(OFFERED + b"\r\n")
            await talk(reader, writer)
        except (AssertionError, asyncio.IncompleteReadError) as error:
            failures.append(error)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
    await asyncio.wait_for(asyncio.gather(*conversations), 10)
    assert not failures


async def envelope(reader: asyncio.StreamReader) -> bytes:
    """The recipient of MAIL, RCPT, DATA."""
    mail, rcpt, data = [await reader.readline() for _ in range(3)]
    assert mail.startswith(b"MAIL FROM:<")
    assert data == b"DATA\r\n"
    return rcpt.split(b"<")[1].split(b">")[0]


def offering(script: Script) -> Script:
    """The same relay, with PIPELINING."""
    return lambda step, address: OFFERED if step == "EHLO" else script(step, address)


def following(*messages: Message) -> Callable[[], Message | None]:
    coming = iter(messages)
    return lambda: next(coming, None)


async def test_the_dot_takes_the_next_envelope_with_it_and_nothing_is_answered_before() -> None:
    """A relay that says nothing before it has everything that one round trip may bring."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await envelope(reader) == ANNE.encode()
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(BODY_END)
        assert await envelope(reader) == BORIS.encode()
        writer.write(b"250 2.0.0 kept first\r\n250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(BODY_END)
        writer.write(b"250 2.0.0 kept second\r\n")
        assert await reader.readline() == b"QUIT\r\n"

    anne, boris = message(to=ANNE), message(to=BORIS)
    async with talking(talk) as port:
        session = await connect(settings(port), None, HASTY)
        assert await session.send(anne, yes, following(boris)) == (Phase.DOT, Reply(250, "2.0.0", "kept first"))
        assert session.ready
        assert await session.send(boris, yes, following()) == (Phase.DOT, Reply(250, "2.0.0", "kept second"))
        await session.quit()


@pytest.mark.parametrize("after", [b"250 kept after all\r\n", b""])
async def test_what_is_refused_and_then_accepted_is_in_doubt_though_the_next_envelope_is_on_the_wire(
    after: bytes,
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await envelope(reader)
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(BODY_END)
        await envelope(reader)
        writer.write(b"554 5.7.0 no\r\n" + after + b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.read()

    async with talking(talk) as port:
        session = await connect(settings(port), None, HASTY)
        if after:
            with pytest.raises(Lost) as lost:
                await session.send(message(to=ANNE), yes, following(message(to=BORIS)))
            assert (lost.value.phase, lost.value.why) == (
                Phase.DOT,
                "the relay spoke out of turn: 554 5.7.0 no, 250 kept after all",
            )
        else:
            refused = await session.send(message(to=ANNE), yes, following(message(to=BORIS)))
            assert refused == (Phase.DOT, Reply(554, "5.7.0", "no"))
            assert session.ready
        await session.quit()


async def test_an_envelope_without_its_message_gets_no_word_more() -> None:
    """After 354 a QUIT would be text: the connection ends, and the relay throws away what has no dot."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await envelope(reader)
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(BODY_END)
        await envelope(reader)
        writer.write(b"250 kept\r\n")  # what it says to the envelope is still under way
        assert await reader.read() == b""

    async with talking(talk) as port:
        session = await connect(settings(port), None, HASTY)
        await session.send(message(to=ANNE), yes, following(message(to=BORIS)))
        await session.quit()


async def test_the_next_dot_waits_for_its_own_mark() -> None:
    dots: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await envelope(reader)
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(BODY_END)
        dots.append("anne")
        await envelope(reader)
        writer.write(b"250 kept\r\n250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(BODY_END)
        dots.append("boris")
        writer.write(b"250 kept\r\n")
        await reader.read()

    async def mark() -> bool:
        await asyncio.sleep(0.1)  # time in which a wrong session would write its dot
        assert dots == ["anne"]
        return True

    anne, boris = message(to=ANNE), message(to=BORIS)
    async with talking(talk) as port:
        session = await connect(settings(port), None, HASTY)
        await session.send(anne, yes, following(boris))
        await session.send(boris, mark)
        session.close()
    assert dots == ["anne", "boris"]


@pytest.mark.parametrize("after", [b"354 go on", b"503 5.5.1 no valid recipients"])
async def test_a_refused_recipient_is_the_one_it_was_and_the_session_goes_on(after: bytes) -> None:
    """DATA was on its way already: a relay that asks for the body of nobody gets a lone dot (RFC 2920 3.1)."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await envelope(reader) == ANNE.encode()
        writer.write(b"250 ok\r\n550 5.1.1 who is that\r\n" + after + b"\r\n")
        assert await reader.readline() == (b".\r\n" if after.startswith(b"354") else b"RSET\r\n")
        writer.write(b"554 5.5.1 nobody\r\n" if after.startswith(b"354") else b"250 ok\r\n")
        assert await envelope(reader) == BORIS.encode()
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(BODY_END)
        writer.write(b"250 2.0.0 kept\r\n")
        await reader.read()

    async with talking(talk) as port:
        session = await connect(settings(port), None, HASTY)
        refused = await session.send(message(to=ANNE), yes, following(message(to=CHLOE)))
        assert refused == (Phase.RCPT, Reply(550, "5.1.1", "who is that"))
        assert session.ready
        assert await session.send(message(to=BORIS), yes) == (Phase.DOT, Reply(250, "2.0.0", "kept"))
        session.close()


async def test_a_relay_that_wants_the_body_of_a_sender_it_refused_gets_no_dot() -> None:
    """It took the recipient: a lone dot would be an empty message to somebody."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await envelope(reader)
        writer.write(b"550 5.7.1 not you\r\n250 ok\r\n354 go on\r\n")
        assert await reader.read() == b""

    async with talking(talk) as port:
        session = await connect(settings(port), None, HASTY)
        assert await session.send(message(), yes) == (Phase.MAIL, Reply(550, "5.7.1", "not you"))
        assert not session.ready


@pytest.mark.parametrize("said", [b"250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n", b"250 ok\r\n354 go on\r\n250 ok\r\n"])
async def test_replies_out_of_step_never_get_a_dot(said: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await envelope(reader)
        writer.write(said)
        assert await reader.read() == b""

    async with talking(talk) as port:
        session = await connect(settings(port), None, HASTY)
        with pytest.raises(Lost) as lost:
            await session.send(message(), yes)
        assert lost.value.phase in (Phase.RCPT, Phase.DATA)


def deferrals(ledger: Ready) -> dict[str, int]:
    with read_only(ledger.engine).connect() as connection:
        return {row.email: row.deferrals for row in connection.execute(select(deliveries))}


@pytest.mark.parametrize("what", [HANG_UP, b"421 4.3.2 later", b"354 what"])
async def test_lost_at_the_dot_the_next_envelope_is_nobodys_fault(tmp_path: Path, what: bytes) -> None:
    """One connection: Boris's envelope is on the wire when Anne's answer fails to come; he is sent to afterwards."""
    first = once("DOT", what)
    script = offering(lambda step, who: first(step, who) if who == ANNE else None)
    async with listening(script) as relay:
        ledger = ready(tmp_path, relay.port, [ANNE, BORIS], connections=1, retry=["0s"])
        await run(ledger, timeouts=HASTY)
        assert states(ledger.engine) == {ANNE: "accepted" if what.startswith(b"421") else "in_doubt", BORIS: "accepted"}
        assert relay.accepted.count(BORIS) == 1
        assert deferrals(ledger)[BORIS] == 0


async def test_a_mailing_goes_through_pipelined_connections_whatever_happens_to_some(tmp_path: Path) -> None:
    readers = [f"reader{number:02d}@example.org" for number in range(30)]
    busy, lost = readers[7], readers[11]
    later = once("DOT", b"451 4.3.0 not now")

    def script(step: str, address: str) -> bytes | None:
        if (step, address) == ("DOT", lost):
            return HANG_UP
        return later(step, address) if address == busy else None

    async with listening(offering(script)) as relay:
        ledger = ready(tmp_path, relay.port, readers, connections=1, per_connection=20, retry=["0s"])
        await run(ledger, timeouts=HASTY)
        found = states(ledger.engine)
        assert found.pop(lost) == "in_doubt"
        assert set(found.values()) == {"accepted"}
        assert {reader for reader, count in deferrals(ledger).items() if count} == {busy}
        assert sorted(relay.accepted) == readers
