"""SMTP sessions with the relay, once it has greeted us (``handshake``).

Messages are sent here and not by aiosmtplib, because its ``sendmail`` cannot do two things: write the final dot only
after the ledger has committed the mark, and tell in which phase a connection was lost (docs/delivery.md).

BUGS: no CHUNKING; no SMTPUTF8: an address with a non-ASCII local part is refused before (``ascii_address``).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace

from composer.delivery.metrics import SESSIONS
from composer.delivery.smtp.handshake import RelayUnreachable, shake_hands
from composer.delivery.smtp.reach import RelayAddress
from composer.delivery.smtp.reply import Outcome, Phase, Reply, Retry, judge, lost, scrub, why_and_words
from composer.delivery.smtp.wire import Broken, Wire
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.message import Message
from composer.newsroom.model import Relay

_GOODBYE = 1.0  #: seconds for a word after QUIT was answered, where the relay leaves the connection open
_ENVELOPE = 3  #: commands before a message: MAIL, RCPT, DATA
_PATH = re.compile(r"[!-;=?-~]+")  #: printable ASCII without blanks and angle brackets


@dataclass(frozen=True)
class Timeouts:
    """Seconds (RFC 5321 4.5.3.2). With a shorter ``dot``, slow acceptances would end in doubt."""

    connect: float = 60
    command: float = 300
    data: float = 120
    body: float = 180
    dot: float = 600
    second: float = 30  #: for what else is said of a message that was refused
    quit: float = 5


#: For messages outside the ledger (alerts, test sends), where a doubt costs little.
_NOW = Timeouts(dot=60)


class Lost(Exception):
    """The conversation ended without a reply, in ``phase``."""

    def __init__(self, phase: Phase, why: str) -> None:
        self.phase = phase
        self.why = why
        super().__init__(f"{phase}: {why}")


class Withheld(Exception):
    """``mark`` returned False: the dot was not written, and the session is over."""


#: Returns the next message, so that its envelope can be sent together with a dot; None if none is ready.
Following = Callable[[], Message | None]


class Session:
    """One connection, on which messages are sent one after another. Not to be shared between tasks.

    If the relay offers PIPELINING, MAIL, RCPT and DATA are one write, and the dot of a message is written with the
    envelope of the next one (RFC 2920 3.1 lets content be first in a group): one round trip a message.
    """

    def __init__(self, wire: Wire, timeouts: Timeouts, *, size: bool = False, pipelining: bool = False) -> None:
        self._wire = wire
        self._timeouts = timeouts
        self._announces_size = size
        self._pipelining = pipelining
        self._phase = Phase.MAIL
        self._ahead: Message | None = None
        self._open = True
        self.confused = False  #: commands in a group were lost on this relay, or not understood
        self.failed: dict[RelayAddress, str] = {}  #: addresses of the relay that were tried before, and why they failed
        self.certified_until = ""  #: the end of the relay's certificate (``notAfter``); empty without TLS
        self.sent = 0
        SESSIONS.inc()

    @property
    def ready(self) -> bool:
        """Whether another message may be sent. It must be the one with its envelope on the wire, if there is one."""
        return self._wire.quiet if self._ahead is None else self._wire.whole

    @property
    def open(self) -> bool:
        """Whether the connection is still there."""
        return self._open and self._wire.whole

    async def send(
        self, message: Message, mark: Callable[[], Awaitable[bool]], following: Following = lambda: None
    ) -> tuple[Phase, Reply]:
        """Send one message; return the final reply and its phase.

        ``mark`` is called once, after the body is written; the dot is written only if it returns True. ``following``
        is called at most once, just before the dot: the message that it returns must be the next one sent here; if the
        session ends before that, only the envelope of that message was sent.

        Raises ``Lost``, or ``Withheld`` if ``mark`` returned False. Anything but a parsed reply closes the session,
        including cancellation.
        """
        self.sent += 1
        whole = False
        try:
            phase, reply = await self._transaction(message, mark, following)
            whole = self.ready and reply.code != 421
            text = scrub(reply.text, message.envelope.rcpt_to)
            return phase, reply if text == reply.text else replace(reply, text=text)
        except Broken as error:
            raise Lost(self._phase, why_and_words(error.why, scrub(error.said, message.envelope.rcpt_to))) from error
        finally:
            if not whole:
                self.close()

    async def _transaction(
        self, message: Message, mark: Callable[[], Awaitable[bool]], following: Following
    ) -> tuple[Phase, Reply]:
        refusal = await self._announce(message)
        if refusal is not None:
            return self._phase, refusal
        self._phase = Phase.BODY
        try:
            self._wire.write(message.content if message.dotless else _stuffed(message.content))
            # Wait until the kernel has the whole body, or the dot would queue behind it in the transport, perhaps long
            # after its mark. The body may be on its way while the mark is being committed; the dot may not.
            await self._wire.drain(self._timeouts.body)
            if not await mark():
                raise Withheld
            ahead = following() if self._pipelining else None
            self._wire.write(b".\r\n" if ahead is None else b".\r\n" + b"".join(self._envelope(ahead)))
        except Broken:
            # Without a dot nothing was delivered; a refusal that the relay has sent meanwhile is the reply.
            if (early := self._wire.said()) is not None and early.code >= 400:
                self.close()
                return Phase.DATA, early
            raise
        self._phase = Phase.DOT
        self._ahead = ahead
        reply = await self._wire.reply(self._timeouts.dot)
        if reply.code < 400 and not _about_mail(reply):
            raise Broken(_("what the relay said is no reply to a message"), str(reply))
        if reply.code >= 400 and (more := await self._more(ahead is not None)) is not None:
            self.close()  # refused, and then accepted: asked again, the reader might have it twice
            raise Broken(_("the relay spoke out of turn"), f"{reply}, {more}")
        return self._phase, reply

    async def _more(self, announced: bool) -> Reply | None:
        """The acceptance that the relay said after it had refused a message; None if it said none.

        With the next envelope ``announced``, a reply too many is seen where the third one, to DATA, is that to RCPT.
        Otherwise only QUIT tells: what is said before its 221 is of the message. RSET would be answered by 250 too.
        """
        owed = _ENVELOPE if announced else 0
        if announced:
            after = await self._wire.coming(_ENVELOPE, self._timeouts.second)
            if len(after) == _ENVELOPE and after[-1].code == 354:
                return None
            if len(after) >= _ENVELOPE and _about_mail(after[_ENVELOPE - 1]):
                return after[0]
        said = await self._last_words()
        self.close()
        accepted = [reply for reply in said if _about_mail(reply)]
        return accepted[0] if accepted and len(said) > owed else None

    async def _last_words(self) -> list[Reply]:
        """What the relay says until it answers QUIT or closes the connection, without that answer."""
        said: list[Reply] = []
        left = self._timeouts.second
        try:
            while (reply := self._wire.said()) is not None:
                said.append(reply)
            self._wire.write(b"QUIT\r\n")
            while True:
                said.append(await self._wire.reply(left))
                left = min(self._timeouts.quit, _GOODBYE) if said[-1].code == 221 or said[-1].code >= 400 else left
        except Broken:
            return said[:-1] if said and (said[-1].code == 221 or said[-1].code >= 400) else said

    def _envelope(self, message: Message) -> tuple[bytes, bytes, bytes]:
        size = b" SIZE=%d" % len(message.content) if self._announces_size else b""
        return (
            b"MAIL FROM:<%s>%s\r\n" % (_path(message.envelope.mail_from), size),
            b"RCPT TO:<%s>\r\n" % _path(message.envelope.rcpt_to),
            b"DATA\r\n",
        )

    async def _announce(self, message: Message) -> Reply | None:
        """Send MAIL, RCPT and DATA; return None if the relay waits for the body, else the first refusal.

        In a group every reply is read, even after a refusal, since each belongs to one command.
        """
        commands: tuple[bytes, ...] = ()
        if self._ahead is None:
            self._phase = Phase.MAIL
            commands = self._envelope(message)
        elif self._ahead is not message:
            raise ValueError("the envelope of another message is on the wire")
        self._ahead = None
        if self._pipelining and commands:
            self._wire.write(b"".join(commands))
        refusal, body_wanted, aborting = None, False, False
        try:
            for number, (phase, seconds) in enumerate(self._steps):
                if refusal is None:
                    self._phase = phase
                if not self._pipelining:
                    self._wire.write(commands[number])
                reply = await self._wire.reply(seconds)
                body_wanted = phase is Phase.DATA and reply.code == 354
                if reply.code >= 400:
                    refusal = refusal or reply
                    of_group = self._pipelining and self._phase is not Phase.MAIL
                    self.confused = self.confused or (of_group and refusal.code in (500, 502, 503))
                    if reply.code == 421 or not self._pipelining:
                        break
                elif not body_wanted and (phase is Phase.DATA or not _about_mail(reply)):
                    refusal = None  # out of step: the refusal may have been the reply to another command
                    raise Broken(_("the relay’s reply does not fit the command"), str(reply))
            aborting = True
            if refusal is not None and refusal.code != 421:
                await self._abort(body_wanted)
        except Broken:
            # A reply too few in a group: what was taken for the refusal of MAIL may have been that of RCPT.
            short = self._phase is Phase.MAIL and self._pipelining and self._wire.whole and not aborting
            if refusal is None or short:
                self.confused = self._pipelining and self._wire.whole  # silent or out of step, not hung up
                raise
            self.close()  # an error while aborting must not replace the refusal
        if refusal is not None and self._refuses_size(refusal) and self._wire.quiet:
            self._announces_size = False  # so it is asked once more only
            return await self._announce(message)
        return refusal

    def _refuses_size(self, refusal: Reply) -> bool:
        """Whether the relay may have refused SIZE, which it offers: it does not know a parameter of MAIL."""
        return self._announces_size and self._phase is Phase.MAIL and refusal.code in (501, 504, 555)

    async def _abort(self, body_wanted: bool) -> None:
        """End the refused transaction. If the relay asks for a body without a recipient, send an empty one (RFC 2920
        3.1)."""
        if body_wanted and self._phase is not Phase.RCPT:
            # A dot would send it an empty message.
            raise Broken("the relay wants a message that it refused")
        self._wire.write(b".\r\n" if body_wanted else b"RSET\r\n")
        reply = await self._wire.reply(self._timeouts.quit)
        if reply.code != 250 and not body_wanted:
            raise Broken("the transaction cannot be aborted")

    @property
    def _steps(self) -> tuple[tuple[Phase, float], ...]:
        command = self._timeouts.command
        return (Phase.MAIL, command), (Phase.RCPT, command), (Phase.DATA, self._timeouts.data)

    async def quit(self) -> None:
        """Send QUIT where possible, and close the connection in any case."""
        try:
            if (
                self._ahead is None
            ):  # after DATA no command is read; a message without a dot is discarded (RFC 5321 4.1.1.4)
                self._wire.write(b"QUIT\r\n")
                await self._wire.reply(self._timeouts.quit)
        except Broken:
            pass  # every message already had its reply
        finally:
            self.close()

    def close(self) -> None:
        if self._open:
            self._open = False
            SESSIONS.dec()
        self._wire.close()


def _about_mail(reply: Reply) -> bool:
    """Whether a reply is about the transaction (RFC 5321 4.2.1: x5z). A second greeting (220) and a goodbye (221), of
    whatever answers in the relay's place, are none, and accept nothing."""
    return 250 <= reply.code < 260


def _path(address: str) -> bytes:
    """An address for a command. Raises ``ValueError`` for a blank or a bracket, which could inject a command."""
    if not _PATH.fullmatch(address):
        raise ValueError("an envelope address must be printable ASCII without blanks and brackets")
    return address.encode()


def _stuffed(content: bytes) -> bytes:
    """``content`` with its leading dots doubled (RFC 5321 4.5.2)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


async def connect(
    relay: Relay,
    password: str | None,
    timeouts: Timeouts,
    tls: ssl.SSLContext | None = None,
    *,
    grouped: bool = True,
    last: Collection[RelayAddress] = (),
) -> Session:
    """Open a session with ``relay``. Certificates are verified (against ``tls``, or the system's authorities), and
    there is no fallback to clear text. Commands are pipelined if the relay offers it and ``grouped`` allows it.
    Addresses of the host in ``last`` are tried after the others.

    Raises ``RelayUnreachable``.
    """
    greeted = await shake_hands(relay, password, timeouts.connect, tls, last)
    wire = Wire(greeted.transport)
    greeted.transport.set_protocol(wire)
    # With these limits, drained means empty. Over TLS a limit of 0 would count even an empty buffer as full; there the
    # inner plain transport, which asyncio does not expose, may still hold 64 KB.
    greeted.transport.set_write_buffer_limits(1 if greeted.transport.get_extra_info("sslcontext") else 0, 0)
    offered = greeted.extensions
    session = Session(wire, timeouts, size="size" in offered, pipelining=grouped and "pipelining" in offered)
    session.failed = greeted.failed
    certificate = greeted.transport.get_extra_info("peercert") or {}
    session.certified_until = str(certificate.get("notAfter", ""))
    return session


async def send_now(
    relay: Relay, password: str | None, messages: Sequence[Message], timeouts: Timeouts = _NOW
) -> list[Outcome]:
    """Send a few messages outside the ledger (alerts, test sends), in order; return the outcome of each.

    Raises ``OutsideWorld`` if the relay cannot be reached and none of them was sent. If it is lost later, the outcomes
    say so: some of them may have been accepted.
    """

    async def at_once() -> bool:
        return True

    outcomes: list[Outcome] = []
    session: Session | None = None
    for message in messages:
        try:
            if session is None or not session.ready:
                session = await connect(relay, password, timeouts)
            outcomes.append(judge(*await session.send(message, at_once), Retry()))
        except RelayUnreachable as error:
            if not outcomes:
                raise OutsideWorld(_("the relay could not be used: {why}").format(why=error)) from error
            gone = lost(Phase.CONNECT, str(error), Retry())
            return outcomes + [gone] * (len(messages) - len(outcomes))
        except Lost as error:
            outcomes.append(lost(error.phase, error.why, Retry()))
    if session is not None:
        await session.quit()
    return outcomes
