"""The worker: a prefetcher of messages, connections that send them to the relays, a registration with a heartbeat.

One event loop for the connections, one thread for the ledger (``group_commit``), one to build and sign (``prefetch``).

BUGS: backoff from a relay that cannot be reached is kept by each worker for itself, not shared.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from composer.database import DatabaseReplaced, DatabaseUnavailable, rescue
from composer.delivery.ledger.place import stay_at
from composer.delivery.ledger.rollback import Rollback
from composer.delivery.limits.rate_limits import RateLimits
from composer.delivery.limits.relay_backoff import RelayBackoff, until
from composer.delivery.smtp.session import Timeouts
from composer.delivery.worker.beat import Beat
from composer.delivery.worker.connection import RelayConnection
from composer.delivery.worker.connection_pool import ConnectionPool
from composer.delivery.worker.group_commit import DATABASE_AWAY, GroupCommit, reason_of
from composer.delivery.worker.heartbeat import Registration
from composer.delivery.worker.outcome_writer import OutcomeWriter
from composer.delivery.worker.prefetch import Prefetcher
from composer.delivery.worker.relay_queue import RelayQueue
from composer.delivery.worker.singles import SingleMessages
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom

log = structlog.get_logger("delivery")

_RESCUE = 10.0  #: seconds between two attempts to copy what is still open of a database taken away
_RESCUES = 5  #: attempts, before the one that the end of the process brings


class Worker:
    """Sends the deliveries of the ledger. Runs once, under one registration at a time.

    ``poll``: seconds between looks at an empty queue, and the first pause after a relay failed, which doubles. ``tls``
    verifies a relay with a private authority. ``patience``: seconds that outcomes wait in memory for a database that is
    away. ``went_back`` is told when the ledger turns out to have lost commits; with None while that cannot be recorded.
    """

    def __init__(
        self,
        engine: Engine,
        newsroom: Newsroom,
        secret: bytes,
        *,
        timeouts: Timeouts | None = None,
        poll: float = 1.0,
        tls: ssl.SSLContext | None = None,
        patience: float = 600,
        went_back: Callable[[Rollback | None], None] = lambda _rollback: None,
    ) -> None:
        self._engine = engine
        self._newsroom = newsroom
        self._secret = secret
        self._timeouts = timeouts or Timeouts()
        self._poll = poll
        self._tls = tls
        self._beat = Beat(newsroom.root)
        self._went_back = went_back
        self._commits = GroupCommit(engine, patience=patience, pause=min(1, poll), beat=self._beat)
        self._writer = OutcomeWriter(self._commits)
        self._registration = Registration(self._commits, self._beat)

    async def run(self, stop: asyncio.Event, until_idle: bool = False, *, leaving: asyncio.Event | None = None) -> None:
        """Send until ``stop`` is set; with ``until_idle``, until no mailing is being sent any more.

        On ``stop``, messages in flight get their reply and claimed ones go back to the queue. ``leaving`` is set once
        the process is to end too: it then waits for no slow commit, and a successor takes its claims over at once. In a
        process that lives on they would be kept for ``workers.SILENCE``: without it, every commit is waited for. Raises
        ``DatabaseUnavailable`` if the database stays away; a successor then puts what was in flight in doubt. If its
        file was deleted or replaced, it ends like that too, and raises ``DatabaseReplaced`` once what is still open is
        copied.
        """
        ending = asyncio.Event()
        self._commits.when_lost = ending.set
        self._commits.ending = lambda: stop.is_set() and self._commits.lost is None and self._writer.under_way == 0
        self._commits.hasty = lambda: leaving is not None and leaving.is_set() and self._commits.ending()
        asked = asyncio.create_task(stop.wait())
        asked.add_done_callback(lambda _asked: ending.set())
        try:
            failure = await self._run(ending, until_idle)
            if self._commits.lost is not None:
                failure = await self._rescued(self._commits.lost, stop)
        finally:
            asked.cancel()
            await self._commits.close()
            self._beat.end(keep=True)  # where it was left in haste: the next worker of this process compares it
        if failure is not None:
            raise failure

    async def _run(self, stop: asyncio.Event, until_idle: bool) -> Exception | None:
        """Register, send, retire; return the error that ended it, if any."""
        self._beat.noticed = partial(self._noticed, asyncio.get_running_loop())
        try:
            await self._registration.begin()
            log.info("worker-started", worker=self._registration.id)
            async with asyncio.TaskGroup() as living:
                beating = living.create_task(self._registration.beat())
                await self._send(stop, until_idle)
                beating.cancel()
            given_back = await self._registration.end()
            log.info("worker-stopped", worker=self._registration.id, given_back=given_back)
        except (*DATABASE_AWAY, ExceptionGroup) as error:
            failures = list(_leaves(error))
            ours = [failure for failure in failures if not isinstance(failure, DATABASE_AWAY)]
            if ours:
                return ours[0]
            if self._commits.ending():  # nothing is lost: its claims go back to the queue as those of a dead worker
                log.warning("worker-left", worker=self._registration.id, why=reason_of(failures[0]))
                return None
            gone = DatabaseUnavailable(
                _(
                    "the worker stops, for the database stayed away: {why}; once it is back, a worker goes on, and "
                    "messages whose reply could not be recorded are in doubt"
                ).format(why=reason_of(failures[0]))
            )
            gone.__cause__ = error
            return gone
        return None

    async def _rescued(self, lost: DatabaseReplaced, stop: asyncio.Event) -> DatabaseReplaced:
        """Copy what is still open of a database whose file was deleted or replaced; the error that says where.

        Where it cannot be written, tries five times, and once more on ``stop``, until when it keeps it open: ending
        would lose it.
        """
        folder, database = self._newsroom.root / "var", self._engine.url.database
        for attempt in count(1):
            last = stop.is_set()
            try:
                path = await self._commits.with_connection(partial(rescue, folder=folder, settle=stay_at))
                break
            except (OutsideWorld, OperationalError) as error:
                why = reason_of(error)
            log.error("database-not-rescued", why=why)
            if last:
                return _with(lost, why)
            if attempt < _RESCUES:
                await until(stop, _RESCUE)
            else:
                log.error("database-rescue-waits", pid=os.getpid(), attempts=attempt)
                await stop.wait()
        log.error("database-rescued", file=str(path))
        told = _(
            "What was still open, with every reply so far, is in {file}. Stop every process of Filigrane; delete "
            "{database}, {database}-wal and {database}-shm where they are there; put the newest rescued file in the "
            "place of {database}; then start again"
        )
        return _with(lost, told.format(file=path, database=database))

    def _noticed(self, loop: asyncio.AbstractEventLoop, rollback: Rollback | None) -> None:
        """On the ledger thread: tell of the loss, and take a new row soon."""
        self._went_back(rollback)
        loop.call_soon_threadsafe(self._registration.hurry)

    async def _send(self, stop: asyncio.Event, until_idle: bool) -> None:
        """Run the prefetcher and the connections that empty its queues, until it is over."""
        settings = self._newsroom.settings
        queues = [RelayQueue(relay, RelayBackoff(self._poll, stop)) for relay in settings.relays]
        rates = RateLimits(self._newsroom)
        rates.unreached = lambda: {queue.relay.key for queue in queues if queue.backoff.doubtful}
        prefetcher = Prefetcher(
            self._commits,
            self._writer,
            self._registration,
            self._newsroom,
            self._secret,
            rates,
            self._beat,
            queues,
            poll=self._poll,
            stop=stop,
        )
        singles = SingleMessages(
            self._commits,
            self._registration,
            self._newsroom,
            self._secret,
            rates,
            self._beat,
            queues,
            poll=self._poll,
            stop=stop,
        )
        connection = partial(
            RelayConnection,
            settings=settings,
            prefetcher=prefetcher,
            singles=singles,
            commits=self._commits,
            writer=self._writer,
            rates=rates,
            timeouts=self._timeouts,
            tls=self._tls,
            stop=stop,
        )
        async with asyncio.TaskGroup() as sending:
            pool = ConnectionPool(
                queues, connection, self._registration, self._commits, prefetcher, sending, poll=self._poll, stop=stop
            )
            await pool.look()
            beside = [sending.create_task(pool.run()), sending.create_task(singles.run())]
            await prefetcher.run(until_idle)
            for task in beside:
                task.cancel()
            if stop.is_set():
                pool.hang_up()


def _with(lost: DatabaseReplaced, more: str) -> DatabaseReplaced:
    error = DatabaseReplaced(f"{lost}\n{more}")
    error.file = lost.file
    return error


def _leaves(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error
