"""Wait, for a little while, until the daemon has answered what a page asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
#: Runs a function in a thread, one of few that wait for the database.
InThread = Callable[..., Awaitable[T]]

#: Seconds for which a page waits, and between two looks.
PATIENT, GLANCE = 6.0, 0.15

#: Pages that wait at once; more are answered at once, with what says so.
_WAITING = 40


class PageWait:
    """Those that wait, of one application."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(_WAITING)

    async def until(self, done: Callable[[], Awaitable[bool]]) -> bool:
        """Whether ``done`` came true meanwhile; False where it did not, or where too many wait."""
        if self._places.locked():
            return False
        async with self._places:
            loop = asyncio.get_running_loop()
            ends = loop.time() + PATIENT
            while loop.time() < ends:
                await asyncio.sleep(GLANCE)
                if await done():
                    return True
        return False
