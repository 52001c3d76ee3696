"""Group commit: one thread writes to the ledger, and commits whatever gathered while it was busy.

There is no fixed delay: a lone mark is committed at once; under load the transactions grow by themselves, and each
waits a quarter of the last one's time for company. With ``synchronous=FULL`` that is what makes a commit before every
dot affordable. Strangers gather: what one of them raises is its own, and the others are done again without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from composer.database import Collision, DatabaseUnavailable, one_trip, read_only, step_by_step
from composer.delivery.metrics import COMMIT_ITEMS, COMMIT_SECONDS

log = structlog.get_logger("delivery")

#: A database that is away and may come back: SQLite's file, a server that restarts.
DATABASE_AWAY = (DatabaseUnavailable, OperationalError)

Item = TypeVar("Item")
Result = TypeVar("Result")
#: Of what the last commit took, for how long the next one waits for those whom it set going; and seconds at most.
#: Without it two halves of the connections take turns, and each waits for the other's commit.
_COMPANY, _MOST = 0.25, 0.005

#: What is done to all gathered items of a kind at once; one result an item, in their order, or what gives them once the
#: database has answered.
Operation = Callable[[Connection, Sequence[Item]], Sequence[Result] | Callable[[], Sequence[Result]]]
_Waiting = tuple[Operation[Any, Any], Any, asyncio.Future[Any]]
_Order = tuple[asyncio.AbstractEventLoop, asyncio.Future[Any], Callable[[], Any]]


class GroupCommit:
    """For one event loop. ``DATABASE_AWAY`` reaches everyone who was waiting for the transaction: nothing of it was
    written, or, where the connection was lost at COMMIT on PostgreSQL, perhaps all of it.

    ``patience`` is the seconds for which what must be written is tried again, every ``pause`` seconds.
    """

    def __init__(self, engine: Engine, *, patience: float = 600, pause: float = 1) -> None:
        self._engine = engine
        self._patience = patience
        self._pause = pause
        self._connection: Connection | None = None
        self._work: SimpleQueue[_Order | None] = SimpleQueue()
        # A thread begins without the language that this one speaks: what it refuses is the reason a mailing shows.
        self._thread = Thread(target=copy_context().run, args=(self._serve,), name="ledger", daemon=True)
        self._thread.start()
        self._gathered: list[_Waiting] = []
        self._busy: asyncio.Task[None] | None = None
        self._ended = self._took = 0.0

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
        return await self.patiently(lambda: self._on_thread(partial(self._read, function)))

    async def written(self, function: Callable[[Connection], Result]) -> Result:
        """The result of ``function``, once it is committed, however long the database is away."""
        return await self.patiently(partial(self.call, function))

    async def patiently(self, submit: Callable[[], Awaitable[Result]]) -> Result:
        """Retry ``submit`` while the database is away. Raises ``DATABASE_AWAY`` after ``patience`` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        while True:
            try:
                return await submit()
            except DATABASE_AWAY as error:
                log.error("database-unavailable", why=reason_of(error))
                if loop.time() >= end:
                    raise
                await asyncio.sleep(self._pause)

    async def close(self) -> None:
        """Commit what gathered, and end the thread."""
        while self._busy is not None and not self._busy.done():
            await asyncio.wait([self._busy])
        self._work.put(None)
        self._thread.join()

    async def _commit_what_gathers(self) -> None:
        while self._gathered:
            await self._company()
            batch, self._gathered = self._gathered, []
            COMMIT_ITEMS.observe(len(batch))
            begin = asyncio.get_running_loop().time()
            with COMMIT_SECONDS.time():
                together = await self._commit_together(batch)
            self._ended = asyncio.get_running_loop().time()
            self._took = self._ended - begin
            if not together:
                for one in batch:
                    await self._commit_together([one])

    async def _company(self) -> None:
        """Let those whom the last commit set going come back, for a share of what that commit took."""
        loop = asyncio.get_running_loop()
        soon = self._ended + min(_COMPANY * self._took, _MOST) - loop.time()
        if soon > 0:
            await asyncio.sleep(soon)

    async def _commit_together(self, batch: Sequence[_Waiting]) -> bool:
        """Answer everyone in ``batch``; False, and nobody is answered, where one of several made it fail."""
        grouped: dict[Operation[Any, Any], list[tuple[Any, asyncio.Future[Any]]]] = {}
        for operation, item, waiting in batch:
            grouped.setdefault(operation, []).append((item, waiting))
        work = [(operation, [item for item, _ in group]) for operation, group in grouped.items()]
        try:
            results = await self._on_thread(partial(self._commit, work))
        except DATABASE_AWAY as error:
            for _operation, _item, waiting in batch:
                if not waiting.cancelled():
                    waiting.set_exception(error)
                    waiting.exception()  # so that one whom nobody waits for any more is no traceback in the log
            return True
        except Exception as error:  # noqa: BLE001 # reason: it is the caller's, who waits for it
            if len(batch) > 1:
                return False
            if not batch[0][2].cancelled():
                batch[0][2].set_exception(error)
            return True
        for result, group in zip(results, grouped.values(), strict=True):
            for one, (_, waiting) in zip(result, group, strict=True):
                if not waiting.cancelled():
                    waiting.set_result(one)
        return True

    def _on_thread(self, work: Callable[[], Result]) -> asyncio.Future[Result]:
        """A queue of our own: an executor costs twice as much a batch, and this is one for every commit."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._work.put((loop, done, work))
        return done

    def _serve(self) -> None:
        """The thread: one transaction after another, on one connection for as long as it serves."""
        while (order := self._work.get()) is not None:
            loop, done, work = order
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 # reason: it belongs to whoever waits
                loop.call_soon_threadsafe(_answer, done, None, error)
            else:
                loop.call_soon_threadsafe(_answer, done, result, None)
        self._hang_up()

    def _commit(self, work: list[tuple[Operation[Any, Any], list[Any]]], tries: int = 3) -> list[Sequence[Any]]:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin(), one_trip(self._connection):
                results = [operation(self._connection, items) for operation, items in work]
            return [result() if callable(result) else result for result in results]
        except Collision:  # with another host's transaction, and PostgreSQL chose this one to be undone
            if tries == 1:
                raise
            return self._commit(work, tries - 1)
        except BaseException:  # reason: raised again; whatever it is, this connection's state is unknown
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _read(self, function: Callable[[Connection], Result]) -> Result:
        with read_only(self._engine).connect() as connection:
            return function(connection)


def _answer(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)


def _call_each(connection: Connection, functions: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    step_by_step(connection)
    return [function(connection) for function in functions]


def reason_of(error: Exception) -> str:
    """What a database said. A driver's own text holds no values; SQLAlchemy's has the statement's."""
    return str(error.orig) if isinstance(error, OperationalError) else str(error)
