"""One engine for SQLite and PostgreSQL.

SQLite runs in WAL with ``synchronous=FULL``: a commit survives a power cut, which the ledger relies on. Every
transaction begins with ``BEGIN IMMEDIATE``, so that two writers wait for each other instead of failing at the end.

PostgreSQL runs in READ COMMITTED, which suffices because the ledger checks and changes states in single statements. A
lost connection is noticed on both sides within ``_CUT``: the client stops waiting for the server, and the server ends
the client's transaction, since its locks would otherwise block other hosts for hours. These settings hold whatever is
set for the role, the database or the server: a limit to statements that suits a website would keep a mailing to many
readers from ever opening.
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

from composer.database import errors, open_file
from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason

#: Seconds after which either side gives up the other; less than the 30 s without heartbeat that end a worker.
_CUT = 15

#: Holds the tables of all rooms.
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

    A missing SQLite file is created, with its folder, only with ``create``. The engine itself never creates one: no
    command may replace a lost database by an empty one.

    Raises ``OutsideWorld`` where the URL is not understood or the file cannot be created. Any later use of the engine
    raises ``DatabaseDamaged``; ``DatabaseReplaced`` where the file was deleted or replaced while it was open; and
    ``DatabaseUnavailable`` where it is missing, locked, read-only, unreachable, or its disk is full, which may be
    temporary.
    """
    parsed = parse_url(url)
    return _sqlite(parsed, root, create=create) if parsed.drivername == "sqlite" else _postgresql(parsed)


def parse_url(url: str) -> URL:
    """The parts of a database URL. Raises ``OutsideWorld`` where it is not one of SQLite's or PostgreSQL's."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: the port is not a number
        # "from None": the cause may quote a part of the password in place of the port.
        raise OutsideWorld(_("the database URL is not understood; an example: sqlite:///var/filigrane.db")) from None
    if parsed.drivername not in ("sqlite", "postgresql", "postgres", "postgresql+psycopg"):
        raise OutsideWorld(_("the database URL is not understood; an example: sqlite:///var/filigrane.db"))
    if parsed.drivername != "sqlite" and url.count("@") > 1:
        # SQLAlchemy would take the rest of the password for the host, and messages would show it.
        raise OutsideWorld(
            _(
                "the database URL holds more than one @: in a password, type %40 for @, %2F for /, %3A for :, "
                "%3F for ? and %25 for %"
            )
        )
    return parsed


def exists(url: str, root: Path) -> bool:
    """Whether the SQLite file exists; always True for PostgreSQL, without connecting."""
    parsed = parse_url(url)
    return parsed.get_backend_name() != "sqlite" or bool(parsed.database and (root / parsed.database).exists())


def even_replaced(connection: Connection) -> Connection:
    """The same connection, which still writes to a file that was deleted or replaced (``open_file.replaced``)."""
    return connection.execution_options(even_replaced=True)


def hurried(engine: Engine, seconds: float) -> Engine:
    """The same engine for transactions that wait for ``seconds`` at most for SQLite's other writer."""
    return engine.execution_options(patience=seconds)


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
    if path is not None:
        open_file.watch(engine, path)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", errors.raise_translated)
    return engine


def _make(path: Path) -> None:
    """Create an empty file, which SQLite takes for an empty database. Does nothing where the path exists.

    Mode 0600, which SQLite also gives to its -wal and -shm files: they hold readers' addresses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        if path.exists():
            return
        message = _("the database {path} cannot be made: {why}")
        raise OutsideWorld(message.format(path=path, why=os_reason(error))) from error


def _open(uri: str, _dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
    """Give the driver a URI with mode=rw, which keeps SQLite from creating the file (https://sqlite.org/uri.html).

    ``engine.url.database`` remains a path: backups and error messages use it.
    """
    arguments[:] = [uri]
    options["uri"] = True


def _postgresql(url: URL) -> Engine:
    cut, probes = _CUT * 1000, ["keepalives_idle=5", "keepalives_interval=3", "keepalives_count=3"]
    server = {
        "timezone": "UTC",
        "client_encoding": "UTF8",
        "default_transaction_isolation": "read\\ committed",
        "lock_timeout": errors.PATIENCE * 1000,
        "statement_timeout": 0,
        "idle_session_timeout": 0,
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
    # Options in the URL win: ?connect_timeout=3, or ?options=... for a pooler that accepts none.
    wanted = {name: value for name, value in client.items() if name not in url.query}
    engine = create_engine(url.set(drivername="postgresql+psycopg"), connect_args=wanted, pool_pre_ping=True)
    event.listen(engine, "handle_error", errors.raise_translated)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver itself would send BEGIN DEFERRED, and none before a SELECT
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchone()


#: Seconds between attempts to begin while another process writes: 0.3 ms, then longer, 50 ms in total.
_RETRIES = [min(0.0003 * 1.2**number, 0.003) for number in range(24)]


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("reading", False):
        connection.exec_driver_sql("BEGIN DEFERRED")
        return
    if not options.get("even_replaced", False) and (error := open_file.replaced(connection)) is not None:
        raise error
    if not _begin_soon(connection, options.get("patience", errors.PATIENCE)):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_soon(connection: Connection, patience: float) -> bool:
    """Try to begin a write transaction for about 50 ms, retrying often. True once it has begun; else a BEGIN waits for
    ``patience`` seconds.

    SQLite itself retries after 1, 2, 5 ... 100 ms: of two processes that write a thousand times a second, the one that
    has just written would nearly always win. Retrying more often costs less than that wait.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        for pause in _RETRIES:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    return False  # the BEGIN in _begin fails again, and raises through raise_translated
                sleep(pause)
            else:
                return True
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout={round(patience * 1000)}")
