"""What a database's errors mean: which pass by themselves, and what a person reads of the others.

A statement that failed wrote nothing. A COMMIT that failed because the connection was lost may have been carried out:
whoever writes must be able to write the same again (the ledger's gates are: docs/delivery.md).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError

from composer.errors import OutsideWorld
from composer.locale import gettext as _

#: Seconds that a writer waits for another one.
PATIENCE = 30

#: What it is raised as, and why, for a person; ``{seconds}`` and ``{why}`` are put in.
_Meaning: TypeAlias = "tuple[type[OutsideWorld], str]"


class DatabaseUnavailable(OutsideWorld):
    """The database is not there, locked, read-only, away, or its disk full or failing: later it may be as it was."""


class Collision(DatabaseUnavailable):
    """Two transactions stood in each other's way, and this one was undone, whole: it may begin again at once."""


#: What the drivers raise.
ERRORS = sqlite3.Error, psycopg.Error


def raise_translated(context: ExceptionContext) -> None:
    """A listener of ``handle_error``. Raises what ``composer.database.connect`` says."""
    if context.is_pre_ping:
        return  # a connection of the pool that is gone: the pool makes another
    if context.engine is not None and (found := translated(context.original_exception, context.engine)) is not None:
        raise found from context.original_exception


@contextmanager
def ours(connection: Connection, sql: str) -> Iterator[Any]:
    """The driver's connection beneath ``connection``; what it raises is raised as SQLAlchemy would raise it."""
    driver: Any = connection.connection.driver_connection
    try:
        yield driver
    except ERRORS as error:
        if connection.dialect.is_disconnect(error, driver, None):  # type: ignore[arg-type] # reason: a driver's error, as it asks for
            connection.invalidate(error)
        kind = next(kind for kind in ERRORS if isinstance(error, kind))
        raise translated(error, connection.engine) or DBAPIError.instance(sql, None, error, kind) from error


def translated(error: BaseException, engine: Engine) -> OutsideWorld | None:
    """What a driver's error is to be raised as; None where it is nobody's trouble but ours."""
    if _missing(error, engine):
        told = _(
            "the database {name} is not there: restore a backup (`filigrane restore FILE FOLDER`), "
            "or `filigrane db upgrade` for a new one"
        )
        return DatabaseUnavailable(told.format(name=engine.url.database))
    found = _of_postgresql(error) if isinstance(error, psycopg.Error) else _of_sqlite(error)
    if found is None:
        return None
    kind, reason = found
    reason = reason.format(seconds=PATIENCE, why=next(iter(str(error).strip().splitlines()), ""))
    return kind(_("the database {name}: {reason}").format(name=engine.url.database or "", reason=reason))


def _missing(error: BaseException, engine: Engine) -> bool:
    """Whether SQLite could not open the file because there is none, or no folder for it."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CANTOPEN or not engine.url.database:
        return False
    try:
        Path(engine.url.database).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # the rights of a folder on the way: it may be there
    return False


def _of_sqlite(error: BaseException) -> _Meaning | None:
    # An extended code keeps the primary one in its low byte (https://sqlite.org/rescode.html).
    extended = getattr(error, "sqlite_errorcode", 0)
    # No room for the index of the write-ahead log, which whoever opens it first makes: a full disk, to a reader too.
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
    if code not in reasons:
        return None
    lasting = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return OutsideWorld if lasting else DatabaseUnavailable, reasons[code]


def _of_postgresql(error: psycopg.Error) -> _Meaning | None:
    """By SQLSTATE (PostgreSQL's documentation, appendix A); the longest prefix counts."""
    if error.sqlstate is None:  # no server said anything
        unheard = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return (DatabaseUnavailable, _("it does not answer: {why}")) if unheard else None
    undone = _("another transaction stood in the way; nothing was changed")
    away = _("the server is stopping or starting; nothing was changed")
    reasons: Mapping[str, _Meaning] = {
        "08": (DatabaseUnavailable, _("the connection was lost")),
        "25006": (DatabaseUnavailable, _("it is read-only: a standby, or a server that was told so")),
        "25P03": (DatabaseUnavailable, _("this process was silent in the middle of a transaction, which was undone")),
        "40": (Collision, undone),
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
        "XX001": (OutsideWorld, _("the file is damaged; restore a backup")),
        "XX002": (OutsideWorld, _("the file is damaged; restore a backup")),
    }
    return reasons.get(error.sqlstate) or reasons.get(error.sqlstate[:2])
