"""How fast: so many messages a second, over all connections of one worker."""

from __future__ import annotations

import asyncio


class Pace:
    """Turns, evenly spaced; without a rate every turn is at once."""

    def __init__(self, per_second: float | None) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._next = 0.0

    def at_once(self) -> bool:
        """Take the turn that is due now, if there is one."""
        if not self._gap:
            return True
        now = asyncio.get_running_loop().time()
        if now < self._next:
            return False
        self._next = now + self._gap
        return True

    async def turn(self) -> None:
        """Wait for one's turn. A turn not taken in time is lost: there are no bursts after a pause."""
        if not self._gap:
            return
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + self._gap
        await asyncio.sleep(mine - now)
