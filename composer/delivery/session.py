"""SMTP sessions with the relay: the only module that knows aiosmtplib.

aiosmtplib connects, negotiates TLS and authenticates. From there on the conversation is ours, because the one thing
that matters cannot be had from ``sendmail``: the final dot is written after the ledger knows it, never before, and
whoever loses the connection learns in which phase (docs/delivery.md).

BUGS: one message at a time and one command a round trip; no PIPELINING, no CHUNKING.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import cast

import aiosmtplib

from composer.delivery.reply import Outcome, Phase, Reply, Retry, judge, scrub
from composer.delivery.wire import Broken, Wire
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.message import Message
from composer.newsroom.model import Relay


@dataclass(frozen=True)
class Timeouts:
    """Seconds (RFC 5321 4.5.3.2). A shorter ``dot`` would make doubts of slow acceptances."""

    connect: float = 60
    command: float = 300
    data: float = 120
    body: float = 180
    dot: float = 600
    quit: float = 5


class Unreachable(Exception):
    """No session: refused connection, certificate, name, password. The text holds no address."""


class Lost(Exception):
    """The conversation ended without a reply, in ``phase``."""

    def __init__(self, phase: Phase, why: str) -> None:
        self.phase = phase
        self.why = why
        super().__init__(f"{phase}: {why}")


class Withheld(Exception):
    """The last look said no: the dot was not written. The session is over."""


class Session:
    """One connection, on which messages go one after another. Not to be shared between tasks."""

    def __init__(self, wire: Wire, timeouts: Timeouts, announces_size: bool) -> None:
        self._wire = wire
        self._timeouts = timeouts
        self._announces_size = announces_size
        self.sent = 0

    @property
    def ready(self) -> bool:
        """Whether another message may go."""
        return self._wire.quiet

    async def send(self, message: Message, mark: Callable[[], Awaitable[bool]]) -> tuple[Phase, Reply]:
        """Send one message; gives the reply that ended it, and in which phase.

        ``mark`` is called once, when the relay waits for the body; the dot is written only after it gave True.
        Raises ``Lost``, or ``Withheld`` where ``mark`` gave False. Anything but a parsed reply closes the session,
        cancellation too.
        """
        self.sent += 1
        whole = False
        try:
            phase, reply = await self._transaction(message, mark)
            whole = self.ready and reply.code != 421
            return phase, Reply(reply.code, reply.status, scrub(reply.text, message.envelope.rcpt_to))
        finally:
            if not whole:
                self.close()

    async def _transaction(self, message: Message, mark: Callable[[], Awaitable[bool]]) -> tuple[Phase, Reply]:
        size = b" SIZE=%d" % len(message.content) if self._announces_size else b""
        envelope = (
            (Phase.MAIL, b"MAIL FROM:<%s>%s" % (_path(message.envelope.mail_from), size)),
            (Phase.RCPT, b"RCPT TO:<%s>" % _path(message.envelope.rcpt_to)),
        )
        phase = Phase.MAIL
        try:
            for phase, line in envelope:
                reply = await self._command(line, self._timeouts.command)
                if reply.code >= 300:
                    return phase, await self._reset(reply)
            phase = Phase.DATA
            reply = await self._command(b"DATA", self._timeouts.data)
            if reply.code != 354:
                return phase, await self._reset(reply)
            phase = Phase.BODY
            try:
                await self._body(message.content, mark)
            except Broken:
                self.close()
                # Without a dot nothing was delivered; what the relay may have said meanwhile is its answer.
                if (early := self._wire.said()) is not None and early.code >= 400:
                    return Phase.DATA, early
                raise
            phase = Phase.DOT
            reply = await self._wire.reply(self._timeouts.dot)
            if 300 <= reply.code < 400:
                raise Broken("what the relay said is no reply to a message")
            return phase, reply
        except Broken as error:
            raise Lost(phase, str(error)) from error

    async def _body(self, content: bytes, mark: Callable[[], Awaitable[bool]]) -> None:
        """Body and dot. The body may travel while the mark is being committed; the dot may not."""
        marked = asyncio.ensure_future(mark())
        try:
            self._wire.write(_stuffed(content))
            await self._wire.drain(self._timeouts.body)
        finally:
            go = await marked  # also where the body broke off: what follows must find the mark's result in the ledger
        if not go:
            raise Withheld
        self._wire.write(b".\r\n")

    async def _command(self, line: bytes, seconds: float) -> Reply:
        self._wire.write(line + b"\r\n")
        return await self._wire.reply(seconds)

    async def _reset(self, refusal: Reply) -> Reply:
        """Give ``refusal`` back, the transaction being aborted; trouble in aborting it must not replace it."""
        if refusal.code < 400:
            raise Broken("the relay's reply does not fit the command")
        if refusal.code != 421:
            try:
                reply = await self._command(b"RSET", self._timeouts.quit)
            except Broken:
                self.close()
            else:
                if reply.code != 250:
                    self.close()
        return refusal

    async def quit(self) -> None:
        """End the session politely, and in any case."""
        try:
            await self._command(b"QUIT", self._timeouts.quit)
        except Broken:
            pass  # nothing was at stake any more
        finally:
            self.close()

    def close(self) -> None:
        self._wire.close()


def _path(address: str) -> bytes:
    """An address for a command. One with a blank or a bracket would be two commands, or another command."""
    if not address.isascii() or any(character <= " " or character in "<>\x7f" for character in address):
        raise ValueError("an envelope address must be printable ASCII without blanks and brackets")
    return address.encode()


def _stuffed(content: bytes) -> bytes:
    """``content`` with its leading dots doubled (RFC 5321 4.5.2)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


async def connect(relay: Relay, password: str | None, timeouts: Timeouts, tls: ssl.SSLContext | None = None) -> Session:
    """A session with ``relay``: certificates are verified (against ``tls``, or the system's authorities), and there
    is no falling back to clear text. Raises ``Unreachable``."""
    if relay.user is not None and password is None:
        raise Unreachable(_("the relay wants a password: put it in FILIGRANE_SMTP_PASSWORD"))
    client = aiosmtplib.SMTP(  # a new object for every connection: reconnecting one has hung
        hostname=relay.host,
        port=relay.port,
        username=relay.user,
        password=password if relay.user else None,
        local_hostname=relay.ehlo,
        timeout=timeouts.connect,
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",
        tls_context=tls if relay.security != "none" else None,
    )
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        raise Unreachable(scrub(f"{relay.host}:{relay.port}: {error}")) from error
    except asyncio.CancelledError:
        client.close()
        raise
    transport = cast(asyncio.Transport, client.transport)
    wire = Wire(transport)
    transport.set_protocol(wire)
    return Session(wire, timeouts, client.supports_extension("size"))


async def send_now(relay: Relay, password: str | None, messages: Sequence[Message]) -> list[Outcome]:
    """Send a few messages that are not in the ledger (alerts, test sends), in order, and say what became of each.

    Raises ``OutsideWorld`` where the relay cannot be reached or the connection is lost.
    """

    async def at_once() -> bool:
        return True

    outcomes = []
    try:
        session = await connect(relay, password, Timeouts(dot=60))
        for message in messages:
            if not session.ready:
                session = await connect(relay, password, Timeouts(dot=60))
            outcomes.append(judge(*await session.send(message, at_once), Retry()))
        await session.quit()
    except (Unreachable, Lost) as error:
        raise OutsideWorld(_("the relay could not be used: {why}").format(why=error)) from error
    return outcomes
