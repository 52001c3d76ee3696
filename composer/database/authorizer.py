"""Restrict what an engine's connections to SQLite may do. PostgreSQL has roles for this: docs/running.md.

It stops statements that were not foreseen, whatever text gets into them. It does not stop code that runs in the
process, which can open the file itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

#: Where a pooled connection keeps what restricts it.
_JUDGE = "judge"


def permit(
    engine: Engine,
    *,
    reads: Mapping[str, Set[str]],
    updates: Mapping[str, Set[str]],
    inserts: Set[str] = frozenset(),
) -> None:
    """Let SQLite connections read and update these columns of tables, and add rows to the tables ``inserts``, and
    nothing else. On PostgreSQL do nothing.

    Any other statement fails when it is prepared (https://sqlite.org/c3ref/set_authorizer.html).
    """
    if engine.dialect.name != "sqlite":
        return
    judge = _judge(reads, updates, inserts)

    def restrict(connection: Any, record: Any) -> None:
        connection.set_authorizer(judge)
        record.info[_JUDGE] = judge

    event.listen(engine, "connect", restrict)  # after what prepares a connection, which sets pragmas
    engine.dispose()  # those that are open have no authorizer


@contextmanager
def unrestricted(connection: Connection) -> Iterator[None]:
    """Meanwhile let a connection to SQLite do what ``permit`` forbids: for the one function that PostgreSQL has as a
    function of its own, with the rights of the owner."""
    pooled = connection.connection
    judge, driver = pooled.info.get(_JUDGE), pooled.driver_connection
    if judge is None or driver is None:
        yield
        return
    driver.set_authorizer(None)
    try:
        yield
    finally:
        driver.set_authorizer(judge)


def _judge(
    reads: Mapping[str, Set[str]], updates: Mapping[str, Set[str]], inserts: Set[str]
) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    def judge(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
        allowed = (
            action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION)
            or (action == sqlite3.SQLITE_READ and second in reads.get(first or "", ()))
            or (action == sqlite3.SQLITE_UPDATE and second in updates.get(first or "", ()))
            or (action == sqlite3.SQLITE_INSERT and first in inserts)
            or (action == sqlite3.SQLITE_FUNCTION and second in ("strftime", "count"))
            or (action == sqlite3.SQLITE_PRAGMA and first == "busy_timeout")
        )
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return judge
