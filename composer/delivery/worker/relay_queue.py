"""One worker's state of one relay: queue of prepared messages, backoff, send rate."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass

import structlog

from composer.delivery.ledger.claims import Claimed
from composer.delivery.limits.relay_backoff import RelayBackoff
from composer.delivery.limits.temporary_refusals import TemporaryRefusals
from composer.delivery.smtp.reach import RelayAddress
from composer.delivery.smtp.session import Session
from composer.message import Message
from composer.newsroom.model import Relay

log = structlog.get_logger("delivery")

_WINDOW = 10.0  #: seconds over which the rate is measured
_SINGLY = 600.0  #: seconds for which a relay that lost pipelined commands gets one at a time
_TALKING = 60.0  #: seconds for which what a relay said proves that it is there
#: Connections refused for our configuration in a row, after which it is not one server of several that is out of order.
_TURNED_AWAY = 4
_ADDRESSES = 16  #: addresses of a relay remembered as out of order


@dataclass(frozen=True)
class PreparedMessage:
    """A claimed delivery with its message, ready to be sent."""

    claimed: Claimed
    message: Message


class RelayQueue:
    """Shared by a worker's connections to ``relay``; ``share`` is how many of them its quota allows."""

    def __init__(self, relay: Relay, backoff: RelayBackoff) -> None:
        self.relay = relay
        self.backoff = backoff
        self.refusals = TemporaryRefusals()
        self.share = 0
        self.letters: deque[PreparedMessage] = deque()
        self._arrived = asyncio.Event()
        self._begun = 0.0
        self._sent: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        self._singly_until = 0.0
        self._sessions: list[Session] = []
        self._heard_at = -_TALKING
        self._opened = self._turned_away = 0
        self.shunned: list[RelayAddress] = []  #: addresses out of order while another one answered: tried last

    def opened(self, session: Session) -> int:
        """Note a session that a connection of this queue has opened, and which addresses did not answer before; return
        its number."""
        self._sessions = [one for one in self._sessions if one.open] + [session]
        self.heard()
        for address, why in session.failed.items():
            if address not in self.shunned:
                log.warning("relay-address", relay=self.relay.key, ip=str(address[1][0]), why=why)
                self.shunned = [*self.shunned, address][-_ADDRESSES:]
        self._opened += 1
        self._turned_away = 0
        return self._opened

    def refused_us(self) -> bool:
        """Note that the relay refused our configuration, a password say; whether it holds of the next connection too.

        Not where it let this worker in before, until several in a row are refused: one server of several may say so.
        """
        self._turned_away += 1
        return not self._opened or self._turned_away >= _TURNED_AWAY

    def heard(self) -> None:
        """Note that the relay said something to one of the connections."""
        self._heard_at = asyncio.get_running_loop().time()

    @property
    def talking(self) -> bool:
        """Whether the relay answers another connection: one that is still open, and it said something lately."""
        lately = asyncio.get_running_loop().time() - self._heard_at < _TALKING
        return lately and any(session.open for session in self._sessions)

    def add(self, prepared: PreparedMessage) -> None:
        self.letters.append(prepared)
        self._arrived.set()

    def put_back(self, prepared: PreparedMessage) -> None:
        """Put a message that was not begun back as the next one."""
        self.letters.appendleft(prepared)
        self._arrived.set()

    def empty(self) -> None:
        """Note that the queue is empty: ``arrival`` then waits for the next message."""
        self._arrived.clear()

    def call(self) -> None:
        """Wake the connections waiting in ``arrival``, to look again."""
        self._arrived.set()

    async def arrival(self, seconds: float) -> bool:
        """Wait until a message may be ready, or no more will come; False after ``seconds``. Another connection may have
        taken it meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return True

    @property
    def grouped(self) -> bool:
        """Whether commands may be pipelined, if the relay offers it."""
        return not self._singly_until or asyncio.get_running_loop().time() >= self._singly_until

    def singly(self) -> None:
        """Send one command at a time for ``_SINGLY`` seconds: the relay offers PIPELINING but fails at it."""
        if self.grouped:
            log.warning("commands-one-by-one", relay=self.relay.key, seconds=_SINGLY)
        self._singly_until = asyncio.get_running_loop().time() + _SINGLY

    def sent(self, provider: str) -> None:
        """Count one message to ``provider`` that this relay accepted."""
        now = asyncio.get_running_loop().time()
        if now - self._begun >= _WINDOW:
            fresh = now - self._begun < 2 * _WINDOW
            self._before, self._sent, self._begun = self._sent if fresh else Counter(), Counter(), now
        self._sent[provider] += 1

    def per_second(self, provider: str = "") -> float:
        """Recent rate at which the relay accepted messages, to ``provider`` or in all, in messages a second; one at the
        least."""
        lasted = max(1.0, asyncio.get_running_loop().time() - self._begun)
        sent, before = (each[provider] if provider else each.total() for each in (self._sent, self._before))
        return max(1.0, sent / lasted, before / _WINDOW)
