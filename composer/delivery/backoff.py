"""Backing off where the relay does not want us, for all connections of a worker: 1 s, 2 s, 4 s ... 5 min."""

from __future__ import annotations

import asyncio
import random

import structlog

log = structlog.get_logger("delivery")

_LONGEST = 300.0  #: seconds, the longest pause


class Backoff:
    """``first`` is the first pause, in seconds, which doubles; ``stop`` ends any."""

    def __init__(self, first: float, stop: asyncio.Event) -> None:
        self._first = first
        self._stop = stop
        self._trouble = 0
        self._quiet_until = 0.0
        self._chance = random.Random()  # noqa: S311 # reason: spreads delays, keeps no secret

    @property
    def quiet(self) -> bool:
        """Whether the pause lasts."""
        return bool(self._quiet_until) and asyncio.get_running_loop().time() < self._quiet_until

    @property
    def doubtful(self) -> bool:
        """Whether the last we know of it is trouble."""
        return self._trouble > 0

    def fine(self) -> None:
        """The relay spoke with us, whatever it said."""
        self._trouble = 0

    def trouble(self) -> None:
        """It hung up on us, or we could not reach it. Several connections in the same trouble count once."""
        now = asyncio.get_running_loop().time()
        if now < self._quiet_until:
            return
        self._trouble += 1
        pause = min(_LONGEST, self._first * 2.0 ** (self._trouble - 1)) * self._chance.uniform(0.8, 1.2)
        self._quiet_until = now + pause
        log.warning("backing-off", seconds=round(pause, 1))

    async def over(self) -> None:
        """Wait until the pause is over, or ``stop``."""
        if not self._quiet_until:
            return
        while (left := self._quiet_until - asyncio.get_running_loop().time()) > 0 and not self._stop.is_set():
            await until(self._stop, left)


async def until(event: asyncio.Event, seconds: float) -> None:
    """So many seconds, or until ``event``."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
