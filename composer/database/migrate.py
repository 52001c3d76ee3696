"""Migrate the schema of the database (alembic).

The migrations in ``migrations/versions`` do not import the tables of any room, so that a released one never changes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, inspect, text

from composer.database.dialect import advisory_lock
from composer.database.engine import connect, read_only
from composer.database.schema_revision import MIGRATIONS, name_of, read_revision, refuse_later, require_current
from composer.errors import Refused
from composer.locale import gettext as _

#: Gives the key of addresses (``composer.subscribers.address_key``), a new one where there is none.
MakeKey = Callable[[], bytes]


class Upgraded(NamedTuple):
    """``before``: the revision that was found, None in an empty database. ``rewritten``: how many keys of addresses
    were there, and are made anew."""

    before: str | None
    rewritten: int


def upgrade(engine: Engine, address_key: MakeKey) -> Upgraded:
    """Bring the schema to ``head()`` in one transaction: all of it or nothing. Does nothing where it is current.

    ``address_key`` is called where the keys of addresses are made by it. A second process that upgrades at the same
    time waits, then finds nothing to do. Raises ``Refused`` where a later version or another program wrote the
    database, ``OutsideWorld`` where it cannot be written.
    """
    with engine.begin() as connection:
        advisory_lock(connection, "upgrading")
        found = read_revision(connection)
        refuse_later(found)
        if found is None:
            _refuse_encoding(connection)
        if found is None and inspect(connection).get_table_names():
            raise Refused(
                _("the database {name} holds tables of another program; name another one under `database`").format(
                    name=name_of(engine)
                )
            )
        rewritten = _migrate(connection, "head", address_key)
    if rewritten and engine.dialect.name == "sqlite":
        with read_only(engine).connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log still holds the pages of before
    return Upgraded(found, rewritten)


def create_database(url: str, root: Path, address_key: MakeKey) -> Engine:
    """``open_database``; a missing or empty SQLite database is created with its tables first (``upgrade``)."""
    engine = connect(url, root, create=True)
    with read_only(engine).connect() as connection:
        empty = read_revision(connection) is None
    if empty and engine.dialect.name == "sqlite":
        upgrade(engine, address_key)
    require_current(engine)
    return engine


def make_tables(connection: Connection, wanted: str) -> None:
    """Make the tables of the revision ``wanted`` in an empty database, without a row in any of them.

    The table of the revision is empty too: until it is written, every process refuses the database.
    """
    _refuse_encoding(connection)
    _migrate(connection, wanted)
    tables = MetaData()
    tables.reflect(connection)
    for table in reversed(tables.sorted_tables):
        connection.execute(table.delete())  # a migration may have begun a table with a row


def _migrate(connection: Connection, wanted: str, address_key: MakeKey | None = None) -> int:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, address_key=address_key, rewritten=0)
    command.upgrade(config, wanted)
    return int(config.attributes["rewritten"])


def _refuse_encoding(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise Refused(
            _(
                "the database {name} is in {encoding}, which lacks letters that names and issues hold; make one in "
                "UTF-8, and name that: createdb --encoding UTF8 --template template0 filigrane"
            ).format(name=name_of(connection.engine), encoding=encoding)
        )
