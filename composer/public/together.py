"""Database work of requests that come at once, done together: one transaction, one commit, one thread.

Two hundred that leave in the same moment would each wait for the one lock of SQLite, or for a commit of their own. Here
one call runs at a time, and what comes meanwhile waits for the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from composer.database import Collision
from composer.public.waiting import InThread

#: Items of one call: some milliseconds of the lock.
GROUP = 64

Item = TypeVar("Item")
Found = TypeVar("Found")


class Together(Generic[Item, Found]):
    """``work`` gets some items, in the order in which they came, and returns what it found for each.

    Its error is each one's. After a ``Collision``, which changed nothing, each item is tried alone.
    """

    def __init__(self, aside: InThread[object], work: Callable[[Sequence[Item]], Mapping[Item, Found]]) -> None:
        self._aside = aside
        self._work = work
        self._waiting: deque[tuple[Item, asyncio.Future[Found | None]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def find(self, item: Item) -> Found | None:
        """What ``work`` found for it, None where it found nothing. Raises what ``work`` raises."""
        found: asyncio.Future[Found | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, found))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._until_none_waits())
        return await found

    async def _until_none_waits(self) -> None:
        while self._waiting:
            await self._do([self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))])

    async def _do(self, taken: Sequence[tuple[Item, asyncio.Future[Found | None]]]) -> None:
        trouble: Exception | None = None
        results: object = {}
        try:
            results = await self._aside(self._work, [item for item, _found in taken])
        except Exception as error:  # noqa: BLE001 # reason: raised again where it is waited for
            trouble = error
        if isinstance(trouble, Collision) and len(taken) > 1:
            for each in taken:
                await self._do([each])
            return
        assert isinstance(results, Mapping)
        for item, found in taken:
            if found.done():  # its client has gone
                continue
            if trouble is not None:
                found.set_exception(trouble)
            else:
                found.set_result(results.get(item))
