"""Backing off where the relay does not want us, for all connections of a worker: 1 s, 2 s, 4 s ... 5 min."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("delivery")

_LONGEST = 300.0  #: seconds, the longest pause
_MOMENT = 1.0  #: seconds
_FORGOTTEN = 2 * _LONGEST  #: seconds after the last trouble in which nobody can have tried again


@dataclass(frozen=True)
class RelayAway:
    """A relay that we do not get through to, ``seconds`` ago for the first time."""

    seconds: float
    why: str


class RelayBackoff:
    """``first`` is the first pause, in seconds, which doubles; ``stop`` ends any."""

    def __init__(self, first: float, stop: asyncio.Event) -> None:
        self._first = first
        self._stop = stop
        self._trouble = 0
        self._quiet_until = 0.0
        self._first_at = self._last_at = 0.0
        self._why = ""
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

    @property
    def away(self) -> RelayAway | None:
        """The trouble, while it lasts; None too where nobody tries any more."""
        now = asyncio.get_running_loop().time()
        if not self._trouble or now - self._last_at > _FORGOTTEN:
            return None
        return RelayAway(now - self._first_at, self._why)

    def trouble(self, why: str) -> None:
        """It hung up on us, or we could not reach it. Several connections in the same trouble count once."""
        now = asyncio.get_running_loop().time()
        if now < self._quiet_until:
            return
        if not self._trouble or now - self._last_at > _FORGOTTEN:
            self._first_at = now
        self._trouble += 1
        self._last_at, self._why = now, why
        pause = min(_LONGEST, self._first * 2.0 ** (self._trouble - 1)) * self._chance.uniform(0.8, 1.2)
        self._quiet_until = now + pause
        log.warning("backing-off", seconds=round(pause, 1))

    async def over(self, given_up: Callable[[], bool]) -> None:
        """Wait until the pause is over, or ``stop``, or for a moment once it is ``given_up``."""
        if not self._quiet_until:
            return
        while (left := self._quiet_until - asyncio.get_running_loop().time()) > 0 and not self._stop.is_set():
            if given_up():
                return
            await until(self._stop, min(left, _MOMENT))


async def until(event: asyncio.Event, seconds: float) -> None:
    """So many seconds, or until ``event``."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
