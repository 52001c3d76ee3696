"""A relay that does as it is told, on a real socket: what it says, when it goes silent, when it hangs up."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: What happens at a step instead of the ordinary reply.
HANG_UP = b"<hang up>"
SILENCE = b"<silence>"

#: From (step, address) to what is said; None for the ordinary reply. Steps: GREETING EHLO MAIL RCPT DATA BODY DOT RSET
Script = Callable[[str, str], bytes | None]

ORDINARY = {
    "GREETING": b"220 relay.example ESMTP",
    "EHLO": b"250-relay.example\r\n250 SIZE 1000000",
    "MAIL": b"250 2.1.0 ok",
    "RCPT": b"250 2.1.5 ok",
    "DATA": b"354 go on",
    "DOT": b"250 2.0.0 kept",
    "RSET": b"250 2.0.0 ok",
    "QUIT": b"221 2.0.0 bye",
}


@dataclass
class Relay:
    """``accepted``: recipients whose message was answered with 250, or whose 250 was lost on purpose."""

    script: Script
    pause: float = 0  # seconds before the reply to a dot
    port: int = 0
    accepted: list[str] = field(default_factory=list)
    messages: dict[str, bytes] = field(default_factory=dict)  # the last one of each address
    received: list[tuple[str, bytes]] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_at_once: int = 0
    asked: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    reached: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_at_once = max(self.most_at_once, self.open)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = ""
        if not await self._say(writer, "GREETING", address):
            return
        while line := await reader.readline():
            verb = line.split()[0].decode().upper()
            if verb == "RCPT":
                address = line.decode().split("<")[1].split(">")[0]
            reply = await self._say(writer, verb, address)
            if not reply or verb == "QUIT":
                return
            if verb == "DATA" and reply.startswith(b"354"):
                first = await reader.readexactly(1)  # something of the body has come
                if await self._acts("BODY", address, writer):
                    return
                body = first + await reader.readuntil(b"\r\n.\r\n")
                self.messages[address] = body[:-3].replace(b"\r\n..", b"\r\n.").removeprefix(b".")
                self.received.append((address, self.messages[address]))
                await asyncio.sleep(self.pause)
                reply = self._reply("DOT", address)
                if reply[:1] == b"2" or reply in (HANG_UP, SILENCE):
                    self.accepted.append(address)
                if not await self._utter(writer, "DOT", address, reply):
                    return

    async def _acts(self, step: str, address: str, writer: asyncio.StreamWriter) -> bool:
        """At a step without an ordinary reply; whether the conversation is over."""
        self._note(step, address)
        reply = self.script(step, address)
        return reply is not None and (not await self._utter(writer, step, address, reply) or True)

    async def _say(self, writer: asyncio.StreamWriter, step: str, address: str) -> bytes:
        return await self._utter(writer, step, address, self._reply(step, address))

    def _note(self, step: str, address: str) -> None:
        self.steps.append((step, address))
        self.asked[step, address] += 1
        self.reached[step].set()

    def _reply(self, step: str, address: str) -> bytes:
        self._note(step, address)
        scripted = self.script(step, address)
        return ORDINARY[step] if scripted is None else scripted

    async def _utter(self, writer: asyncio.StreamWriter, step: str, address: str, reply: bytes) -> bytes:
        if reply == HANG_UP:
            return b""
        if reply == SILENCE:
            await asyncio.sleep(3600)
        writer.write(reply + b"\r\n")
        await writer.drain()
        return b"" if reply.startswith(b"421") else reply


def ordinary(step: str, address: str) -> bytes | None:
    """A relay that accepts everything."""
    return None


def at(step: str, reply: bytes) -> Script:
    """``reply`` at ``step``, always."""
    return lambda here, address: reply if here == step else None


def once(step: str, reply: bytes) -> Script:
    """``reply`` at ``step``, the first time a given address comes there."""
    seen: set[str] = set()

    def script(here: str, address: str) -> bytes | None:
        if here != step or address in seen:
            return None
        seen.add(address)
        return reply

    return script


@asynccontextmanager
async def listening(script: Script = ordinary, pause: float = 0, port: int = 0) -> AsyncIterator[Relay]:
    """The relay, on a port of 127.0.0.1 that the system chose unless one is given."""
    relay = Relay(script, pause)
    talks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await relay.serve(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            talks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
