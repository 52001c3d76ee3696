"""Staging of a list's rows until all are read: temporary tables, dropped with their connection."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import psycopg
from sqlalchemy import (
    Column,
    Connection,
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
from sqlalchemy.schema import CreateTable, DropTable

from composer.database import UTCDateTime
from composer.subscribers.record import DETAILS
from composer.subscribers.standing import Stance

_aside = MetaData()


def _columns() -> list[Column[Any]]:
    return [
        Column("email", String(320), nullable=False),
        *(Column(name, detail.type) for name, detail in DETAILS.items()),
        Column("subscribed_at", UTCDateTime),
        Column("source", String(200), nullable=False),
        Column("standing", Integer, nullable=False),
    ]


#: Valid rows in the order in which they are read, without a key or an index, until ``mark_duplicates``.
_arrived = Table(
    "import_arrived",
    _aside,
    Column("line", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("address_key", String(64), nullable=False),
    *_columns(),
    prefixes=["TEMPORARY"],
)

#: Valid rows, in the order of their keys: what looks readers up by them meets neighbours. ``part``: 0, or the number
#: of the address in a line that holds several. ``standing``: a ``Stance``. ``outcome``: see
#: ``composer.subscribers.merge``; ``added`` until something else is known, as of most rows nothing else is.
#: ``twin``: of a duplicate, the line used instead; of a row that is held, the refused line of the same address.
rows = Table(
    "import_rows",
    _aside,
    Column("address_key", String(64), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False, default=0, server_default="0"),
    *_columns(),
    Column("outcome", String(16), nullable=False, server_default="added"),
    Column("twin", Integer),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)

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
    for table in _TABLES:
        connection.execute(CreateTable(table))


_TABLES = (_arrived, rows, refusals, refused_keys)


#: Columns filled from ``read_candidate``; the others are set later.
_said = [column.name for column in _arrived.c]
_values = itemgetter(*_said)


def put(
    connection: Connection,
    good: Sequence[MutableMapping[str, Any]],
    bad: Sequence[Mapping[str, Any]],
    held: Sequence[Mapping[str, Any]] = (),
    above: int = 0,
) -> None:
    """Insert rows, refusals and holds: COPY on PostgreSQL, ``executemany`` on SQLite, at a third of SQLAlchemy's
    cost. ``above`` is added to each line. ``good`` is spent afterwards.
    """
    if above:
        bad, held = ([{**one, "line": one["line"] + above} for one in many] for many in (bad, held))
        for row in good:
            row["line"] += above
    if connection.dialect.name == "postgresql":
        driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment] # reason: it is
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in good:
                copy.write_row(_values(row))
    elif good:
        for row in good:
            for name in _instants:
                if (at := row[name]) is not None:
                    row[name] = _text(at)
        connection.exec_driver_sql(_INSERT, list(map(_values, good)))
    if bad:
        connection.execute(insert(refusals), bad)
    if held:
        connection.execute(insert(refused_keys), held)


_instants = [column.name for column in _arrived.c if isinstance(column.type, UTCDateTime)]
_COPY = f"COPY {_arrived.name} ({', '.join(_said)}) FROM STDIN"
_INSERT = f"INSERT INTO {_arrived.name} ({', '.join(_said)}) VALUES ({', '.join('?' * len(_said))})"  # noqa: S608 # reason: constants


@lru_cache(maxsize=10_000)
def _text(at: datetime) -> str:
    """``at``, in UTC, in the text form that ``UTCDateTime`` stores in SQLite."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def greatest_line(connection: Connection) -> int:
    """The greatest line of the rows and refusals that were put there; 0 before the first."""
    found = [connection.execute(select(func.max(table.c.line))).scalar_one() for table in (_arrived, refusals)]
    return max(line or 0 for line in found)


def drop(connection: Connection) -> None:
    """Drop the tables: a pooled connection would keep them, and the next import would find them."""
    for table in _TABLES:
        connection.execute(DropTable(table, if_exists=True))


def mark_duplicates(connection: Connection) -> None:
    """Put what has arrived in the order of its keys, and keep one row per address: the one that says that the reader
    left, or else the better tier, or else the first.

    Of two payments the one without an end, or with the later one, is the better.
    """
    names = [column.name for column in _arrived.c]
    order = (_arrived.c.address_key, _arrived.c.line, _arrived.c.part)
    connection.execute(insert(rows).from_select(names, select(_arrived).order_by(*order), include_defaults=False))
    connection.execute(DropTable(_arrived))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {rows.name}"))  # autovacuum does not analyse temporary tables
    paid = rows.c.tier == "paid"
    tier = case((and_(paid, rows.c.paid_until.is_(None)), 2), (paid, 1), else_=0).desc()
    until = case((paid, rows.c.paid_until)).desc()
    same, best = rows.c.address_key, (rows.c.standing.desc(), tier, until, rows.c.line, rows.c.part)
    several = select(same).group_by(same).having(func.count() > 1)  # few: only these are ranked, which is dear
    ranked = (
        select(
            same,
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
        .where(
            same == ranked.c.address_key, rows.c.line == ranked.c.line, rows.c.part == ranked.c.part, ranked.c.rank > 1
        )
        .values(outcome="duplicate", twin=ranked.c.twin)
    )


def better_tiers(connection: Connection) -> int:
    """The number of duplicates that say another tier than the row used instead."""
    kept = rows.alias("kept")
    tier = func.coalesce(rows.c.tier, "free")
    query = select(func.count()).where(
        rows.c.outcome == "duplicate",
        kept.c.address_key == rows.c.address_key,
        kept.c.line == rows.c.twin,
        tier != func.coalesce(kept.c.tier, "free"),
    )
    return connection.execute(query.where(kept.c.standing == int(Stance.IN))).scalar_one()
