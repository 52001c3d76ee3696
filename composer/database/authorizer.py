"""Restrict what an engine's connections to SQLite may do. PostgreSQL has roles for this: docs/running.md.

It stops statements that were not foreseen, whatever text gets into them. It does not stop code that runs in the
process, which can open the file itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Set
from typing import Any

from sqlalchemy import Engine, event


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

    def restrict(connection: Any, _record: Any) -> None:
        connection.set_authorizer(judge)

    event.listen(engine, "connect", restrict)  # after what prepares a connection, which sets pragmas
    engine.dispose()  # those that are open have no authorizer


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
