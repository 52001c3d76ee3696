"""Send the statements of a transaction to PostgreSQL in one round trip, in libpq's pipeline mode.

Only for ``BulkUpdate``: statements run by SQLAlchemy need their answers at once. ``BulkUpdate`` finds rows by key, so
one generic plan fits all values, and planning costs more than execution: plans are made once. Sequential scans and
hash or merge joins are disabled, because a plan made while a table was small would be kept when it has grown.

COMMIT is not part of the pipeline, though that would save another round trip: PostgreSQL executes what has arrived even
if the client was killed since. The marks would be committed, and each would be an in-doubt delivery of a message that
was never sent.

On SQLite, which has no round trips, all this does nothing.
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
#: Columns that set the planner settings until the transaction ends.
PLANNER_SETTINGS = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in _SETTINGS.items())
PLANS = f"SELECT {PLANNER_SETTINGS}"
_PLANS_AS_BEFORE = "; ".join(f"SET LOCAL {name} TO DEFAULT" for name in _SETTINGS)
_KEY = "filigrane-trip"


class _Trip:
    """The transaction of one ``driver`` connection; in pipeline mode from the first ``join`` on."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver
        self._pipeline: psycopg.Pipeline | None = None
        self._way = ExitStack()

    def join(self, *, set_already: bool = False) -> bool:
        if self._pipeline is not None:
            return False
        self._pipeline = self._way.enter_context(self._driver.pipeline())
        if not set_already:
            self._driver.execute(PLANS, prepare=True)
        return True

    def halt(self) -> None:
        """Wait for all answers, and leave pipeline mode and its planner settings."""
        if self._pipeline is not None:
            self.end()
            self._driver.execute(_PLANS_AS_BEFORE)

    def end(self) -> None:
        """Wait for all answers and leave pipeline mode. Raises the first statement's error."""
        if self._pipeline is None:
            return
        self._pipeline = None
        try:
            self._way.close()
        except psycopg.errors.PipelineAborted as aborted:  # a consequence of an earlier error, which is raised
            raise aborted.__context__ if isinstance(aborted.__context__, psycopg.Error) else aborted from None

    def abandon(self) -> None:
        """After an error: read and discard the other answers, so that the transaction can be rolled back."""
        if self._pipeline is not None:
            with suppress(psycopg.Error):
                self._pipeline.sync()
            with suppress(psycopg.Error):
                self.end()


@contextmanager
def one_trip(connection: Connection) -> Iterator[None]:
    """Pipeline the updates that ``BulkUpdate`` runs in this context, to be left before the transaction ends. Answers
    are there at its end, or after ``step_by_step``.

    Raises what ``Connection.execute`` raises, for any of the statements.
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
        except BaseException:  # reason: a cancellation too must leave the pipeline
            trip.abandon()
            raise
        finally:
            info.pop(_KEY, None)


def step_by_step(connection: Connection) -> None:
    """Wait for the answers of ``one_trip``, so that SQLAlchemy may be used again. Does nothing without a pipeline."""
    if (trip := connection.info.get(_KEY)) is not None:
        with errors.ours(connection, PLANS):
            trip.halt()


def join(connection: Connection) -> None:
    """Within ``one_trip``, enter pipeline mode before the next statement."""
    if (trip := connection.info.get(_KEY)) is not None:
        trip.join()


def join_with(connection: Connection) -> bool:
    """The same for a statement that returns one row: True if it must return ``PLANNER_SETTINGS`` too, which saves
    the statement that sets them."""
    return (trip := connection.info.get(_KEY)) is not None and trip.join(set_already=True)
