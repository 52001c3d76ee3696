"""Writing what may be written only once, whoever comes first: SQLite has one writer at a time, PostgreSQL many."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves alone a row whose key is there, and RETURNs nothing of it.

    On PostgreSQL it waits for another transaction that is writing the same key: what it finds then is the truth. An
    INSERT that fails instead would spoil the caller's whole transaction there.
    """
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def alone(connection: Connection, doing: str) -> None:
    """Until this transaction ends nobody else is ``doing`` this. To be said before anything is read."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"filigrane {doing}"))))


def alongside(connection: Connection, doing: str) -> None:
    """Until this transaction ends others may be ``doing`` this too, but none is ``alone`` in it."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(func.hashtext(f"filigrane {doing}"))))
