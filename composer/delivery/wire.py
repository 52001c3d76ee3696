"""SMTP replies off a transport that somebody else opened (RFC 5321 4.2, RFC 2034).

Whatever is not exactly the one reply that is being waited for breaks the wire: two conversations out of step would
put one reader's answer on another reader's row.
"""

from __future__ import annotations

import asyncio
import re

from composer.delivery.reply import Reply

_LINE = 2048  #: octets; RFC 5321 4.5.3.1.5 says 512, some relays say more
_REPLY = 32 * 1024  #: octets of one reply, all its lines
_GRAMMAR = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Broken(Exception):
    """The conversation is over: end of file, silence, or something that is no reply."""


class Wire(asyncio.Protocol):
    """Replies one at a time, and writing that waits where the peer does not read."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = bytearray()
        self._broken: str | None = None
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _REPLY:
            self._break("a reply without an end")
        self._arrived.set()

    def eof_received(self) -> None:
        self._break("the relay closed the connection")

    def connection_lost(self, exc: Exception | None) -> None:
        self._break("the connection was lost")

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _break(self, why: str) -> None:
        self._broken = self._broken or why
        self._arrived.set()
        self._writable.set()

    @property
    def quiet(self) -> bool:
        """Whether the wire is whole and nothing was said that nobody asked for."""
        return self._broken is None and not self._buffer and not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Hand ``data`` to the transport. Raises ``Broken`` where the wire is not quiet; nothing was written then."""
        if not self.quiet:
            raise Broken(self._broken or "the relay spoke out of turn")
        self._transport.write(data)

    async def drain(self, seconds: float) -> None:
        """Until the transport's buffer has room. Raises ``Broken``."""
        try:
            async with asyncio.timeout(seconds):
                await self._writable.wait()
        except TimeoutError:
            raise Broken(f"the relay stopped reading for {seconds:g} s") from None
        if self._broken is not None:
            raise Broken(self._broken)

    async def reply(self, seconds: float) -> Reply:
        """The next reply. Raises ``Broken`` where none comes within ``seconds`` or what comes is none."""
        try:
            async with asyncio.timeout(seconds):
                while (found := self._take()) is None:
                    if self._broken is not None:
                        raise Broken(self._broken)
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise Broken(f"no reply within {seconds:g} s") from None
        return found

    def said(self) -> Reply | None:
        """A reply that nobody waited for, if there is one: some relays refuse a message before its end."""
        try:
            return self._take()
        except Broken:
            return None

    def close(self) -> None:
        """Drop the connection at once: what is still in the transport's buffer is not written any more."""
        self._break("closed here")
        self._transport.abort()

    def _take(self) -> Reply | None:
        """The first whole reply in the buffer, removed from it."""
        lines: list[tuple[bytes, bytes]] = []
        start = 0
        while (end := self._buffer.find(b"\n", start)) >= 0:
            match = _GRAMMAR.fullmatch(bytes(self._buffer[start:end]).removesuffix(b"\r"))
            if match is None or end - start > _LINE or (lines and match[1] != lines[0][0]):
                raise Broken("what the relay said is no SMTP reply")
            lines.append((match[1], match[3] or b""))
            start = end + 1
            if match[2] != b"-":
                del self._buffer[:start]
                return _reply(int(lines[0][0]), [text for _, text in lines])
        if len(self._buffer) - start > _LINE:
            raise Broken("a line without an end")
        return None


def _reply(code: int, lines: list[bytes]) -> Reply:
    texts = [_CONTROL.sub(" ", line.decode("utf-8", "replace")).strip() for line in lines]
    status = None
    for position, text in enumerate(texts):
        match = _STATUS.match(text)
        if match and match[1][0] == str(code)[0]:
            status = status or match[1]
            texts[position] = text[match.end() :].strip()
    return Reply(code, status, " ".join(filter(None, texts))[:500])
