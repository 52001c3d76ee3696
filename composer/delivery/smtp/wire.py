"""Reads SMTP replies from a transport that aiosmtplib opened (RFC 5321 4.2, RFC 2034).

Any input that is not an expected reply breaks the wire: replies out of step with commands would be recorded on the
wrong reader's row. After a group of commands (RFC 2920) several replies may come in one segment, or one reply in
several; they are taken one by one, in order.
"""

from __future__ import annotations

import asyncio
import re
from functools import lru_cache

from composer.delivery.smtp.reply import Reply
from composer.locale import gettext as _

_LINE = 2048  #: octets of a line that is remembered; RFC 5321 4.5.3.1.5 says 512, some relays say more
_REPLY = 64 * 1024  #: octets of one reply, all its lines
_QUOTED = 200  #: octets that are quoted of what is no reply
_GRAMMAR = re.compile(rb"([2-5]\d\d)(?:([ \t-])(.*))?", re.DOTALL)
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")
#: Control characters, direction overrides and isolates, line separators.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


class Broken(Exception):
    """The connection is unusable: end of file, timeout, or input that is not an SMTP reply. ``said``: that input."""

    def __init__(self, why: str, said: str = "") -> None:
        self.why = why
        self.said = said
        super().__init__(why)


class Wire(asyncio.Protocol):
    """One reply at a time, and writes with backpressure. For one task."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._broken: str | None = None
        self._full = False
        self._waiting: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _REPLY:
            self._break(_("the relay’s reply has no end"))
        self._wake()

    def eof_received(self) -> None:
        self._break(_("the relay closed the connection"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._break(_("the connection was lost"))

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    def _break(self, why: str) -> None:
        self._broken = self._broken or why
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _change(self, seconds: float) -> bool:
        """Wait until the wire changes (data, loss, writable again); False after ``seconds``."""
        self._waiting = waiting = self._loop.create_future()
        self._deadline = self._loop.time() + seconds
        # One timer for many waits: it is set again only if it would fire too late. Most waits end long before.
        if self._alarm is None or self._alarm.when() > self._deadline:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = self._loop.call_at(self._deadline, self._ring)
        try:
            await waiting
        finally:
            self._waiting = None
        return self._loop.time() < self._deadline

    def _ring(self) -> None:
        if self._waiting is None:
            self._alarm = None
        elif self._loop.time() < self._deadline:
            self._alarm = self._loop.call_at(self._deadline, self._ring)
        else:
            self._alarm = None
            self._wake()

    @property
    def whole(self) -> bool:
        """Whether the connection is still usable."""
        return self._broken is None and not self._transport.is_closing()

    @property
    def quiet(self) -> bool:
        """Whether the wire is whole and holds no unexpected input."""
        return self.whole and not self._buffer

    def write(self, data: bytes) -> None:
        """Hand ``data`` to the transport. Raises ``Broken``, and writes nothing, if the wire is not quiet."""
        if not self.quiet:
            raise Broken(self._broken or _("the relay spoke out of turn"), _quoted(self._buffer))
        self._transport.write(data)

    async def drain(self, seconds: float) -> None:
        """Wait until the kernel has all that was written. Raises ``Broken``, also after ``seconds``."""
        end = self._loop.time() + seconds
        while self._full and self._broken is None:
            if not await self._change(end - self._loop.time()):
                raise Broken(_("the relay read nothing for {seconds:g} s").format(seconds=seconds))
        if self._broken is not None:
            raise Broken(self._broken)

    async def reply(self, seconds: float) -> Reply:
        """The next reply. Raises ``Broken`` if none comes within ``seconds``, or the input is not a reply."""
        found = self._take()
        if found is not None:
            return found
        end = self._loop.time() + seconds
        while True:
            if self._broken is not None:
                raise Broken(self._broken)
            in_time = await self._change(end - self._loop.time())
            if (found := self._take()) is not None:
                return found
            if not in_time and self._broken is None:
                raise Broken(_("the relay did not reply within {seconds:g} s").format(seconds=seconds))

    async def coming(self, number: int, seconds: float) -> list[Reply]:
        """The replies that are there once ``number`` of them are, or after ``seconds``; they stay to be read."""
        end = self._loop.time() + seconds
        while True:
            kept, found = bytes(self._buffer), list[Reply]()
            while (reply := self.said()) is not None:
                found.append(reply)
            self._buffer[:] = kept
            if len(found) >= number or self._broken or not await self._change(end - self._loop.time()):
                return found

    def said(self) -> Reply | None:
        """An unexpected reply in the buffer, or None: some relays refuse a message before its end."""
        try:
            return self._take()
        except Broken:
            return None

    def close(self) -> None:
        """Drop the connection at once: data still in the transport's buffer is not written."""
        self._break("closed here")  # it is never read
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._transport.abort()

    def _take(self) -> Reply | None:
        """Remove the first complete reply from the buffer and return it; None if there is none yet."""
        start = 0
        code = 0
        texts: tuple[str, ...] = ()
        while (end := self._buffer.find(b"\n", start)) >= 0:
            raw = bytes(self._buffer[start:end])
            number, more, text = _line(raw) if len(raw) <= _LINE else _line.__wrapped__(raw)
            if texts and number != code:
                raise _no_reply(self._buffer[: end + 1])
            code = number
            texts += (text,)
            start = end + 1
            if not more:
                del self._buffer[:start]
                return _reply(code, texts)
        return None


def printed(said: bytes) -> str:
    """What a relay said, 500 characters at most, without what would command a terminal or turn a line around.

    Not every relay knows UTF-8: what is none is taken for Windows-1252, as "Service refusé" was written before it.
    """
    try:
        text = said.decode()
    except UnicodeDecodeError:
        text = said.decode("cp1252", "replace")
    return _CONTROL.sub(" ", text).strip()[:500]


def _no_reply(said: bytes | bytearray) -> Broken:
    return Broken(_("what the relay said is no SMTP reply"), _quoted(said))


def _quoted(said: bytes | bytearray) -> str:
    return printed(bytes(said[:_QUOTED]))


# Cached, because a relay repeats the same few replies; only the reply to a dot differs each time.
@lru_cache(512)
def _line(raw: bytes) -> tuple[int, bool, str]:
    """Code, whether more lines follow, text."""
    match = _GRAMMAR.fullmatch(raw.removesuffix(b"\r"))
    if match is None:
        raise _no_reply(raw)
    return int(match[1]), match[2] == b"-", printed(match[3] or b"")


@lru_cache(512)
def _reply(code: int, lines: tuple[str, ...]) -> Reply:
    texts = list(lines)
    status = None
    for position, text in enumerate(texts):
        match = _STATUS.match(text)
        if match and match[1][0] == str(code)[0]:
            status = status or match[1]
            texts[position] = text[match.end() :].strip()
    return Reply(code, status, " ".join(filter(None, texts))[:500])
