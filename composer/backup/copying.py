"""A consistent copy of the database while it is in use: SQLite's online backup, or pg_dump's snapshot."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import URL

from composer.database.dump import load_rows, read_index
from composer.database.migrate import make_tables
from composer.delivery.smtp.reply import scrub
from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _

#: Seconds to wait for a process that writes.
_PATIENCE = 30


def copy_out(engine: Engine, target: Path) -> None:
    """Write a copy of the database to ``target``. Raises ``OutsideWorld`` where it cannot be copied.

    The dump of PostgreSQL leaves out the revision: until it is written, last, every process refuses a restored
    database. Triggers and views, which are none of ours, are left out.
    """
    if engine.dialect.name == "postgresql":
        schema = (inspect(engine).default_schema_name or "public").replace('"', '""')
        options = ["--no-owner", "--no-privileges", "--exclude-table-data=alembic_version", f"--file={target}"]
        options.append(f'--schema="{schema}"')  # others may hold tables of the same names
        with _conninfo(engine.url) as database:
            _run("pg_dump", [*options, f"--dbname={database}"])
        return
    try:
        with (
            closing(sqlite3.connect(engine.url.database or "", timeout=_PATIENCE)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            _drop_code(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise OutsideWorld(_("the database cannot be copied: {why}").format(why=error)) from error
    if found != "ok":
        raise OutsideWorld(_("the database cannot be copied: {why}").format(why=found))


def _drop_code(copy: sqlite3.Connection) -> None:
    found = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view') ORDER BY type"
    for kind, name in copy.execute(found).fetchall():
        quoted = str(name).replace('"', '""')
        copy.execute(f'DROP {kind} IF EXISTS "{quoted}"')
    copy.commit()


def require_empty(engine: Engine) -> None:
    """Raises ``Refused`` where the PostgreSQL database holds anything."""
    if inspect(engine).get_table_names():
        message = _("the database {name} is not empty: make a new one (createdb) and name it in FILIGRANE_DATABASE_URL")
        raise Refused(message.format(name=engine.url.render_as_string()))


def load_dump(engine: Engine, dump: Path, revision: str) -> tuple[str, ...]:
    """Make the tables of ``revision`` in an empty database, and fill them with the rows in pg_dump's file. Return the
    names of what was left out (``load_rows``).

    In one transaction. The file is parsed and never run as SQL: a changed backup can run no command.
    """
    index = read_index(dump)
    with engine.begin() as connection:
        make_tables(connection, revision)
        return load_rows(connection, index)


def write_revision(engine: Engine, revision: str) -> None:
    """Write the schema revision, as the last step: until then every process refuses the database."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:revision)"), {"revision": revision})


@contextmanager
def _conninfo(url: URL) -> Iterator[str]:
    """A URL for pg_dump. The password is in a file, as any user can read a command line."""
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    if url.password is None:
        yield plain.render_as_string()
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "password"
        file.touch(0o600)
        escaped = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
        file.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
        yield plain.update_query_dict({"passfile": str(file)}).render_as_string()


def _run(program: str, arguments: Sequence[str]) -> None:
    try:
        command = [program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 # reason: named here; no shell
    except OSError as error:
        message = _("{program} is needed for a PostgreSQL database, and is not installed (postgresql-client)")
        raise OutsideWorld(message.format(program=program)) from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [str(done.returncode)]
        why = next((line for line in lines if "rror" in line), lines[-1])
        raise OutsideWorld(_("{program} failed: {why}").format(program=program, why=scrub(why)))
