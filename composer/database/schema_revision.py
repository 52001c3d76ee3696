"""The revision of a database's schema, and what requires it to be ours: without alembic, which takes a tenth of the
start of every command and only ``migrate`` needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from composer.database.engine import connect, read_only
from composer.database.errors import DatabaseUnavailable
from composer.errors import Refused
from composer.locale import gettext as _

MIGRATIONS = Path(__file__).with_name("migrations")


def head() -> str:
    """The revision this version of Filigrane was written for."""
    return revisions()[0]


@cache
def revisions() -> tuple[str, ...]:
    """Every revision that this version can upgrade to ``head()``, the newest first: as the files of the migrations are
    named (``versions/tables_<revision>.py``)."""
    return tuple(sorted((file.stem.removeprefix("tables_") for file in MIGRATIONS.glob("versions/*.py")), reverse=True))


def revision(engine: Engine) -> str | None:
    """The revision of the schema; ``None`` in an empty database."""
    with read_only(engine).connect() as connection:
        return read_revision(connection)


def require_current(engine: Engine) -> None:
    """Raise ``Refused``, with the command to type, where the schema is not at ``head()``."""
    found = revision(engine)
    refuse_later(found)
    if found != head():
        raise Refused(
            _(
                "the database {name} is at revision {found} and this version needs {head}; type: filigrane db upgrade"
            ).format(name=name_of(engine), found=found or "-", head=head())
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
    return DatabaseUnavailable(told.format(name=name_of(engine), before=head(), after=found))


def open_database(url: str, root: Path) -> Engine:
    """Connect to a database and require a current schema. A relative path starts at ``root``, the newsroom.

    What looks for addresses in it calls ``composer.subscribers.address_key.open_keyed``. Raises ``Refused`` (see
    ``require_current``) and ``OutsideWorld``, also where the database is missing.
    """
    engine = connect(url, root)
    require_current(engine)
    return engine


def read_revision(connection: Connection) -> str | None:
    """The revision of the schema that ``connection`` reads; None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def refuse_later(found: str | None) -> None:
    """Raise ``Refused`` where a later version of Filigrane wrote the database."""
    if found is not None and found not in revisions():
        raise Refused(
            _(
                "the database is at revision {found}, which this version of Filigrane does not know: a later version "
                "upgraded it; install that version, or restore a backup"
            ).format(found=found)
        )


def name_of(engine: Engine) -> str:
    """The address of the database, without its password."""
    return engine.url.render_as_string(hide_password=True)
