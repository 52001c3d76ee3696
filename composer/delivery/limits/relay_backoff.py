"""Backoff from a relay that hangs up, cannot be reached or takes nothing for now: 1 s, 2 s ... 5 min.

For all connections of a worker; for one alone, where the relay takes no further one beside those that are open.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("delivery")

_LONGEST = 300.0  #: seconds, the longest pause
_MOMENT = 1.0  #: seconds between two checks of ``given_up``
_FORGOTTEN = 2 * _LONGEST  #: seconds after which the last failure no longer counts: no connection has tried since


@dataclass(frozen=True)
class RelayAway:
    """A relay that cannot be reached: the first failure was ``seconds`` ago, ``why`` is the last error."""

    seconds: float
    why: str


class RelayBackoff:
    """Pauses after failures. ``first``: the first pause, in seconds; each next one doubles. ``stop`` ends a pause."""

    def __init__(self, first: float, stop: asyncio.Event) -> None:
        self._first = first
        self._stop = stop
        self._trouble = 0
        self._quiet_until = 0.0
        self._first_at = self._last_at = 0.0
        self._why = ""
        self._chance = random.Random()  # noqa: S311 # reason: spreads delays, keeps no secret

    def of_one(self) -> RelayBackoff:
        """Another one like this, for one connection alone."""
        return RelayBackoff(self._first, self._stop)

    @property
    def quiet(self) -> bool:
        """True during a pause."""
        return bool(self._quiet_until) and asyncio.get_running_loop().time() < self._quiet_until

    @property
    def doubtful(self) -> bool:
        """True while the last attempt failed."""
        return self._trouble > 0

    def fine(self) -> None:
        """Note that the relay replied, whatever the reply."""
        self._trouble = 0

    @property
    def away(self) -> RelayAway | None:
        """The failure while it lasts; None if there is none, or no connection has tried for ten minutes."""
        now = asyncio.get_running_loop().time()
        if not self._trouble or now - self._last_at > _FORGOTTEN:
            return None
        return RelayAway(now - self._first_at, self._why)

    def trouble(self, why: str) -> None:
        """Note that the relay hung up or could not be reached. Failures during a pause are not counted again."""
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
        """Wait until the pause is over, ``stop`` is set, or ``given_up`` returns True (checked every second)."""
        if not self._quiet_until:
            return
        while (left := self._quiet_until - asyncio.get_running_loop().time()) > 0 and not self._stop.is_set():
            if given_up():
                return
            await until(self._stop, min(left, _MOMENT))


async def until(event: asyncio.Event, seconds: float) -> None:
    """Wait for ``seconds``, or until ``event`` is set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
