"""A worker's life: its row, its heartbeat, and beginning again where it was taken for dead."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from composer.delivery.ledger import workers
from composer.delivery.worker.group_commit import GroupCommit

log = structlog.get_logger("delivery")


class Registration:
    """``id`` is the worker's row, 0 where it has none. It changes where the worker was taken for dead: claims under the
    old one are void."""

    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self.id = 0

    async def begin(self) -> None:
        self.id = await self._commits.written(workers.join)

    async def beat(self) -> None:
        """Say so every few seconds, and look after the dead; for ever."""
        while True:
            await asyncio.sleep(workers.HEARTBEAT)
            who = self.id
            if not await self._commits.written(partial(workers.heartbeat, worker_id=who)) and who == self.id:
                log.warning("worker-was-taken-for-dead", worker=who)
                await self.again(who)
            requeued, doubted = await self._commits.written(workers.sweep_dead)
            if requeued or doubted:
                log.warning("dead-worker-reaped", queued=requeued, in_doubt=doubted)

    async def again(self, dead: int) -> None:
        """Begin again under a new row, where ``dead`` is still ours: what it held goes the way of a dead worker's."""
        if not dead or dead != self.id:
            return  # it is being done
        self.id = 0  # before anybody else may take the row for dead: no dot is written for it any more
        await self._commits.written(partial(workers.retire, worker_id=dead))
        await self.begin()

    async def end(self) -> int:
        """Die, giving back what is claimed and not begun; how many."""
        return await self._commits.written(partial(workers.retire, worker_id=self.id))
