"""Going on far above the numbers that were given out."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select, text


def leap(connection: Connection, table: Table, by: int) -> None:
    """Rows of ``table`` get ids at least ``by`` above its last one from now on. On SQLite it must be AUTOINCREMENT."""
    values = {"name": table.name, "by": by}
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, func.nextval(sequence) + by)))
        return
    counted = text("UPDATE sqlite_sequence SET seq = seq + :by WHERE name = :name")
    if connection.execute(counted, values).rowcount == 0:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :by)"), values)
