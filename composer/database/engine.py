"""One engine for SQLite and PostgreSQL.

SQLite runs in WAL with ``synchronous=FULL``: a commit survives a power cut, which the ledger relies on. Every
transaction begins with ``BEGIN IMMEDIATE``, so that two writers wait for each other instead of failing at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
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


def connect(url: str, root: Path) -> Engine:
    """An engine for ``url``; a relative SQLite path starts at ``root`` and its folder is made.

    Raises ``OutsideWorld`` where the URL is not understood.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise OutsideWorld(_("the database URL is not understood; an example: sqlite:///var/filigrane.db")) from error
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        path = root / parsed.database
        path.parent.mkdir(parents=True, exist_ok=True)
        parsed = parsed.set(database=str(path))
    engine = create_engine(parsed, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read: on SQLite they do not wait for the writer."""
    return engine.execution_options(reading=True)


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is DEFERRED, and absent before a SELECT
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").fetchone()


def _begin(connection: Connection) -> None:
    deferred = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN DEFERRED" if deferred else "BEGIN IMMEDIATE")
