"""A relay whose every step is a method to override: for what ``Script`` and the dialogues cannot say."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Over(Exception):
    """The relay closes this connection."""


class Conversation:
    """One connection: ``messages`` that MAIL has begun on it, the ``reader`` of the last RCPT."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._in, self._out = reader, writer
        self.number = number
        self.messages = 0
        self.reader = ""
        self.welcome = False

    async def say(self, line: str) -> None:
        await self.raw(line.encode() + b"\r\n")

    async def raw(self, said: bytes) -> None:
        self._out.write(said)
        await self._out.drain()

    async def line(self) -> str:
        if not (line := await self._in.readline()):
            raise Over
        return line.decode().strip()

    async def body(self) -> None:
        while (line := await self._in.readline()) != b".\r\n":
            if not line:
                raise Over

    def reset(self) -> None:
        """Close with RST."""
        plug: socket.socket = self._out.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._out.transport.abort()
        raise Over


class OddRelay:
    """Ordinary, until a method says otherwise. ``heard``: every command; ``kept``: readers whose message it took."""

    offers: tuple[str, ...] = ("PIPELINING", "SIZE 10000000", "ENHANCEDSTATUSCODES")

    def __init__(self) -> None:
        self.port = 0
        self.connections = self.open = 0
        self.heard: list[str] = []
        self.kept: Counter[str] = Counter()

    @asynccontextmanager
    async def listening(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, host, port, limit=2**20)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        talk = Conversation(reader, writer, self.connections)
        try:
            await self.greet(talk)
            while True:
                await self._obey(talk, await talk.line())
        except (Over, OSError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _obey(self, talk: Conversation, line: str) -> None:
        self.heard.append(line)
        verb = line.partition(" ")[0].upper()
        if verb == "MAIL":
            talk.messages += 1
            await self.mail(talk, line)
        elif verb == "RCPT":
            talk.reader = line.partition("<")[2].partition(">")[0]
            refusal = self.refusal(talk)
            talk.welcome = refusal is None
            await talk.say(refusal or "250 2.1.5 ok")
        elif verb == "DATA" and not talk.welcome:
            await talk.say("554 5.5.1 no valid recipients")
        elif verb == "DATA":
            await talk.say("354 go on")
            await talk.body()
            await self.dot(talk)
        elif verb == "AUTH":
            await self.auth(talk, line)
        elif verb in ("EHLO", "HELO"):
            await self.hello(talk, verb)
        elif verb == "QUIT":
            await talk.say("221 2.0.0 bye")
            raise Over
        else:
            await talk.say("250 2.0.0 ok" if verb == "RSET" else "500 5.5.2 what?")

    async def greet(self, talk: Conversation) -> None:
        await talk.say("220 relay.example ESMTP")

    async def hello(self, talk: Conversation, verb: str) -> None:
        lines = ["relay.example", *(self.offers if verb == "EHLO" else ())]
        for line in lines[:-1]:
            await talk.say(f"250-{line}")
        await talk.say(f"250 {lines[-1]}")

    async def auth(self, talk: Conversation, line: str) -> None:
        await talk.say("235 2.7.0 welcome")

    async def mail(self, talk: Conversation, line: str) -> None:
        await talk.say("250 2.1.0 ok")

    def refusal(self, talk: Conversation) -> str | None:
        """The reply to RCPT of ``talk.reader``; None if it is accepted."""
        return None

    async def dot(self, talk: Conversation) -> None:
        self.kept[talk.reader] += 1
        await talk.say("250 2.0.0 kept")
