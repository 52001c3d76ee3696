"""One engine for SQLite and PostgreSQL.

SQLite runs in WAL with ``synchronous=FULL``: a commit survives a power cut, which the ledger relies on. Every
transaction begins with ``BEGIN IMMEDIATE``, so that two writers wait for each other instead of failing at the end.

PostgreSQL runs in READ COMMITTED, the ledger's gates being single statements. A host that was cut off is noticed from
both sides within ``_CUT``: the client stops waiting for the server, and the server ends the client's transaction, whose
locks would otherwise keep the other hosts from its rows for hours.
"""

from __future__ import annotations

import os
import sqlite3
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from composer.database import errors
from composer.errors import OutsideWorld
from composer.locale import gettext as _

#: Seconds after which either side believes that the other is gone, less than the silence that kills a worker (30 s).
_CUT = 15

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


def connect(url: str, root: Path, *, create: bool = False) -> Engine:
    """An engine for ``url``; a relative SQLite path starts at ``root``.

    Only with ``create`` is an SQLite file that is not there made, with its folder. The engine itself never makes one:
    no command puts an empty database in place of one that was lost.

    Raises ``OutsideWorld`` where the URL is not understood or the file cannot be made. So does any use of the engine
    later on, where the database is damaged: a trouble that no code can mend; and ``DatabaseUnavailable`` where it is
    not there, locked, read-only, away, or its disk full, which may pass.
    """
    parsed = parse_url(url)
    return _sqlite(parsed, root, create=create) if parsed.drivername == "sqlite" else _postgresql(parsed)


def parse_url(url: str) -> URL:
    """The parts of a database URL. Raises ``OutsideWorld`` where it is not one of SQLite's or PostgreSQL's."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        # Without its cause, which may quote what stands where the port should: a part of a password.
        raise OutsideWorld(_("the database URL is not understood; an example: sqlite:///var/filigrane.db")) from None
    if parsed.drivername not in ("sqlite", "postgresql", "postgres", "postgresql+psycopg"):
        raise OutsideWorld(_("the database URL is not understood; an example: sqlite:///var/filigrane.db"))
    if parsed.drivername != "sqlite" and url.count("@") > 1:
        # The rest of the password would be taken for the host, and shown in every message about it.
        raise OutsideWorld(
            _(
                "the database URL holds more than one @: in a password, type %40 for @, %2F for /, %3A for :, "
                "%3F for ? and %25 for %"
            )
        )
    return parsed


def exists(url: str, root: Path) -> bool:
    """Whether an SQLite database is there; a server is not asked."""
    parsed = parse_url(url)
    return parsed.get_backend_name() != "sqlite" or bool(parsed.database and (root / parsed.database).exists())


def read_only(engine: Engine) -> Engine:
    """The same engine for transactions that only read: on SQLite they do not wait for the writer."""
    return engine.execution_options(reading=True)


def _sqlite(url: URL, root: Path, *, create: bool) -> Engine:
    path = root / url.database if url.database and url.database != ":memory:" else None
    if path is not None:
        if create:
            _make(path)
        url = url.set(database=str(path))
    engine = create_engine(url, connect_args={"timeout": errors.PATIENCE})
    if path is not None:
        event.listen(engine, "do_connect", partial(_open, f"{path.absolute().as_uri()}?mode=rw"))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", errors.raise_translated)
    return engine


def _make(path: Path) -> None:
    """An empty file, which SQLite takes for an empty database. Does nothing where something is there.

    Mode 0600, which SQLite gives to the files beside it too: they hold every reader's address.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        if path.exists():
            return
        message = _("the database {path} cannot be made: {why}")
        raise OutsideWorld(message.format(path=path, why=error.strerror)) from error


def _open(uri: str, _dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
    """Hand the driver the file as a URI whose mode keeps SQLite from making it (https://sqlite.org/uri.html).

    ``engine.url.database`` remains the path: backups and messages use it.
    """
    arguments[:] = [uri]
    options["uri"] = True


def _postgresql(url: URL) -> Engine:
    cut, probes = _CUT * 1000, ["keepalives_idle=5", "keepalives_interval=3", "keepalives_count=3"]
    server = {
        "timezone": "UTC",
        "lock_timeout": errors.PATIENCE * 1000,
        "idle_in_transaction_session_timeout": cut,
        "client_connection_check_interval": cut,
        "tcp_user_timeout": cut,
        **{f"tcp_{name}": value for name, value in (probe.split("=") for probe in probes)},
    }
    client = {
        "connect_timeout": "10",
        "tcp_user_timeout": str(cut),
        "options": " ".join(f"-c {name}={value}" for name, value in server.items()),
        **dict(probe.split("=") for probe in probes),
    }
    # What the URL says wins: ?connect_timeout=3, ?options=... for a pooler that takes none.
    wanted = {name: value for name, value in client.items() if name not in url.query}
    engine = create_engine(url.set(drivername="postgresql+psycopg"), connect_args=wanted, pool_pre_ping=True)
    event.listen(engine, "handle_error", errors.raise_translated)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is DEFERRED, and absent before a SELECT
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchone()


#: Seconds between looks at a database that somebody else writes to: 0.3 ms first, then ever more, 50 ms in all.
_LOOKS = [min(0.0003 * 1.2**look, 0.003) for look in range(24)]


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("BEGIN DEFERRED")
    elif not _begun_soon(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begun_soon(connection: Connection) -> bool:
    """Whether the other writers made room within some milliseconds.

    SQLite waits by sleeping 1, 2, 5 ... 100 ms: between two processes that write a thousand times a second, the one
    that has just written would nearly always write next. Looking more often costs less than that.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        for pause in _LOOKS:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    return False  # it is said once more, where trouble is translated
                sleep(pause)
            else:
                return True
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout={round(errors.PATIENCE * 1000)}")
