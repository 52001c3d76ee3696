"""Sessions: TLS, phases, the order of mark and dot, and nonsense from the other side."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from hypothesis import given
from hypothesis import strategies as st

from composer import locale
from composer.delivery.smtp.handshake import RelayUnreachable
from composer.delivery.smtp.reply import Phase, Reply
from composer.delivery.smtp.session import Lost, Session, Timeouts, Withheld, connect, send_now
from composer.delivery.smtp.wire import Broken, Wire
from composer.delivery.state import State
from composer.errors import OutsideWorld
from composer.message import Envelope as OurEnvelope
from composer.message import Message
from composer.newsroom.model import Relay as RelaySettings
from tests.delivery.support.fake_relay import HANG_UP, SILENCE, Relay, Script, at, listening, once, ordinary

HASTY = Timeouts(connect=5, command=0.3, data=0.3, body=0.5, dot=0.3, quit=0.3)
DOTS = b"Subject: dots\r\n\r\n.\r\n..\r\nmiddle\r\n.end\r\n"


def message(content: bytes = DOTS, to: str = "anne@example.org") -> Message:
    return Message(OurEnvelope("b-x@retours.example.org", to), content)


def settings(port: int, **more: object) -> RelaySettings:
    plain = {"host": "127.0.0.1", "port": port, "security": "none", "ehlo": "us.example"}
    return RelaySettings.model_validate(plain | more)


async def yes() -> bool:
    return True


@asynccontextmanager
async def session(script: Script = ordinary) -> AsyncIterator[tuple[Session, Relay]]:
    async with listening(script) as relay:
        opened = await connect(settings(relay.port), None, HASTY)
        try:
            yield opened, relay
        finally:
            opened.close()


def test_the_reply_to_a_dot_is_waited_for_as_long_as_the_rfc_asks() -> None:
    """RFC 5321 4.5.3.2.6: ten minutes. A shorter wait makes doubts of slow acceptances."""
    assert Timeouts().dot == 600


async def test_dots_at_line_starts_arrive_as_they_were() -> None:
    async with session() as (opened, relay):
        assert await opened.send(message(), yes) == (Phase.DOT, Reply(250, "2.0.0", "kept"))
        assert await opened.send(message(b"." + DOTS), yes) == (Phase.DOT, Reply(250, "2.0.0", "kept"))
        assert relay.messages["anne@example.org"] == b"." + DOTS
        assert opened.ready
        await opened.quit()
        assert relay.steps[-1][0] == "QUIT"


async def test_the_dot_is_written_only_after_the_mark() -> None:
    async with session() as (opened, relay):
        looked = asyncio.Event()

        async def mark() -> bool:
            await relay.reached["BODY"].wait()  # the body travels meanwhile
            await asyncio.sleep(0.1)
            assert not relay.reached["DOT"].is_set()
            looked.set()
            return True

        await opened.send(message(), mark)
        assert looked.is_set()
        assert relay.accepted == ["anne@example.org"]


async def test_a_mark_that_says_no_leaves_no_dot_and_ends_the_session() -> None:
    async def no() -> bool:
        return False

    async with session() as (opened, relay):
        with pytest.raises(Withheld):
            await opened.send(message(), no)
        assert not opened.ready
        assert relay.accepted == []


async def test_cancelled_in_the_middle_the_session_is_over() -> None:
    async with session(at("RCPT", SILENCE)) as (opened, relay):
        sending = asyncio.create_task(opened.send(message(), yes))
        await relay.reached["RCPT"].wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert not opened.ready


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("what", [HANG_UP, SILENCE, b"250", b"99 what", b"250-a\r\n550 b"])
async def test_a_loss_knows_its_phase(step: str, what: bytes) -> None:
    ordinary_there = {("MAIL", b"250"), ("RCPT", b"250"), ("DOT", b"250")}
    async with session(at(step, what)) as (opened, _relay):
        if (step, what) in ordinary_there:
            phase, reply = await opened.send(message(), yes)
            assert (phase, reply.code) in {(Phase.DOT, 250)}
        else:
            with pytest.raises(Lost) as lost:
                await opened.send(message(), yes)
            assert lost.value.phase == Phase[step]
            assert not opened.ready


@pytest.mark.slow
async def test_a_relay_that_stops_reading_is_lost_in_the_body_and_the_dot_is_not_written() -> None:
    async with session(at("BODY", SILENCE)) as (opened, relay):
        with pytest.raises(Lost) as lost:
            await opened.send(message(b"Subject: long\r\n\r\n" + (b"x" * 76 + b"\r\n") * 400_000), yes)
        assert lost.value.phase is Phase.BODY
        assert relay.accepted == []


@pytest.mark.parametrize("address", ["a b@c.example", "a@c.example>\r\nDATA", "<a@c.example", "é@c.example", "a\0@b"])
async def test_an_address_cannot_become_a_command(address: str) -> None:
    async with session() as (opened, relay):
        with pytest.raises(ValueError, match="envelope address"):
            await opened.send(message(to=address), yes)
        assert ("RCPT", address) not in relay.steps
        assert not opened.ready


class Kept:
    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.messages.append(envelope.content)
        return "250 2.0.0 kept"


@asynccontextmanager
async def secure(kind: str, authority: trustme.CA, kept: Kept) -> AsyncIterator[int]:
    """A real SMTP server with TLS, or STARTTLS, that wants user ``us`` with password ``secret``."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def check(server: SMTP, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        login, password = getattr(data, "login", b""), getattr(data, "password", b"")
        return AuthResult(success=(login, password) == (b"us", b"secret"), handled=False)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            kept,
            hostname="relay.example",
            loop=loop,
            authenticator=check,
            auth_required=kind == "starttls",
            auth_require_tls=kind == "starttls",
            require_starttls=kind == "starttls",
            tls_context=context if kind == "starttls" else None,
        ),
        "127.0.0.1",
        0,
        ssl=context if kind == "tls" else None,
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("kind", ["starttls", "tls"])
async def test_over_tls_certificates_are_verified_and_the_message_arrives(kind: str) -> None:
    authority, kept = trustme.CA(), Kept()
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with secure(kind, authority, kept) as port:
        relay = settings(port, security=kind, user="us")
        opened = await connect(relay, "secret", HASTY, trusted)
        phase, reply = await opened.send(message(), yes)
        assert (phase, reply.code) == (Phase.DOT, 250)
        long = b"Subject: long\r\n\r\n" + (b"x" * 70 + b"\r\n") * 3_000
        phase, reply = await opened.send(message(long), yes)
        await opened.quit()
        assert (phase, reply.code) == (Phase.DOT, 250)
        assert kept.messages == [DOTS, long]
        with pytest.raises(RelayUnreachable, match=r"its certificate is not accepted: [^(]*$"):
            await connect(relay, "secret", HASTY)
        with pytest.raises(RelayUnreachable, match="535"):
            await connect(relay, "wrong", HASTY, trusted)
        with pytest.raises(RelayUnreachable, match="FILIGRANE_SMTP_PASSWORD"):
            await connect(relay, None, HASTY, trusted)


async def test_a_relay_that_hides_starttls_gets_neither_password_nor_message() -> None:
    async with listening() as relay:
        with pytest.raises(RelayUnreachable):
            await connect(settings(relay.port, security="starttls", user="us"), "secret", HASTY)
        assert {step for step, _ in relay.steps} <= {"GREETING", "EHLO"}


async def test_send_now_says_what_became_of_each_and_goes_on_after_a_refusal() -> None:
    async with listening(once("RCPT", b"421 4.3.2 one at a time")) as relay:
        letters = [message(to=f"reader{number}@example.org") for number in range(2)]
        found = await send_now(settings(relay.port), None, [*letters, letters[0]])
        assert [outcome.state for outcome in found] == [State.REJECTED, State.REJECTED, State.ACCEPTED]
    with pytest.raises(OutsideWorld, match="relay"):
        await send_now(settings(relay.port), None, letters)


class Deaf(asyncio.Transport):
    """A transport that goes nowhere."""

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        pass


async def test_a_greeting_in_another_alphabet_is_told_as_it_was_said_and_commands_no_terminal() -> None:
    refusal = "554 5.7.1 accès refusé\x1b[2J, see odile@example.org".encode("latin-1")
    async with listening(at("GREETING", refusal)) as relay:
        with pytest.raises(RelayUnreachable) as unreachable:
            await connect(RelaySettings(host="127.0.0.1", port=relay.port, security="none"), None, Timeouts())
    told = f"127.0.0.1:{relay.port}: 554 5.7.1 accès refusé [2J, see <address>"
    assert (str(unreachable.value), unreachable.value.ours) == (told, False)


async def test_what_does_not_answer_is_said_in_the_newsroom_s_language() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        locale.use("fr")
        try:
            with pytest.raises(RelayUnreachable) as unreachable:
                await connect(RelaySettings(host="127.0.0.1", port=port, security="none"), None, Timeouts())
        finally:
            locale.use("en")
    assert str(unreachable.value) == f"127.0.0.1:{port}\N{NO-BREAK SPACE}: rien ne répond sur ce port"


async def test_an_address_that_swallows_packets_does_not_hide_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as relay:
        with socket.create_server(("127.0.0.2", relay.port), backlog=0) as deaf:
            filling = [socket.socket() for _ in range(4)]  # its queue is full: it drops what knocks
            for plug in filling:
                plug.setblocking(False)
                plug.connect_ex(deaf.getsockname())
            addresses = [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, relay.port)) for ip in ("127.0.0.2", "127.0.0.1")
            ]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: addresses)
            session = await connect(settings(relay.port), None, HASTY)
            await session.quit()
            for plug in filling:
                plug.close()


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        (b"HTTP/1.1 400 Bad Request", "what it says is no SMTP reply: HTTP/1.1 400 Bad Request"),
        (b"2" * 100_000, "what it says is no SMTP reply: …"),
        (HANG_UP, "it closed the connection"),
        ("554 no \u202eenola\u2066".encode(), "554 no  enola"),
    ],
)
async def test_what_a_relay_has_instead_of_a_greeting_is_told_in_our_words(greeting: bytes, told: str) -> None:
    async with listening(at("GREETING", greeting)) as relay:
        with pytest.raises(RelayUnreachable) as unreachable:
            await connect(settings(relay.port), None, HASTY)
    assert str(unreachable.value) == f"127.0.0.1:{relay.port}: {told}"


@pytest.mark.parametrize(
    ("offer", "security", "told"),
    [
        (b"250 relay.example", "starttls", "it does not offer STARTTLS, and nothing is sent in clear"),
        (b"250 relay.example", "none", "it takes no password, and the configuration names an account"),
        (b"250-relay.example\r\n250 AUTH XOAUTH2", "none", "it takes a password in no way that is known here"),
    ],
)
async def test_what_a_relay_does_not_offer_is_told_in_our_words(offer: bytes, security: str, told: str) -> None:
    async with listening(at("EHLO", offer)) as relay:
        with pytest.raises(RelayUnreachable, match=told):
            await connect(settings(relay.port, security=security, user="us"), "secret", HASTY)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_are_replies_or_break_the_wire(chunks: list[bytes]) -> None:
    async def read() -> None:
        wire = Wire(Deaf())
        for chunk in chunks:
            wire.data_received(chunk)
        wire.eof_received()
        for _reply in range(200):
            try:
                reply = await wire.reply(1)
            except Broken:
                return
            assert 200 <= reply.code < 600
            assert not any(character < " " for character in reply.text)
        raise AssertionError("a wire that has ended must break")

    asyncio.run(read())


@given(st.integers(200, 599), st.lists(st.text("abc 5.-<@", max_size=20), min_size=1), st.data())
def test_a_reply_is_read_whole_however_it_is_cut(code: int, lines: list[str], data: st.DataObject) -> None:
    last = len(lines) - 1
    raw = "".join(f"{code}{' ' if at == last else '-'}{line}\r\n" for at, line in enumerate(lines)).encode()
    cut = data.draw(st.integers(0, len(raw)))

    async def read() -> Reply:
        wire = Wire(Deaf())
        wire.data_received(raw[:cut])
        wire.data_received(raw[cut:])
        return await wire.reply(1)

    assert asyncio.run(read()).code == code


@pytest.mark.parametrize("endless", [b"250 " + b"x" * 70_000, b"250-x\r\n" * 10_000])
async def test_a_reply_without_an_end_breaks_the_wire(endless: bytes) -> None:
    wire = Wire(Deaf())
    wire.data_received(endless)
    with pytest.raises(Broken, match="end"):
        await wire.reply(1)


async def test_a_line_too_many_before_the_dot_is_not_taken_for_its_reply() -> None:
    async with session(at("DATA", b"354 go on\r\n250 2.0.0 kept")) as (opened, relay):
        with pytest.raises(Lost) as lost:
            await opened.send(message(), yes)
        assert lost.value.phase is Phase.BODY
        assert relay.accepted == []
