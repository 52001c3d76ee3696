"""Writing what may be written only once, whoever comes first: SQLite has one writer at a time, PostgreSQL many."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_ignore(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves alone a row whose key is there, and RETURNs nothing of it.

    On PostgreSQL it waits for another transaction that is writing the same key: what it finds then is the truth. An
    INSERT that fails instead would spoil the caller's whole transaction there.
    """
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def advisory_lock(connection: Connection, doing: str) -> None:
    """Until this transaction ends nobody else is ``doing`` this. To be said before anything is read."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"filigrane {doing}"))))


def alongside(connection: Connection, doing: str) -> None:
    """Until this transaction ends others may be ``doing`` this too, but none holds ``advisory_lock`` on it."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(func.hashtext(f"filigrane {doing}"))))


def skip_ids(connection: Connection, table: Table, by: int) -> None:
    """Rows of ``table`` get ids at least ``by`` above its last one from now on. On SQLite it must be AUTOINCREMENT."""
    values = {"name": table.name, "by": by}
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, func.nextval(sequence) + by)))
        return
    counted = text("UPDATE sqlite_sequence SET seq = seq + :by WHERE name = :name")
    if connection.execute(counted, values).rowcount == 0:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :by)"), values)
