"""One relay, as one worker goes to it: the letters for it, how it is with it, how fast they leave."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

import structlog

from composer.delivery.ledger.claims import Claimed
from composer.delivery.limits.relay_backoff import RelayBackoff, until
from composer.message import Message
from composer.newsroom.model import Relay

log = structlog.get_logger("delivery")

_WINDOW = 10.0  #: seconds over which the rate is taken
_SINGLY = 600.0  #: seconds for which a relay that lost commands in a group hears one at a time


@dataclass(frozen=True)
class PreparedMessage:
    """A delivery in hand, with its message."""

    claimed: Claimed
    message: Message


class RelayQueue:
    """For all connections to ``relay``, of which ``share`` are ours, of all that may be open."""

    def __init__(self, relay: Relay, backoff: RelayBackoff) -> None:
        self.relay = relay
        self.backoff = backoff
        self.share = 0
        self.letters: deque[PreparedMessage] = deque()
        self._arrived = asyncio.Event()
        self._begun = 0.0
        self._sent = self._before = 0
        self._singly_until = 0.0

    def add(self, prepared: PreparedMessage) -> None:
        self.letters.append(prepared)
        self._arrived.set()

    def put_back(self, prepared: PreparedMessage) -> None:
        """It was not begun after all: it is the next one."""
        self.letters.appendleft(prepared)
        self._arrived.set()

    def empty(self) -> None:
        """Nothing is at hand: whoever waits, waits for the next letter."""
        self._arrived.clear()

    def call(self) -> None:
        """Let whoever waits look again."""
        self._arrived.set()

    async def arrival(self, seconds: float) -> bool:
        """Wait until a letter may be at hand, or none will come any more; False after so many seconds."""
        await until(self._arrived, seconds)
        return self._arrived.is_set()

    @property
    def grouped(self) -> bool:
        """Whether commands may go in groups, where the relay offers it."""
        return not self._singly_until or asyncio.get_running_loop().time() >= self._singly_until

    def singly(self) -> None:
        """It does not keep what PIPELINING promises: one command at a time, for a while."""
        if self.grouped:
            log.warning("commands-one-by-one", relay=self.relay.key, seconds=_SINGLY)
        self._singly_until = asyncio.get_running_loop().time() + _SINGLY

    def sent(self) -> None:
        """One more message went this way, whatever became of it."""
        now = asyncio.get_running_loop().time()
        if now - self._begun >= _WINDOW:
            fresh = now - self._begun < 2 * _WINDOW
            self._before, self._sent, self._begun = self._sent if fresh else 0, 0, now
        self._sent += 1

    def per_second(self) -> float:
        """How many messages a second went this way lately."""
        lasted = max(1.0, asyncio.get_running_loop().time() - self._begun)
        return max(self._sent / lasted, self._before / _WINDOW)
