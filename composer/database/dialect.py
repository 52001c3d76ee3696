"""Inserts, locks and ids that SQLite, with one writer at a time, and PostgreSQL, with many, need in different SQL."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_ignore(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that skips rows with an existing key, and RETURNs nothing for them.

    On PostgreSQL it waits for another transaction that is writing the same key, so its answer is final. An INSERT that
    fails instead would abort the caller's whole transaction there.
    """
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def advisory_lock(connection: Connection, doing: str) -> None:
    """Take the exclusive lock named ``doing`` until this transaction ends. Call it before any read."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"filigrane {doing}"))))


def alongside(connection: Connection, doing: str) -> None:
    """Take the lock named ``doing`` until this transaction ends, shared: it excludes ``advisory_lock`` only."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(func.hashtext(f"filigrane {doing}"))))


def skip_ids(connection: Connection, table: Table, by: int) -> None:
    """Make future ids of ``table`` at least ``by`` above the last one. On SQLite it must be AUTOINCREMENT."""
    values = {"name": table.name, "by": by}
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, func.nextval(sequence) + by)))
        return
    counted = text("UPDATE sqlite_sequence SET seq = seq + :by WHERE name = :name")
    if connection.execute(counted, values).rowcount == 0:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :by)"), values)
