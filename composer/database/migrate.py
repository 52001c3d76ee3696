"""Migrate the schema of the database (alembic).

The migrations in ``migrations/versions`` do not import the tables of any room, so that a released one never changes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect, text

from composer.database.dialect import advisory_lock
from composer.database.engine import connect, read_only
from composer.database.errors import DatabaseUnavailable
from composer.errors import Refused
from composer.locale import gettext as _

#: Gives the key of addresses (``composer.subscribers.address_key``), a new one where there is none.
MakeKey = Callable[[], bytes]

_FOLDER = Path(__file__).with_name("migrations")


def head() -> str:
    """The revision this version of Filigrane was written for."""
    return _known()[0]


def revisions() -> tuple[str, ...]:
    """Every revision that this version can upgrade to ``head()``, the newest first."""
    return _known()


@cache
def _known() -> tuple[str, ...]:
    return tuple(script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions())


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
        found = _revision(connection)
        _refuse_later(found)
        if found is None:
            _refuse_encoding(connection)
        if found is None and inspect(connection).get_table_names():
            raise Refused(
                _("the database {name} holds tables of another program; name another one under `database`").format(
                    name=_name(engine)
                )
            )
        rewritten = _migrate(connection, "head", address_key)
    if rewritten and engine.dialect.name == "sqlite":
        with read_only(engine).connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log still holds the pages of before
    return Upgraded(found, rewritten)


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
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, address_key=address_key, rewritten=0)
    command.upgrade(config, wanted)
    return int(config.attributes["rewritten"])


def revision(engine: Engine) -> str | None:
    """The revision of the schema; ``None`` in an empty database."""
    with read_only(engine).connect() as connection:
        return _revision(connection)


def require_current(engine: Engine) -> None:
    """Raise ``Refused``, with the command to type, where the schema is not at ``head()``."""
    found = revision(engine)
    _refuse_later(found)
    if found != head():
        raise Refused(
            _(
                "the database {name} is at revision {found} and this version needs {head}; type: filigrane db upgrade"
            ).format(name=_name(engine), found=found or "-", head=head())
        )


def changed(engine: Engine) -> DatabaseUnavailable | None:
    """The error to end with where another version changed the tables since this process required them to be current;
    None where they have no revision, as while they are restored."""
    if (found := revision(engine)) in (None, head()):
        return None
    told = _(
        "the database {name} went from revision {before} to {after} while this process ran, which ends: start it "
        "again, in the version that changed the database"
    )
    return DatabaseUnavailable(told.format(name=_name(engine), before=head(), after=found))


def open_database(url: str, root: Path, *, create: MakeKey | None = None) -> Engine:
    """Connect to a database and require a current schema. A relative path starts at ``root``, the newsroom.

    With ``create``, a missing or empty SQLite database is created with its tables, and the address key that this gives
    (``upgrade``). What looks for addresses in it calls ``composer.subscribers.address_key.open_keyed``. Raises
    ``Refused`` (see ``require_current``) and ``OutsideWorld``, also where the database is missing.
    """
    engine = connect(url, root, create=create is not None)
    if create and engine.dialect.name == "sqlite" and revision(engine) is None:
        upgrade(engine, create)
    require_current(engine)
    return engine


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_later(found: str | None) -> None:
    if found is not None and found not in _known():
        raise Refused(
            _(
                "the database is at revision {found}, which this version of Filigrane does not know: a later version "
                "upgraded it; install that version, or restore a backup"
            ).format(found=found)
        )


def _refuse_encoding(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise Refused(
            _(
                "the database {name} is in {encoding}, which lacks letters that names and issues hold; make one in "
                "UTF-8, and name that: createdb --encoding UTF8 --template template0 filigrane"
            ).format(name=_name(connection.engine), encoding=encoding)
        )


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
