"""Try a database as sending uses it: write, read back, look for damage."""

from __future__ import annotations

import sqlite3
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, text

from composer.database.engine import hurried, read_only
from composer.database.errors import DatabaseDamaged, DatabaseUnavailable, file_number, translated
from composer.locale import gettext as _

#: Instructions of SQLite's machine between two looks at the time.
_OFTEN = 100_000

_PATIENCE = 3

_WRITE = text("UPDATE alembic_version SET version_num = version_num")
_KEYS = text("SELECT to_regclass('alembic_version_pkc')")
_READ = text("SELECT version_num FROM alembic_version")


def written_and_read(engine: Engine) -> None:
    """Write one row as it is, and read it back; on PostgreSQL the write is rolled back. Waits ``_PATIENCE`` seconds for
    SQLite's other writer.

    Raises what any use of the database raises (``composer.database.connect``).
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection, connection.begin() as transaction:
            connection.execute(_WRITE)
            connection.execute(_READ).one()
            transaction.rollback()
        return
    with hurried(engine, _PATIENCE).begin() as connection:  # only what is committed needs room on the disk
        connection.execute(_WRITE)
    with read_only(engine).connect() as connection:
        connection.execute(_READ).one()


def undamaged(engine: Engine, seconds: float, *, indexes: bool = False) -> bool:
    """Look through a SQLite file for damage, for ``seconds`` at most; whether that was enough for the whole file.
    With ``indexes``, whether each agrees with its table, too.

    Raises ``DatabaseDamaged``. On PostgreSQL nothing is looked at.
    """
    if engine.dialect.name == "postgresql":
        return True
    with read_only(engine).connect() as connection:
        check = "integrity_check" if indexes else "quick_check"
        return _undamaged(engine, connection.connection.driver_connection, seconds, check)


def require_whole(connection: Connection) -> None:
    """Raise ``DatabaseUnavailable`` where PostgreSQL's tables are being restored under this process: ``pg_restore``
    makes them first, then fills them, and gives them their keys last. Rows that are not there yet are no lost ones."""
    if connection.dialect.name == "postgresql" and connection.execute(_KEYS).scalar_one() is None:
        told = _("the database {name}: its tables have no keys: it is being restored; what is sent waits until then")
        raise DatabaseUnavailable(told.format(name=connection.engine.url.database))


def _undamaged(engine: Engine, driver: Any, seconds: float, check: str) -> bool:
    end = monotonic() + seconds
    driver.set_progress_handler(lambda: monotonic() > end, _OFTEN)
    try:
        (found,) = driver.execute(f"PRAGMA {check}(1)").fetchone()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return False
        raise translated(error, engine) or error from error
    finally:
        driver.set_progress_handler(None, 0)
    if found != "ok":
        message = _("the database {name}: the file is damaged; restore a backup ({what})")
        damage = DatabaseDamaged(message.format(name=engine.url.database, what=str(found).splitlines()[-1]))
        damage.file = file_number(engine.url.database or "")
        raise damage
    return True
