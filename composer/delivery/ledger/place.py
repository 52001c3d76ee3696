"""Where a database is, written into itself: a copy of it, which may send what the other one sends, is told by that."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, delete, select, text, update

from composer.database import insert_or_ignore
from composer.subscribers.tables import fingerprints

#: The name in the table of fingerprints.
_NAME = "place"
#: The same, of a copy: whether a person has said that it is the newsroom now; before a process found it to be one, too.
_COPY, _UNSETTLED, _SETTLED = "copy", "?", "here"


def copied(connection: Connection) -> bool:
    """Whether this database was copied since a process last sent from it, or put back from a copy; from now on this is
    its place. On SQLite a place is the file's inode, which renaming keeps; on PostgreSQL the server's identifier, which
    a standby shares, and the database's number. False where it cannot be told."""
    place = _place(connection)
    if place is None:
        return False
    elsewhere = update(fingerprints).where(fingerprints.c.name == _NAME, fingerprints.c.fingerprint != place)
    if connection.execute(elsewhere.values(fingerprint=place)).rowcount == 1:
        said = delete(fingerprints).where(fingerprints.c.name == _COPY, fingerprints.c.fingerprint == _SETTLED)
        if connection.execute(said).rowcount == 0:
            connection.execute(insert_or_ignore(connection, fingerprints).values(name=_COPY, fingerprint=_UNSETTLED))
        return True
    connection.execute(insert_or_ignore(connection, fingerprints).values(name=_NAME, fingerprint=place))
    return False


def unsettled_copy(connection: Connection) -> bool:
    """Whether this is a copy of which no person has said yet that it is the newsroom now (``settle_here``)."""
    asked = select(fingerprints.c.fingerprint).where(fingerprints.c.name == _COPY)
    return connection.execute(asked).scalar() == _UNSETTLED


def may_be_settled(connection: Connection) -> bool:
    """Whether this is a copy, found to be one or not yet, of which no person has said that it is the newsroom now."""
    rows = connection.execute(select(fingerprints.c.name, fingerprints.c.fingerprint)).all()
    known = {row.name: row.fingerprint for row in rows}
    if known.get(_COPY) == _UNSETTLED:
        return True
    return _COPY not in known and known.get(_NAME, here := _place(connection)) != here


def settle_here(connection: Connection) -> None:
    """Note that this database, which may be settled, is the newsroom's now, wherever it was copied from."""
    found = connection.execute(delete(fingerprints).where(fingerprints.c.name == _COPY)).rowcount
    if found == 0:
        connection.execute(insert_or_ignore(connection, fingerprints).values(name=_COPY, fingerprint=_SETTLED))


def forget_place(connection: Connection) -> None:
    """Leave it to the next process that sends to write where this database is."""
    connection.execute(delete(fingerprints).where(fingerprints.c.name == _NAME))


def stay_at(copy: sqlite3.Connection, file: Path) -> None:
    """Have ``copy``, in ``file``, be no copy: it is to take the place of one that was lost."""
    with suppress(sqlite3.OperationalError):  # the tables of another program
        copy.execute("UPDATE fingerprints SET fingerprint = ? WHERE name = ?", (_of_file(file), _NAME))


def _place(connection: Connection) -> str | None:
    if connection.dialect.name == "sqlite":
        file = connection.engine.url.database
        return _of_file(Path(file)) if file else None
    asked = text("SELECT has_function_privilege(to_regprocedure('pg_control_system()')::oid, 'EXECUTE')")
    if not connection.execute(asked).scalar_one():  # a server of another make, or one that keeps it for itself
        return None
    number = text(
        "SELECT to_hex(system_identifier) || ':' || (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "FROM pg_control_system()"
    )
    return str(connection.execute(number).scalar_one())


def _of_file(file: Path) -> str:
    return f"inode {file.stat().st_ino}"
