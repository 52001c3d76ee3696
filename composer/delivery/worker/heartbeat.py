"""A worker's registration: its row, its heartbeat, and a new row if it was declared dead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import structlog
from sqlalchemy import Connection

from composer.database import require_whole
from composer.delivery.ledger import claims, workers
from composer.delivery.ledger.claims import Claimed
from composer.delivery.limits.relay_backoff import until
from composer.delivery.worker.beat import Beat
from composer.delivery.worker.group_commit import GroupCommit

log = structlog.get_logger("delivery")


class Registration:
    """``id`` is the worker's row, 0 if it has none. It changes if the worker was declared dead: claims under the old id
    are void. ``in_hand`` gives the claims under an id that were not begun."""

    def __init__(self, commits: GroupCommit, beat: Beat) -> None:
        self._commits = commits
        self._beat = beat
        self._hurried = asyncio.Event()
        self.id = 0
        self.in_hand: Callable[[int], Sequence[Claimed]] = lambda _worker_id: ()

    async def begin(self) -> None:
        start = self._beat.start()
        joined, say = await self._commits.write(partial(self._join, start=start))
        self._beat.begin(joined, start)
        self.id = joined
        say()

    def _join(self, connection: Connection, start: int) -> tuple[int, Callable[[], None]]:
        require_whole(connection)
        say = self._beat.compare(connection)
        return workers.join(connection, start, sweep=not self._beat.comparing), say

    async def beat(self) -> None:
        """Renew the heartbeat every few seconds and sweep dead workers, until cancelled."""
        while True:
            await until(self._hurried, workers.HEARTBEAT)
            self._hurried.clear()
            own = self.id
            if own and not await self._commits.write(partial(workers.heartbeat, worker_id=own)) and own == self.id:
                log.warning("worker-was-taken-for-dead", worker=own)
                await self.again(own)
            await asyncio.to_thread(self._beat.sync)
            if self._beat.comparing:
                continue  # a worker that is silent may have sent what this database does not know
            requeued, doubted = await self._commits.write(workers.sweep_dead)
            if requeued or doubted:
                log.warning("dead-worker-reaped", queued=requeued, in_doubt=doubted)

    def hurry(self) -> None:
        """Beat now: the worker's row is void."""
        self._hurried.set()

    async def again(self, dead: int) -> None:
        """Register again if ``dead`` is still our id; its deliveries are recovered like those of any dead worker."""
        if not dead or dead != self.id:
            return  # already under way
        self.id = 0  # first of all: from here on no dot is written for claims under the old id
        await self._leave(dead)
        self._beat.end(keep=True)  # the new registration compares it
        await self.begin()

    async def end(self) -> int:
        """Stop the worker's row, giving back what is claimed and not begun; return how many."""
        given_back = await self._leave(self.id)
        self._beat.end(keep=True)
        return given_back

    async def _leave(self, worker_id: int) -> int:
        # First what is known not to be begun: if the ledger went back, the rest of the claims becomes in doubt.
        held = self.in_hand(worker_id)
        given_back = await self._commits.write(partial(claims.unclaim, claims=held)) if held else 0
        return given_back + await self._commits.write(partial(workers.retire, worker_id=worker_id))
