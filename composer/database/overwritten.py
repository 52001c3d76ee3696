"""Notice that a SQLite file was written over in place (``cp`` of an older file onto it) while a process has it open.

It stays the same file to the system, so ``open_file`` sees nothing, and SQLite goes on with pages of both: those in
its log, and the other file's.

The header holds a number of ours (https://sqlite.org/pragma.html#pragma_user_version). In the file, read without its
log, a checkpoint alone changes it, and only forward. The first commit after a checkpoint raises it, and one a second,
so that the next checkpoint brings another one, and a file of before has a lower one.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from composer.clock import elapsed
from composer.database.errors import DatabaseDamaged, file_number, ours
from composer.locale import gettext as _

#: Seconds after which the number is raised without a checkpoint: what SQLite copies (``VACUUM INTO``) has the last one.
_OFTEN = 1.0

_HIGHEST = 2**31 - 1


class OverwriteWatch:
    """For the connection that writes the ledger, and the next ones in its place; does nothing on PostgreSQL."""

    def __init__(self) -> None:
        self._stamp: tuple[int, int, int] | None = None
        self._in_file: int | None = None
        self._highest = 0
        self._due = False
        self._raised_at = 0.0
        #: What ``look`` found, for good.
        self.damage: DatabaseDamaged | None = None

    def grow(self, connection: Connection) -> None:
        """Raise the number, in the caller's transaction, if a checkpoint was made since, or a second ago."""
        now = elapsed()
        if connection.dialect.name == "sqlite" and (self._due or now - self._raised_at > _OFTEN):
            self._raised_at = now
            with ours(connection, "PRAGMA user_version") as driver:
                self._highest = min(max(self._highest, _number(driver)) + 1, _HIGHEST)
                driver.execute(f"PRAGMA user_version = {self._highest}")

    def look(self, connection: Connection) -> DatabaseDamaged | None:
        """``damage``, once the file was written over since an earlier call. Outside any transaction.

        Looks at more than the file's time and size only where these have changed: after a checkpoint.
        """
        if (stamp := _stamp(connection)) is None or stamp == self._stamp:
            self._due = False
            return self.damage
        if self._stamp is not None and stamp[0] != self._stamp[0]:
            return self.damage  # another file: ``open_file.replaced`` tells
        database = str(connection.engine.url.database)
        try:
            in_file = _in_file(database) if stamp[2] else -1  # before what the connection sees, which may only be later
            self._highest = max(self._highest, _number(connection.connection.driver_connection))
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_NOTADB:
                self.damage = _error(database)
            # Otherwise in the middle of a checkpoint: a header that says more pages than were written yet. The next
            # commit looks again; a file that stays so is damaged, and SQLite itself meets it.
            return self.damage
        # A file that was emptied (``: >``, the beginning of ``cp``) has none at all.
        if in_file > self._highest or (self._in_file is not None and in_file < self._in_file):
            self.damage = _error(database)
        self._stamp, self._in_file, self._due = stamp, in_file, True
        return self.damage

    def forget(self, connection: Connection) -> None:
        """Compare anew from the next checkpoint on: the database went back, and by SQLite itself (``.restore``)."""
        self._stamp, self._in_file = _stamp(connection), None


def _stamp(connection: Connection) -> tuple[int, int, int] | None:
    """Inode, time and size of the file; None where there is none."""
    if connection.dialect.name != "sqlite" or not (database := connection.engine.url.database):
        return None
    try:
        found = os.stat(database)  # noqa: PTH116 # reason: after each commit; a Path costs more than the call
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _in_file(database: str) -> int:
    """The number without what the log holds. Through SQLite: to close the file otherwise would release its locks
    (https://sqlite.org/howtocorrupt.html, 2.2)."""
    with closing(sqlite3.connect(f"{Path(database).absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as driver:
        return _number(driver)


def _number(driver: Any) -> int:
    (number,) = driver.execute("PRAGMA user_version").fetchone()
    return int(number)


def _error(database: str) -> DatabaseDamaged:
    told = _(
        "the database {name}: another file was written over it while it was open, and it holds pages of both; stop "
        "every process and restore a backup"
    )
    error = DatabaseDamaged(told.format(name=database))
    error.file = file_number(database)
    return error
