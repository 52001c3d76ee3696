"""Translate database errors: tell temporary ones from lasting ones, and give each a message for the operator.

A failed statement wrote nothing. A COMMIT that failed because the connection was lost may have been carried out: every
write must be safe to repeat (the ledger's are: docs/delivery.md).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError

from composer.errors import OutsideWorld
from composer.locale import gettext as _

#: Seconds that a writer waits for another writer's lock.
PATIENCE = 30

#: The exception to raise and its message; ``{seconds}`` and ``{why}`` are filled in.
_Meaning: TypeAlias = "tuple[type[OutsideWorld], str]"


class DatabaseUnavailable(OutsideWorld):
    """The database is missing, locked, read-only or unreachable, or its disk is full or failing. May be temporary."""


class Collision(DatabaseUnavailable):
    """A conflict with another transaction: this one was rolled back and may be retried at once."""


class DatabaseDamaged(OutsideWorld):
    """The file is damaged, or is not a database. It stays so until a backup is restored.

    ``file`` tells the file from others: its device and inode; empty on PostgreSQL.
    """

    file = ""


class DatabaseReplaced(OutsideWorld):
    """The SQLite file, or one that belongs to it, was deleted or replaced while it was open: start again.

    ``file``: device and inode of the file that is open.
    """

    file = ""


#: What PostgreSQL says where it takes no writes (read_only_sql_transaction).
_READ_ONLY = "25006"

#: What makes the database useless until an operator acts or it comes back.
DATABASE_TROUBLE = DatabaseUnavailable, DatabaseDamaged, DatabaseReplaced

#: Base exceptions of the drivers.
ERRORS = sqlite3.Error, psycopg.Error


def raise_translated(context: ExceptionContext) -> None:
    """Listen to ``handle_error``; raise the errors listed under ``composer.database.connect``."""
    if context.is_pre_ping:
        context.is_disconnect = True  # whatever is wrong with a pooled connection: the pool opens another
        return
    if context.engine is None:
        return
    if _of_no_use(context.original_exception):
        context.is_disconnect = True  # whatever the driver thinks of the connection, it is not used again
    options = {} if context.connection is None else context.connection.get_execution_options()
    seconds = options.get("patience", PATIENCE)
    if (found := translated(context.original_exception, context.engine, seconds)) is not None:
        raise found from context.original_exception


class ours:  # a generator would cost a microsecond more, in each commit
    """``with ours(connection, sql) as driver``: the driver's connection of ``connection``; its errors are raised as
    SQLAlchemy would raise them."""

    __slots__ = "_connection", "_driver", "_sql"

    def __init__(self, connection: Connection, sql: str) -> None:
        self._connection, self._sql = connection, sql
        self._driver: Any = connection.connection.driver_connection

    def __enter__(self) -> Any:
        return self._driver

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, ERRORS):
            return
        connection = self._connection
        if _of_no_use(error) or connection.dialect.is_disconnect(error, self._driver, None):  # type: ignore[arg-type] # reason: a driver's error, as it asks for
            connection.invalidate(error)
        kind = next(kind for kind in ERRORS if isinstance(error, kind))
        found = translated(error, connection.engine) or DBAPIError.instance(self._sql, None, error, kind)
        raise found from error


def translated(error: BaseException, engine: Engine, patience: float | None = None) -> OutsideWorld | None:
    """The exception for a driver's error; None where the database is not at fault, as for invalid SQL.

    ``patience``: seconds for which another writer was waited for, ``PATIENCE`` unless it is given.
    """
    if _missing(error, engine):
        told = _(
            "the database {name} is not there: restore a backup (`filigrane restore FILE FOLDER`), "
            "or `filigrane db upgrade` for a new one. Where it is on a server, type this there"
        )
        return DatabaseUnavailable(told.format(name=engine.url.database))
    found = _of_postgresql(error) if isinstance(error, psycopg.Error) else _of_sqlite(error)
    if found is None:
        return None
    kind, reason = found
    reason = reason.format(
        seconds=PATIENCE if patience is None else patience, why=next(iter(str(error).strip().splitlines()), "")
    )
    meant = kind(_("the database {name}: {reason}").format(name=engine.url.database or "", reason=reason))
    if isinstance(meant, DatabaseDamaged) and engine.dialect.name == "sqlite":
        meant.file = file_number(engine.url.database or "")
    return meant


def file_number(path: str | Path) -> str:
    """Device and inode of a file, which tell it from any other; empty where there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return ""
    return f"{found.st_dev}:{found.st_ino}"


def _missing(error: BaseException, engine: Engine) -> bool:
    """Whether SQLite could not open the file because it, or its folder, does not exist."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CANTOPEN or not engine.url.database:
        return False
    try:
        Path(engine.url.database).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # no right to look into a parent folder: the file may exist
    return False


def _of_sqlite(error: BaseException) -> _Meaning | None:
    # An extended code keeps the primary one in its low byte (https://sqlite.org/rescode.html).
    extended = getattr(error, "sqlite_errorcode", 0)
    # No room for the -shm file, which the first process to open the database creates, even to read: the disk is full.
    code = sqlite3.SQLITE_FULL if extended == sqlite3.SQLITE_IOERR_SHMSIZE else extended & 0xFF
    reasons = {
        sqlite3.SQLITE_BUSY: _("another process has been writing to it for {seconds} s; wait for it, or stop it"),
        sqlite3.SQLITE_LOCKED: _("another process has been writing to it for {seconds} s; wait for it, or stop it"),
        sqlite3.SQLITE_READONLY: _("it is read-only; look at the owner and the rights of the file and its folder"),
        sqlite3.SQLITE_PERM: _("it is read-only; look at the owner and the rights of the file and its folder"),
        sqlite3.SQLITE_FULL: _("the disk is full; nothing was changed; make room, then start again"),
        sqlite3.SQLITE_CANTOPEN: _("it cannot be opened; look at the owner and the rights of the file and its folder"),
        sqlite3.SQLITE_IOERR: _("the disk does not read or write it as it should; look at the system's log"),
        sqlite3.SQLITE_CORRUPT: _("the file is damaged; restore a backup"),
        sqlite3.SQLITE_NOTADB: _("the file is not a database; look at the path in the settings"),
    }
    if extended == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        return DatabaseUnavailable, _triggered()
    if extended in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE):
        return DatabaseUnavailable, _(
            "it cannot be written: a quota, a limit to the size of files (ulimit -f), or the disk itself; look at the "
            "system’s log"
        )
    if code not in reasons:
        return None
    lasting = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return DatabaseDamaged if lasting else DatabaseUnavailable, reasons[code]


def _triggered() -> str:
    return _("a trigger there refuses what Filigrane writes: {why}; Filigrane makes none, take it away")


def _unheard(error: BaseException) -> bool:
    """Whether PostgreSQL's answer could not be read: the connection is lost, or out of step, as where a proxy speaks in
    the middle of it. The server itself sent no error, and the statement is none of the driver's own complaints."""
    ours = psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError
    return isinstance(error, psycopg.Error) and error.sqlstate is None and not isinstance(error, ours)


def _of_no_use(error: BaseException) -> bool:
    """Whether the connection is not to be used again: ``_unheard``, or a server that is read-only. After a switchover
    the name leads to another one, while what is connected stays with the old one."""
    return _unheard(error) or getattr(error, "sqlstate", None) == _READ_ONLY


def _of_postgresql(error: psycopg.Error) -> _Meaning | None:
    """By SQLSTATE (PostgreSQL's documentation, appendix A): the whole code, or else its class, the first two digits."""
    if error.sqlstate is None:
        return (DatabaseUnavailable, _("it does not answer: {why}")) if _unheard(error) else None
    undone = _("another transaction stood in the way; nothing was changed")
    away = _("the server is stopping or starting; nothing was changed")
    missing = _("a table or column is not there: {why}; where it is being restored, this process goes on after that")
    reasons: Mapping[str, _Meaning] = {
        "08": (DatabaseUnavailable, _("the connection was lost")),
        _READ_ONLY: (DatabaseUnavailable, _("it is read-only: a standby, or a server that was told so")),
        "25P03": (DatabaseUnavailable, _("this process was silent in the middle of a transaction, which was undone")),
        "3F000": (DatabaseUnavailable, missing),
        "40": (Collision, undone),
        "42501": (
            DatabaseUnavailable,
            _("its role may not do what Filigrane does there: {why}; look at what it is granted"),
        ),
        "42703": (DatabaseUnavailable, missing),
        "42P01": (DatabaseUnavailable, missing),
        "53": (DatabaseUnavailable, _("the server lacks memory or connections; nothing was changed")),
        "53100": (
            DatabaseUnavailable,
            _("the disk of the server is full; nothing was changed; make room, then start again"),
        ),
        "55P03": (
            DatabaseUnavailable,
            _("another process has been writing to it for {seconds} s; wait for it, or stop it"),
        ),
        "57": (DatabaseUnavailable, away),
        "57014": (DatabaseUnavailable, _("it took longer than the server allows; nothing was changed")),
        "58": (DatabaseUnavailable, _("the disk does not read or write it as it should; look at the system's log")),
        "P0": (DatabaseUnavailable, _triggered()),
        "XX001": (DatabaseDamaged, _("the file is damaged; restore a backup")),
        "XX002": (DatabaseDamaged, _("the file is damaged; restore a backup")),
    }
    return reasons.get(error.sqlstate) or reasons.get(error.sqlstate[:2])
