"""Staging of a list's rows until all are read: temporary tables, dropped with their connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import psycopg
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    case,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from composer.database import UTCDateTime
from composer.subscribers.record import DETAILS
from composer.subscribers.standing import Stance

_aside = MetaData()

#: Valid rows. ``part``: 0, or the number of the address in a line that holds several. ``standing``: a ``Stance``.
#: ``outcome``: see ``composer.subscribers.merge``. ``twin``: of a duplicate,
#: the line used instead; of a row that is held, the refused line of the same address.
rows = Table(
    "import_rows",
    _aside,
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False, default=0, server_default="0"),
    Column("address_key", String(64), nullable=False),
    Column("email", String(320), nullable=False),
    *(Column(name, detail.type) for name, detail in DETAILS.items()),
    Column("subscribed_at", UTCDateTime),
    Column("source", String(200), nullable=False),
    Column("standing", Integer, nullable=False),
    Column("outcome", String(16)),
    Column("twin", Integer),
    prefixes=["TEMPORARY"],
)
_by_address = Index("ix_import_rows_address_key", rows.c.address_key)

#: Refused rows, with the reason.
refusals = Table(
    "import_refusals",
    _aside,
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    prefixes=["TEMPORARY"],
)

#: Addresses in refused rows that may say that their readers left: no other row brings them in.
refused_keys = Table(
    "import_holds",
    _aside,
    Column("line", Integer, nullable=False),
    Column("address_key", String(64), nullable=False, index=True),
    prefixes=["TEMPORARY"],
)


def create(connection: Connection) -> None:
    for table in (rows, refusals, refused_keys):
        connection.execute(CreateTable(table))


#: Columns filled from ``read_candidate``; the others, set later, start as NULL.
_said = [column.name for column in rows.c if column.name not in ("outcome", "twin")]
_values = itemgetter(*_said)


def put(
    connection: Connection,
    good: Sequence[Mapping[str, Any]],
    bad: Sequence[Mapping[str, Any]],
    held: Sequence[Mapping[str, Any]] = (),
    above: int = 0,
) -> None:
    """Insert rows, refusals and holds: COPY on PostgreSQL, ``executemany`` on SQLite, at a third of SQLAlchemy's
    cost. ``above`` is added to each line.
    """
    if above:
        good, bad, held = ([{**one, "line": one["line"] + above} for one in many] for many in (good, bad, held))
    if connection.dialect.name == "postgresql":
        driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment] # reason: it is
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in good:
                copy.write_row(_values(row))
    elif good:
        texts = ({**row, **{name: _text(row[name]) for name in _instants}} for row in good)
        connection.exec_driver_sql(_INSERT, list(map(_values, texts)))
    if bad:
        connection.execute(insert(refusals), bad)
    if held:
        connection.execute(insert(refused_keys), held)


_instants = [column.name for column in rows.c if isinstance(column.type, UTCDateTime)]
_COPY = f"COPY {rows.name} ({', '.join(_said)}) FROM STDIN"
_INSERT = f"INSERT INTO {rows.name} ({', '.join(_said)}) VALUES ({', '.join('?' * len(_said))})"  # noqa: S608 # reason: constants


@lru_cache(maxsize=10_000)
def _text(at: datetime | None) -> str | None:
    """``at`` in the text form that ``UTCDateTime`` stores in SQLite."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def drop(connection: Connection) -> None:
    """Drop the tables: a pooled connection would keep them, and the next import would find them."""
    for table in (rows, refusals, refused_keys):
        connection.execute(DropTable(table, if_exists=True))


def mark_duplicates(connection: Connection) -> None:
    """Keep one row per address: the one that says that the reader left, or else the better tier, or else the first.

    Of two payments the one without an end, or with the later one, is the better.
    """
    connection.execute(CreateIndex(_by_address))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {rows.name}"))  # autovacuum does not analyse temporary tables
    paid = rows.c.tier == "paid"
    tier = case((and_(paid, rows.c.paid_until.is_(None)), 2), (paid, 1), else_=0).desc()
    until = case((paid, rows.c.paid_until)).desc()
    same, best = rows.c.address_key, (rows.c.standing.desc(), tier, until, rows.c.line, rows.c.part)
    several = select(same).group_by(same).having(func.count() > 1)  # few: only these are ranked, which is dear
    ranked = (
        select(
            rows.c.line,
            rows.c.part,
            func.first_value(rows.c.line).over(partition_by=same, order_by=best).label("twin"),
            func.row_number().over(partition_by=same, order_by=best).label("rank"),
        )
        .where(same.in_(several))
        .subquery()
    )
    connection.execute(
        update(rows)
        .where(rows.c.line == ranked.c.line, rows.c.part == ranked.c.part, ranked.c.rank > 1)
        .values(outcome="duplicate", twin=ranked.c.twin)
    )


def better_tiers(connection: Connection) -> int:
    """The number of duplicates that say another tier than the row used instead."""
    kept = rows.alias("kept")
    tier = func.coalesce(rows.c.tier, "free")
    query = select(func.count()).where(
        rows.c.outcome == "duplicate", kept.c.line == rows.c.twin, tier != func.coalesce(kept.c.tier, "free")
    )
    return connection.execute(query.where(kept.c.standing == int(Stance.IN))).scalar_one()
