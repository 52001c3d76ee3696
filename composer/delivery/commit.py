"""Group commit: one thread writes to the ledger, and commits whatever gathered while it was busy.

There is no fixed delay: a lone mark is committed at once; under load the transactions grow by themselves. With
``synchronous=FULL`` that is what makes a commit before every dot affordable. Strangers gather: what one of them raises
is its own, and the others are done again without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from composer.database import Collision, DatabaseUnavailable, reading
from composer.delivery.metrics import COMMIT_ITEMS, COMMIT_SECONDS

log = structlog.get_logger("delivery")

#: A database that is away and may come back: SQLite's file, a server that restarts.
AWAY = (DatabaseUnavailable, OperationalError)

Item = TypeVar("Item")
Result = TypeVar("Result")
#: What is done to all gathered items of a kind at once; one result an item, in their order.
Operation = Callable[[Connection, Sequence[Item]], Sequence[Result]]
_Waiting = tuple[Operation[Any, Any], Any, asyncio.Future[Any]]


class GroupCommit:
    """For one event loop. ``AWAY`` reaches everyone who was waiting for the transaction: nothing of it was written, or,
    where the connection was lost at COMMIT on PostgreSQL, perhaps all of it.

    ``patience`` is the seconds for which what must be written is tried again, every ``pause`` seconds.
    """

    def __init__(self, engine: Engine, *, patience: float = 600, pause: float = 1) -> None:
        self._engine = engine
        self._patience = patience
        self._pause = pause
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._gathered: list[_Waiting] = []
        self._busy: asyncio.Task[None] | None = None

    def submit(self, operation: Operation[Item, Result], item: Item) -> asyncio.Future[Result]:
        """The result of ``operation`` for ``item``, once it is committed."""
        waiting: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._gathered.append((operation, item, waiting))
        if self._busy is None or self._busy.done():
            self._busy = asyncio.create_task(self._commit_what_gathers())
        return waiting

    def call(self, function: Callable[[Connection], Result]) -> asyncio.Future[Result]:
        """The result of ``function``, once it is committed, in the same transaction as what else gathered."""
        return self.submit(_call_each, function)

    async def read(self, function: Callable[[Connection], Result]) -> Result:
        """The result of ``function``, which writes nothing: on the same thread, outside what gathers."""
        return await self.patiently(
            lambda: asyncio.get_running_loop().run_in_executor(self._thread, self._read, function)
        )

    async def written(self, function: Callable[[Connection], Result]) -> Result:
        """The result of ``function``, once it is committed, however long the database is away."""
        return await self.patiently(partial(self.call, function))

    async def patiently(self, submit: Callable[[], Awaitable[Result]]) -> Result:
        """What ``submit`` gives, tried again while the database is away. Raises ``AWAY`` once patience is over."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        while True:
            try:
                return await submit()
            except AWAY as error:
                log.error("database-unavailable", why=why(error))
                if loop.time() >= end:
                    raise
                await asyncio.sleep(self._pause)

    async def close(self) -> None:
        """Commit what gathered, and end the thread."""
        while self._busy is not None and not self._busy.done():
            await asyncio.wait([self._busy])
        self._thread.shutdown()

    async def _commit_what_gathers(self) -> None:
        while self._gathered:
            batch, self._gathered = self._gathered, []
            COMMIT_ITEMS.observe(len(batch))
            with COMMIT_SECONDS.time():
                together = await self._commit_together(batch)
            if not together:
                for one in batch:
                    await self._commit_together([one])

    async def _commit_together(self, batch: Sequence[_Waiting]) -> bool:
        """Answer everyone in ``batch``; False, and nobody is answered, where one of several made it fail."""
        grouped: dict[Operation[Any, Any], list[tuple[Any, asyncio.Future[Any]]]] = {}
        for operation, item, waiting in batch:
            grouped.setdefault(operation, []).append((item, waiting))
        work = [(operation, [item for item, _ in group]) for operation, group in grouped.items()]
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, work)
        await asyncio.wait([done])
        error = done.exception()
        if error is not None and not isinstance(error, AWAY) and len(batch) > 1:
            return False
        for position, group in enumerate(grouped.values()):
            for place, (_, waiting) in enumerate(group):
                if waiting.cancelled():
                    continue
                if error is not None:
                    waiting.set_exception(error)
                else:
                    waiting.set_result(done.result()[position][place])
        return True

    def _commit(self, work: list[tuple[Operation[Any, Any], list[Any]]], tries: int = 3) -> list[Sequence[Any]]:
        try:
            with self._engine.begin() as connection:
                return [operation(connection, items) for operation, items in work]
        except Collision:  # with another host's transaction, and PostgreSQL chose this one to be undone
            if tries == 1:
                raise
            return self._commit(work, tries - 1)

    def _read(self, function: Callable[[Connection], Result]) -> Result:
        with reading(self._engine).connect() as connection:
            return function(connection)


def _call_each(connection: Connection, functions: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    return [function(connection) for function in functions]


def why(error: Exception) -> str:
    """What a database said. A driver's own text holds no values; SQLAlchemy's has the statement's."""
    return str(error.orig) if isinstance(error, OperationalError) else str(error)
