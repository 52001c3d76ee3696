"""Group commit: one thread writes to the ledger, and commits together the operations submitted while it was busy.

There is no fixed delay: a lone mark is committed at once; under load the batches grow by themselves, and each waits a
quarter of the last commit's time for more operations. That makes a commit before every dot affordable, even with
``synchronous=FULL``. A batch holds unrelated operations: if one raises, the batch is rolled back and each is retried
alone; only its caller sees the error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from composer.database import (
    Collision,
    DatabaseReplaced,
    DatabaseUnavailable,
    OverwriteWatch,
    even_replaced,
    one_trip,
    read_only,
    remove_left_log,
    replaced,
    step_by_step,
)
from composer.delivery.metrics import COMMIT_ITEMS, COMMIT_SECONDS
from composer.delivery.worker.beat import Beat, LedgerWentBack
from composer.errors import OutsideWorld
from composer.locale import gettext as _

log = structlog.get_logger("delivery")

#: Errors of a database that is away and may come back: SQLite's file, a server that restarts.
DATABASE_AWAY = (DatabaseUnavailable, OperationalError)

Item = TypeVar("Item")
Result = TypeVar("Result")
#: Time that the next commit waits for the callers that the last one released: as a part of the last commit's time, and
#: at most in seconds. Without it, two halves of the connections take turns, each waiting for the other's commit.
_COMPANY, _MOST = 0.25, 0.005

#: Seconds for which a process that is to end, with nothing in flight, waits for the database.
_HASTE = 0.4

#: Runs on all gathered items of one kind at once. Returns one result an item, in their order, or a function that
#: returns them once the database has answered.
Operation = Callable[[Connection, Sequence[Item]], Sequence[Result] | Callable[[], Sequence[Result]]]
_Waiting = tuple[Operation[Any, Any], Any, asyncio.Future[Any]]
_Order = tuple[asyncio.AbstractEventLoop, asyncio.Future[Any], Callable[[], Any]]


class GroupCommit:
    """For one event loop. Every caller of a failed transaction gets ``DATABASE_AWAY``: nothing of it was written, or,
    if the connection was lost at COMMIT on PostgreSQL, perhaps all of it.

    ``patience``: seconds for which writes that must succeed are retried, every ``pause`` seconds. ``beat`` checks in
    each transaction that the database has lost none of the earlier ones.

    ``lost`` is set once a commit went to a file that was deleted or replaced, before its callers are answered. What is
    submitted later is still written there, to be rescued; ``when_lost`` is called in the event loop.

    ``ending`` tells whether the worker is to end and nothing is in flight: then a database that is away is not tried
    again. ``hasty``, whether the process is to end with it: then one that does not answer within ``_HASTE`` seconds is
    waited for no longer.
    """

    def __init__(self, engine: Engine, *, patience: float = 600, pause: float = 1, beat: Beat | None = None) -> None:
        self._engine = engine
        self._beat = beat or Beat(None)
        self._patience = patience
        self._pause = pause
        self._connection: Connection | None = None
        self._overwrites = OverwriteWatch()
        self._work: SimpleQueue[_Order | None] = SimpleQueue()
        # A new thread has no context of its own: copy it, for the language of error texts that become a pause's reason.
        self._thread = Thread(target=copy_context().run, args=(self._serve,), name="ledger", daemon=True)
        self._thread.start()
        self._gathered: list[_Waiting] = []
        self._busy: asyncio.Task[None] | None = None
        self._ended = self._took = 0.0
        self.lost: DatabaseReplaced | None = None
        self.when_lost: Callable[[], object] = lambda: None
        self.ending: Callable[[], bool] = lambda: False
        self.hasty: Callable[[], bool] = lambda: False

    def submit(self, operation: Operation[Item, Result], item: Item) -> asyncio.Future[Result]:
        """The result of ``operation`` for ``item``, once it is committed."""
        waiting: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._gathered.append((operation, item, waiting))
        if self._busy is None or self._busy.done():
            self._busy = asyncio.create_task(self._commit_what_gathers())
        return waiting

    def call(self, function: Callable[[Connection], Result]) -> asyncio.Future[Result]:
        """The result of ``function``, once it is committed, in one transaction with the rest of its batch."""
        return self.submit(_call_each, function)

    async def read(self, function: Callable[[Connection], Result]) -> Result:
        """The result of ``function``, which writes nothing: on the same thread, outside the batches."""
        return await self.patiently(lambda: self._on_thread(partial(self._read, function)))

    async def write(self, function: Callable[[Connection], Result]) -> Result:
        """The result of ``function``, once it is committed. Raises ``DATABASE_AWAY`` after ``patience`` seconds."""
        return await self.patiently(partial(self.call, function))

    async def patiently(self, submit: Callable[[], Awaitable[Result]]) -> Result:
        """Retry ``submit`` while the database is away. Raises ``DATABASE_AWAY`` after ``patience`` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        while True:
            try:
                return await self.answer(submit())
            except DATABASE_AWAY as error:
                log.error("database-unavailable", why=reason_of(error))
                if loop.time() >= end or self.lost is not None or self.ending():
                    raise
                await asyncio.sleep(self._pause)

    async def answer(self, asked: Awaitable[Result]) -> Result:
        """The result of ``asked``. Raises ``DatabaseUnavailable`` where it is late and ``hasty`` says so."""
        waiting = asyncio.ensure_future(asked)
        try:
            while not waiting.done():
                await asyncio.wait([waiting], timeout=_HASTE)
                if not waiting.done() and self.hasty():
                    raise DatabaseUnavailable(_("the database did not answer before the process ended"))
            return waiting.result()
        finally:
            waiting.cancel()

    async def with_connection(self, function: Callable[[Connection], Result]) -> Result:
        """The result of ``function``, on the connection that writes, outside any transaction."""

        def on_thread() -> Result:
            if self._connection is None:
                self._connection = even_replaced(self._engine.connect())
            return function(self._connection)

        return await self._on_thread(on_thread)

    async def close(self) -> None:
        """Commit what was submitted, and end the thread; in haste, leave behind what does not answer."""
        while self._busy is not None and not self._busy.done() and not self.hasty():
            await asyncio.wait([self._busy], timeout=_HASTE)
        self._work.put(None)
        if self._busy is not None:
            self._busy.cancel()  # in haste: the thread ends with what it is at, and would answer no later batch
        self._thread.join(0.1 if self.hasty() else None)

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
        """Wait a little for the callers that the last commit released to submit again (``_COMPANY``, ``_MOST``)."""
        loop = asyncio.get_running_loop()
        soon = self._ended + min(_COMPANY * self._took, _MOST) - loop.time()
        if soon > 0:
            await asyncio.sleep(soon)

    async def _commit_together(self, batch: Sequence[_Waiting]) -> bool:
        """Commit ``batch`` and answer its callers. False, with no caller answered, if one of several items failed."""
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
                    waiting.exception()  # else an abandoned future logs a traceback
            return True
        except Exception as error:  # noqa: BLE001 # reason: it is raised in the caller
            if len(batch) > 1:
                return False
            if not batch[0][2].cancelled():
                batch[0][2].set_exception(error)
            return True
        if self.lost is not None:
            self.when_lost()
        for result, group in zip(results, grouped.values(), strict=True):
            for one, (_item, waiting) in zip(result, group, strict=True):
                if not waiting.cancelled():
                    waiting.set_result(one)
        return True

    def _on_thread(self, work: Callable[[], Result]) -> asyncio.Future[Result]:
        """Run ``work`` on the ledger thread. Own queue, because an executor costs twice as much for each commit."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._work.put((loop, done, work))
        return done

    def _serve(self) -> None:
        """The thread's loop: one transaction after another, on one connection until it fails."""
        while (order := self._work.get()) is not None:
            loop, done, work = order
            result, failure = None, None
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 # reason: it is raised in the caller
                failure = error
            with suppress(RuntimeError):  # left behind in haste, the thread may outlive the event loop
                loop.call_soon_threadsafe(_answer, done, result, failure)
        self._hang_up()

    def _commit(self, work: list[tuple[Operation[Any, Any], list[Any]]], tries: int = 3) -> list[Sequence[Any]]:
        try:
            if self._connection is None:
                self._connection = even_replaced(self._engine.connect())
            if (damage := self._overwrites.damage) is not None:
                raise damage
            with self._connection.begin():
                self._overwrites.grow(self._connection)
                with one_trip(self._connection):
                    check = self._beat.bump(self._connection)
                    if any(operation is _call_each for operation, _items in work):
                        step_by_step(self._connection)
                        check()  # now: in a database that lost rows, functions would fail for other reasons
                    results = [operation(self._connection, items) for operation, items in work]
                check()
            if self.lost is None and (error := replaced(self._connection)) is not None:
                log.error("database-replaced", why=str(error))
                remove_left_log(self._connection, rescued=False)
                self.lost = error
            if self.lost is None and (damage := self._overwrites.look(self._connection)) is not None:
                with suppress(OutsideWorld, SQLAlchemyError):  # what is left of it may take no more
                    self._beat.write_down(self._connection, work, tell=False)
                raise damage
            answers = [result() if callable(result) else result for result in results]
        except Collision:  # with another host's transaction, and PostgreSQL rolled this one back
            if tries == 1:
                raise
            return self._commit(work, tries - 1)
        except LedgerWentBack:
            try:
                assert self._connection is not None
                self._overwrites.forget(self._connection)
                self._beat.write_down(self._connection, work)
            finally:
                self._hang_up()
            raise
        except BaseException as error:  # reason: raised again; whatever it is, this connection's state is unknown
            if isinstance(error, DATABASE_AWAY) and self._engine.dialect.name != "sqlite":
                self._beat.connection_lost()
            self._hang_up()
            raise
        self._beat.committed(work, answers)
        return answers

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
    """The driver's error text. It holds no values; SQLAlchemy's own text would include the statement's parameters."""
    return str(error.orig) if isinstance(error, OperationalError) else str(error)
