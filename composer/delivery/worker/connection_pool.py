"""A worker's connections: as many to each relay as its quota, which changes as workers come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from composer.delivery.limits import connection_quota
from composer.delivery.limits.connection_quota import Quota
from composer.delivery.limits.relay_backoff import RelayAway, until
from composer.delivery.worker.connection import RelayConnection
from composer.delivery.worker.group_commit import GroupCommit
from composer.delivery.worker.heartbeat import Registration
from composer.delivery.worker.prefetch import Prefetcher
from composer.delivery.worker.relay_queue import RelayQueue

log = structlog.get_logger("delivery")

_LOOK = 1.0  #: seconds between looks at the quotas of all workers


class ConnectionPool:
    """Connections made by ``make``, as tasks of ``sending``. A look reads a few rows, and writes only if a quota
    changes. ``poll``: seconds between looks while other workers still hold connections of our quota."""

    def __init__(
        self,
        queues: Sequence[RelayQueue],
        make: Callable[[RelayQueue], RelayConnection],
        registration: Registration,
        commits: GroupCommit,
        prefetcher: Prefetcher,
        sending: asyncio.TaskGroup,
        *,
        poll: float,
        stop: asyncio.Event,
    ) -> None:
        self._queues = {queue.relay.key: queue for queue in queues}
        self._make = make
        self._registration = registration
        self._commits = commits
        self._prefetcher = prefetcher
        self._sending = sending
        self._poll = min(poll, _LOOK)
        self._stop = stop
        self._open: dict[str, list[RelayConnection]] = {key: [] for key in self._queues}
        self._stored_quotas: tuple[int, dict[str, int], bool] = (0, {}, False)
        self._ended = asyncio.Event()
        self._short = False

    async def run(self) -> None:
        """Adapt the connections to the quota, until cancelled."""
        while True:
            await until(self._ended, self._poll if self._short else _LOOK)
            self._ended.clear()
            await self.look()

    def hang_up(self) -> None:
        """The worker is stopped: no connection waits for a relay before its dot."""
        for connections in self._open.values():
            for connection in connections:
                connection.hang_up()

    async def look(self) -> None:
        """Open and retire connections if workers have come or gone."""
        worker_id = self._registration.id
        if not worker_id or self._stop.is_set() or self._prefetcher.over:
            return
        caps = {key: queue.relay.connections for key, queue in self._queues.items()}
        opened = {key: len(connections) for key, connections in self._open.items()}
        found = await self._commits.read(
            partial(connection_quota.quotas, worker_id=worker_id, caps=caps, opened=opened)
        )
        away = self._away()
        if self._stored_quotas != (worker_id, _held(found), away is not None):
            opened = {key: len(connections) for key, connections in self._open.items()}
            found = await self._commits.write(
                partial(connection_quota.store_quotas, worker_id=worker_id, caps=caps, opened=opened, away=away)
            )
            self._stored_quotas = worker_id, _held(found), away is not None
        if worker_id == self._registration.id:
            self._short = any(one.held < one.fair for one in found.values())
            for key, one in found.items():
                await self._follow(self._queues[key], one)

    def _away(self) -> RelayAway | None:
        """The trouble, if no relay for which this worker has a quota can be reached; None if one may answer."""
        queues = [queue for queue in self._queues.values() if queue.share]
        away = {queue.relay.key: queue.backoff.away for queue in queues}
        lasting = [one.seconds for one in away.values() if one is not None]
        if not away or len(lasting) < len(away):
            return None
        return RelayAway(min(lasting), "\n".join(_named(key, one.why) for key, one in away.items() if one is not None))

    async def _follow(self, queue: RelayQueue, found: Quota) -> None:
        connections = self._open[queue.relay.key]
        # Connections of our quota that other workers still hold cannot be used yet: nothing is claimed for them.
        share = min(found.held, found.fair)
        if queue.share != share:
            log.info("connections", relay=queue.relay.key, share=share, workers=found.workers)
        queue.share = share
        for _number in range(share - len(connections)):
            connection = self._make(queue)
            connections.append(connection)
            self._sending.create_task(connection.run()).add_done_callback(partial(self._over, queue, connection))
        for connection in connections[found.fair :]:
            connection.retire()
        if not share:
            await self._prefetcher.give_back(queue)

    def _over(self, queue: RelayQueue, connection: RelayConnection, _task: asyncio.Task[None]) -> None:
        self._open[queue.relay.key].remove(connection)
        self._ended.set()


def _named(key: str, why: str) -> str:
    """``why`` behind the relay's key, once: a relay without a name has its host and port as key, and ``why`` too."""
    return why if why.startswith(key) else f"{key}: {why}"


def _held(found: dict[str, Quota]) -> dict[str, int]:
    return {key: one.held for key, one in found.items()}
