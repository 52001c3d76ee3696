"""One engine for SQLite and PostgreSQL.

SQLite runs in WAL with ``synchronous=FULL``: a commit survives a power cut, which the ledger relies on. Every
transaction begins with ``BEGIN IMMEDIATE``, so that two writers wait for each other instead of failing at the end.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from composer.errors import OutsideWorld
from composer.locale import gettext as _

#: Every room adds its tables here.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Seconds that a writer waits for another one.
PATIENCE = 30


class DatabaseUnavailable(OutsideWorld):
    """SQLite's file is locked, read-only, or its disk full or failing: nothing was written, and later it may be."""


def connect(url: str, root: Path) -> Engine:
    """An engine for ``url``; a relative SQLite path starts at ``root`` and its folder is made.

    Raises ``OutsideWorld`` where the URL is not understood or the folder cannot be made. So does any use of the engine
    later on, where SQLite's file is damaged: a trouble that no code can mend; and ``DatabaseUnavailable`` where it is
    locked, read-only, or its disk full, which may pass.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, ImportError) as error:
        raise OutsideWorld(_("the database URL is not understood; an example: sqlite:///var/filigrane.db")) from error
    return _sqlite(parsed, root)


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read: on SQLite they do not wait for the writer."""
    return engine.execution_options(reading=True)


def _sqlite(url: URL, root: Path) -> Engine:
    if url.database and url.database != ":memory:":
        path = root / url.database
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutsideWorld(
                _("the folder of the database, {path}, cannot be made: {why}").format(
                    path=path.parent, why=error.strerror
                )
            ) from error
        url = url.set(database=str(path))
    engine = create_engine(url, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _outside)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is DEFERRED, and absent before a SELECT
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchone()


def _begin(connection: Connection) -> None:
    deferred = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN DEFERRED" if deferred else "BEGIN IMMEDIATE")


def _outside(context: ExceptionContext) -> None:
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
        engine = context.engine
        name = engine.url.database if engine is not None else ""
        reason = reasons[code].format(seconds=PATIENCE)
        lasting = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        trouble = OutsideWorld if lasting else DatabaseUnavailable
        raise trouble(_("the database {name}: {reason}").format(name=name, reason=reason)) from error
