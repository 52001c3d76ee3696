"""One round trip for the statements of a transaction, on PostgreSQL: they do not wait for each other's answers.

Only what ``BulkUpdate`` runs travels like that; what SQLAlchemy runs needs its answer at once. The plans of those
statements
are made for any values, once: they are found by keys, so that no value makes another plan better, and to make a plan
costs more than to run it. Nor is a plan kept that was better while a table was small: no table is ever read whole.

COMMIT is not among them, though it would save another round trip: PostgreSQL carries out what has arrived, even where
the process that sent it was killed meanwhile. Its marks would be committed then, and each be a doubt without a dot.

SQLite is not a way off, and none of this happens there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
from sqlalchemy import Connection

from composer.database import errors

_SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
#: Until the transaction ends.
PLANS = "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in _SETTINGS.items())
_PLANS_AS_BEFORE = "; ".join(f"SET LOCAL {name} TO DEFAULT" for name in _SETTINGS)
_KEY = "filigrane-trip"


class _Trip:
    """The transaction of one ``driver`` connection; on its way from the first ``join`` on."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver
        self._pipeline: psycopg.Pipeline | None = None
        self._way = ExitStack()

    def join(self) -> None:
        if self._pipeline is None:
            self._pipeline = self._way.enter_context(self._driver.pipeline())
            self._driver.execute(PLANS, prepare=True)

    def halt(self) -> None:
        """Until all is answered. What comes next is planned as usual."""
        if self._pipeline is not None:
            self.end()
            self._driver.execute(_PLANS_AS_BEFORE)

    def end(self) -> None:
        """Once all is answered."""
        if self._pipeline is None:
            return
        self._pipeline = None
        try:
            self._way.close()
        except psycopg.errors.PipelineAborted as aborted:  # by an error that was heard just before
            raise aborted.__context__ if isinstance(aborted.__context__, psycopg.Error) else aborted from None

    def abandon(self) -> None:
        """After an error: hear the rest, which is of no account, so that the transaction can be rolled back."""
        if self._pipeline is not None:
            with suppress(psycopg.Error):
                self._pipeline.sync()
            with suppress(psycopg.Error):
                self.end()


@contextmanager
def one_trip(connection: Connection) -> Iterator[None]:
    """What ``BulkUpdate`` runs meanwhile is answered at the end, before the transaction is; or where
    ``step_by_step`` asks.

    Raises what ``Connection.execute`` does, for any of the statements.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    info = connection.info
    with errors.ours(connection, PLANS) as driver:
        trip = info[_KEY] = _Trip(driver)
        try:
            yield
            trip.end()
        except BaseException:
            trip.abandon()
            raise
        finally:
            info.pop(_KEY, None)


def step_by_step(connection: Connection) -> None:
    """From here on SQLAlchemy may be used; what was on its way is answered. Nothing where nothing was."""
    if (trip := connection.info.get(_KEY)) is not None:
        with errors.ours(connection, PLANS):
            trip.halt()


def join(connection: Connection) -> None:
    """What is sent next goes with the trip, where there is one."""
    if (trip := connection.info.get(_KEY)) is not None:
        trip.join()
