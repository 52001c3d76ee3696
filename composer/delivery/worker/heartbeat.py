"""A worker's registration: its row, its heartbeat, and a new row if it was declared dead."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from composer.delivery.ledger import workers
from composer.delivery.worker.group_commit import GroupCommit

log = structlog.get_logger("delivery")


class Registration:
    """``id`` is the worker's row, 0 if it has none. It changes if the worker was declared dead: claims under the old id
    are void."""

    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self.id = 0

    async def begin(self) -> None:
        self.id = await self._commits.write(workers.join)

    async def beat(self) -> None:
        """Renew the heartbeat every few seconds and sweep dead workers, until cancelled."""
        while True:
            await asyncio.sleep(workers.HEARTBEAT)
            own = self.id
            if not await self._commits.write(partial(workers.heartbeat, worker_id=own)) and own == self.id:
                log.warning("worker-was-taken-for-dead", worker=own)
                await self.again(own)
            requeued, doubted = await self._commits.write(workers.sweep_dead)
            if requeued or doubted:
                log.warning("dead-worker-reaped", queued=requeued, in_doubt=doubted)

    async def again(self, dead: int) -> None:
        """Register again if ``dead`` is still our id; its deliveries are recovered like those of any dead worker."""
        if not dead or dead != self.id:
            return  # already under way
        self.id = 0  # first of all: from here on no dot is written for claims under the old id
        await self._commits.write(partial(workers.retire, worker_id=dead))
        await self.begin()

    async def end(self) -> int:
        """Stop the worker's row, giving back what is claimed and not begun; return how many."""
        return await self._commits.write(partial(workers.retire, worker_id=self.id))
