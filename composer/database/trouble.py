"""What a database's errors mean: which pass by themselves, and what a person reads of the others.

A statement that failed wrote nothing. A COMMIT that failed because the connection was lost may have been carried out:
whoever writes must be able to write the same again (the ledger's gates are: docs/delivery.md).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import psycopg
from sqlalchemy import ExceptionContext

from composer.errors import OutsideWorld
from composer.locale import gettext as _

#: Seconds that a writer waits for another one.
PATIENCE = 30


class DatabaseUnavailable(OutsideWorld):
    """The database is locked, read-only, away, or its disk full or failing: later it may be as it was."""


class Collision(DatabaseUnavailable):
    """Two transactions stood in each other's way, and this one was undone, whole: it may begin again at once."""


def sqlite_trouble(context: ExceptionContext) -> None:
    """A listener of ``handle_error``. Raises what ``composer.database.connect`` says."""
    error = context.original_exception
    # An extended code keeps the primary one in its low byte (https://sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
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
    if code in reasons:
        lasting = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        raise _said(context, OutsideWorld if lasting else DatabaseUnavailable, reasons[code]) from error


def postgresql_trouble(context: ExceptionContext) -> None:
    """The same for PostgreSQL, by SQLSTATE (PostgreSQL's documentation, appendix A); the longest prefix counts."""
    error = context.original_exception
    if context.is_pre_ping or not isinstance(error, psycopg.Error):
        return  # a connection of the pool that is gone: the pool makes another
    if error.sqlstate is None:  # no server said anything
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            words = next(iter(str(error).strip().splitlines()), "")
            raise _said(context, DatabaseUnavailable, _("it does not answer: {why}"), why=words) from error
        return
    undone = _("another transaction stood in the way; nothing was changed")
    away = _("the server is stopping or starting; nothing was changed")
    reasons: Mapping[str, tuple[type[OutsideWorld], str]] = {
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
    for length in (5, 2):
        if (found := reasons.get(error.sqlstate[:length])) is not None:
            raise _said(context, *found) from error


def _said(context: ExceptionContext, kind: type[OutsideWorld], reason: str, **words: str) -> OutsideWorld:
    engine = context.engine
    name = (engine.url.database or "") if engine is not None else ""
    return kind(_("the database {name}: {reason}").format(name=name, reason=reason.format(seconds=PATIENCE, **words)))
