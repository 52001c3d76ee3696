"""Where the rows of a list wait until all of them were read: two temporary tables, gone with their connection."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Connection, Index, Integer, MetaData, String, Table, Text, func, select, update
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from composer.database import Instant

_aside = MetaData()

#: Rows that can be imported on their own account. ``outcome`` is what became of them (``composer.subscribers.merge``);
#: of a duplicate, ``twin`` is the line that counts.
rows = Table(
    "import_rows",
    _aside,
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("address_key", String(64), nullable=False),
    Column("email", String(320), nullable=False),
    Column("name", String(200)),
    Column("tier", String(8)),
    Column("paid_until", Instant),
    Column("language", String(8)),
    Column("subscribed_at", Instant),
    Column("source", String(200), nullable=False),
    Column("leaves", Boolean, nullable=False),
    Column("outcome", String(16)),
    Column("twin", Integer),
    prefixes=["TEMPORARY"],
)
_by_address = Index("ix_import_rows_address_key", rows.c.address_key, rows.c.leaves.desc(), rows.c.line)

#: Rows that cannot, and why.
refusals = Table(
    "import_refusals",
    _aside,
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    prefixes=["TEMPORARY"],
)


def create(connection: Connection) -> None:
    connection.execute(CreateTable(rows))
    connection.execute(CreateTable(refusals))


def drop(connection: Connection) -> None:
    """A pooled connection keeps its temporary tables: the next import would find these."""
    connection.execute(DropTable(rows, if_exists=True))
    connection.execute(DropTable(refusals, if_exists=True))


def mark_duplicates(connection: Connection) -> None:
    """Of the rows with one address the first counts; before it, the first that says this person left."""
    connection.execute(CreateIndex(_by_address))
    same, first = rows.c.address_key, (rows.c.leaves.desc(), rows.c.line)
    ranked = select(
        rows.c.line,
        func.first_value(rows.c.line).over(partition_by=same, order_by=first).label("twin"),
        func.row_number().over(partition_by=same, order_by=first).label("rank"),
    ).subquery()
    connection.execute(
        update(rows)
        .where(rows.c.line == ranked.c.line, ranked.c.rank > 1)
        .values(outcome="duplicate", twin=ranked.c.twin)
    )
