"""The connections of a server: how many, how many of one network, and how long each phase of one may take.

At the cap no new connection is refused while an old one waits for its client: the one that waits longest is closed. So
whoever holds silent connections loses them to others, and a one-click POST is answered whatever the others do.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import h11
import structlog
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol
from uvicorn.server import ServerState

from composer.public.tally import RareEvent

_log = structlog.get_logger()

#: What a connection waits for: a whole head, a whole body, or that its answer is made and read.
ConnectionPhase = Literal["head", "body", "answer"]


@dataclass(frozen=True)
class Bounds:
    """``connections`` at once, ``per_network`` of one network; the others are seconds, not renewed by what arrives.

    A mailbox provider that posts two hundred one-clicks at once has room in one network. An answer may wait for the
    database (30 s), and then for a slow reader. Each connection that serves a picture holds a second descriptor: twice
    ``connections`` stays below ``RLIMIT_NOFILE`` (composer.daemon.pages_process).
    """

    connections: int = 400
    per_network: int = 256
    head: float = 10.0
    body: float = 10.0
    answer: float = 60.0


class ConnectionTable:
    """The open connections, in the order in which they began to wait.

    ``network_of`` tells the network of an address, None where its connections have no limit of their own. ``headers``
    are on the answers that no application makes. ``early``: the whole answer to a connection that begins with these
    bytes, None where the application answers.
    """

    def __init__(
        self,
        bounds: Bounds,
        network_of: Callable[[str], str | None],
        headers: Iterable[tuple[str, str]] = (),
        early: Callable[[bytes], bytes | None] | None = None,
    ) -> None:
        self.bounds = bounds
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers]
        self.malformed = RareEvent()
        self.early = early
        self._network_of = network_of
        self._open: dict[GuardedConnection, str | None] = {}
        self._of_network: dict[str, dict[GuardedConnection, None]] = {}
        self._exhausted = RareEvent()

    def add(self, connection: GuardedConnection, address: str | None) -> None:
        """Take the connection in, and close another where there are too many."""
        network = self._network_of(address) if address else None
        self._open[connection] = network
        if network is not None:
            neighbours = self._of_network.setdefault(network, {})
            neighbours[connection] = None
            if len(neighbours) > self.bounds.per_network:
                self._close_one(neighbours, connection, "network")
        if len(self._open) > self.bounds.connections:
            self._close_one(self._open, connection, "all")

    def waits(self, connection: GuardedConnection) -> None:
        """Put it at the end: it begins to wait now."""
        if connection in self._open:
            self._open[connection] = self._open.pop(connection)

    def remove(self, connection: GuardedConnection) -> None:
        network = self._open.pop(connection, None)
        if network is not None and (neighbours := self._of_network.get(network)) is not None:
            neighbours.pop(connection, None)
            if not neighbours:
                del self._of_network[network]

    def _close_one(self, among: Iterable[GuardedConnection], newest: GuardedConnection, whose: str) -> None:
        if times := self._exhausted.happened():
            waiting = Counter(each.phase for each in self._open)
            _log.warning(
                "connections-exhausted",
                times=times,
                of=whose,
                open=len(self._open),
                head=waiting["head"],
                body=waiting["body"],
                answer=waiting["answer"],
            )
        closed = min((each for each in among if each is not newest), key=_worth, default=newest)
        if _worth(closed) == _BUSY:
            closed = newest
        self.remove(closed)
        closed.transport.abort()


#: The order of closing: without a whole head, without a whole body, a reader that does not read, a valid one-click POST
#: whose body is due, and never what is being answered. Of equals ``min`` takes the first, which waits longest.
_BUSY = 4


def _worth(connection: GuardedConnection) -> int:
    if connection.phase == "head":
        return 0
    if connection.phase == "body":
        return 3 if connection.kept else 1
    return 2 if connection.flow.write_paused else _BUSY


class GuardedConnection(H11Protocol):
    """One connection; its phases have deadlines."""

    def __init__(
        self,
        table: ConnectionTable,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.phase: ConnectionPhase = "head"
        self._table = table
        self._deadline: asyncio.TimerHandle | None = None
        self._begun = False

    @property
    def kept(self) -> bool:
        """Whether the application found a valid token in the head (``request.state.kept``)."""
        return self.scope is not None and bool(self.scope["state"].get("kept"))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # reason: uvicorn's own signature
        super().connection_made(transport)
        self._begin("head")
        self._table.add(self, self.client[0] if self.client else None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._table.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._begun:
            self._begun = True
            if self._table.early is not None and (answer := self._table.early(data)) is not None:
                self.transport.write(answer)
                self.transport.close()
                return
        super().data_received(data)
        self._follow()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            return  # the deadline of the answer goes on, for a client that does not read its end
        if self.conn.our_state is h11.IDLE and self.phase == "head":
            self._begin("head")  # one pipelined request after the other
        self._follow()

    def send_400_response(self, msg: str) -> None:
        if times := self._table.malformed.happened():
            _log.warning("malformed-requests", times=times)
        self._refuse(400, "Bad Request")

    def _should_upgrade(self) -> bool:
        """Never: there is no WebSocket here, and a request to upgrade is an ordinary one (RFC 9110, 7.8)."""
        return False

    def _follow(self) -> None:
        now: ConnectionPhase = "answer"
        if self.conn.their_state is h11.SEND_BODY:
            now = "body"
        elif self.conn.our_state is h11.IDLE and self.conn.their_state is h11.IDLE:
            now = "head"
        if now != self.phase:
            self._begin(now)

    def _begin(self, phase: ConnectionPhase) -> None:
        self.phase = phase
        self._table.waits(self)
        if self._deadline is not None:
            self._deadline.cancel()
        seconds = {
            "head": self._table.bounds.head,
            "body": self._table.bounds.body,
            "answer": self._table.bounds.answer,
        }
        self._deadline = self.loop.call_later(seconds[phase], self._late)

    def _late(self) -> None:
        began = self.phase == "body" or bool(self.conn.trailing_data[0])
        if began and not self.transport.is_closing() and self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._refuse(408, "Request Timeout")
        else:
            self.transport.abort()

    def _refuse(self, status: int, text: str) -> None:
        """Answer without the application, and close."""
        if self.cycle is not None:
            self.cycle.disconnected = True  # what the application may still answer goes nowhere
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            content = text.encode()
            headers = [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(content)).encode()),
                (b"connection", b"close"),
                *self._table.headers,
            ]
            response = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
            for event in (response, h11.Data(data=content), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
