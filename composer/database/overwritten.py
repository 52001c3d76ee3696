"""Notice that a SQLite file was written over in place (``cp`` of another file onto it) while a process has it open.

It stays the same file to the system, so ``open_file`` sees nothing, and SQLite goes on with pages of both: those that
its log holds, and the other file's.

The header holds a number of ours (https://sqlite.org/pragma.html#pragma_user_version), which grows about once a second
while the ledger is written. In the file, read without its log, only a checkpoint changes it: it brings it forward, and
to no more than what connections see. A file of another time or of another database breaks one of these rules, or one
of the same rules for the number of the schema, which VACUUM raises.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection

from composer.clock import elapsed
from composer.database.errors import DatabaseDamaged, file_number
from composer.locale import gettext as _

#: Seconds between two numbers: commits of so long may be taken back unnoticed.
_OFTEN = 1.0

_HIGHEST = 2**31 - 1


class _Header(NamedTuple):
    number: int
    schema: int


class OverwriteWatch:
    """For the connection that writes the ledger, and the next ones in its place; does nothing on PostgreSQL."""

    def __init__(self) -> None:
        self._grown_at: float | None = None
        self._inode = 0
        self._stamp: tuple[int, int] | None = None
        self._in_file = self._seen = _Header(0, 0)
        #: What ``look`` found, for good.
        self.damage: DatabaseDamaged | None = None

    def grow(self, connection: Connection) -> None:
        """Raise the number, in the caller's transaction, if that was not done within ``_OFTEN`` seconds."""
        now = elapsed()
        if connection.dialect.name != "sqlite" or (self._grown_at is not None and now - self._grown_at < _OFTEN):
            return
        self._grown_at = now
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA user_version = {min(_header(driver).number + 1, _HIGHEST)}")

    def look(self, connection: Connection) -> DatabaseDamaged | None:
        """``damage``, once the file was written over since an earlier call. Outside any transaction.

        Looks at more than the file's time and size only where these have changed: after a checkpoint.
        """
        database = connection.engine.url.database
        if connection.dialect.name != "sqlite" or not database:
            return None
        try:
            found = Path(database).stat()
        except OSError:
            return None  # deleted, as one that was replaced: ``open_file.replaced`` tells
        self._inode = self._inode or found.st_ino
        if (stamp := (found.st_mtime_ns, found.st_size)) == self._stamp or found.st_ino != self._inode:
            return None
        try:
            in_file = _in_file(database)  # before what the connection sees, which may only be later
            seen = _header(connection.connection.driver_connection)
        except sqlite3.OperationalError:
            return None  # it cannot be read now: the next statement tells why
        except sqlite3.DatabaseError:
            self.damage = _error(database)
            return self.damage
        forward = all(map(int.__le__, (*self._in_file, *self._seen, *in_file), (*in_file, *seen, *seen)))
        self._stamp, self._in_file, self._seen = stamp, in_file, seen
        self.damage = None if forward else _error(database)
        return self.damage


def _in_file(database: str) -> _Header:
    """The header without what the log holds. Through SQLite: to close the file otherwise would release its locks
    (https://sqlite.org/howtocorrupt.html, 2.2)."""
    with closing(sqlite3.connect(f"{Path(database).absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as driver:
        return _header(driver)


def _header(driver: Any) -> _Header:
    (number,), (schema,) = (driver.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "schema_version"))
    return _Header(int(number), int(schema))


def _error(database: str) -> DatabaseDamaged:
    told = _(
        "the database {name}: another file was written over it while it was open, and it holds pages of both; stop "
        "every process and restore a backup"
    )
    error = DatabaseDamaged(told.format(name=database))
    error.file = file_number(database)
    return error
