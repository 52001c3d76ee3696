"""A worker's life: its row, its heartbeat, and beginning again where it was taken for dead."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from composer.delivery import workers
from composer.delivery.commit import GroupCommit

log = structlog.get_logger("delivery")


class Life:
    """``id`` is the worker's row. It changes where the worker was taken for dead: claims under the old one are void."""

    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self.id = 0

    async def begin(self) -> None:
        self.id = await self._commits.written(workers.join)

    async def beat(self) -> None:
        """Say so every few seconds, and look after the dead; for ever."""
        while True:
            await asyncio.sleep(workers.HEARTBEAT)
            if not await self._commits.written(partial(workers.heartbeat, worker_id=self.id)):
                log.warning("worker-was-taken-for-dead", worker=self.id)
                await self.again()
            requeued, doubted = await self._commits.written(workers.clear)
            if requeued or doubted:
                log.warning("dead-worker-reaped", queued=requeued, in_doubt=doubted)

    async def again(self) -> None:
        """Begin again under a new row: whatever the old one held goes the way of a dead worker's."""
        await self.end()
        await self.begin()

    async def end(self) -> int:
        """Die, giving back what is claimed and not begun; how many."""
        return await self._commits.written(partial(workers.leave, worker_id=self.id))
