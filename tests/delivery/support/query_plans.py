"""How a database finds the rows that a piece of code asks for: by which columns of an index, or by reading them all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event, insert, literal, select

from composer.delivery.tables import deliveries, mailings
from tests.delivery.support.sample_ledger import Ready

#: SQLite: SEARCH deliveries USING INDEX name (mailing_id=? AND subscriber_id>?). PostgreSQL: Index Cond: (…).
_CONDITION = re.compile(r"USING (?:COVERING |INTEGER )?(?:INDEX \w+|PRIMARY KEY) \((.*)\)|Index Cond: \((.*)\)")


def add_mailings(ledger: Ready, number: int) -> None:
    """As many more mailings as ``number``, to the same readers; and, on PostgreSQL, statistics of them."""
    with ledger.engine.begin() as connection:
        first = dict(connection.execute(select(mailings).where(mailings.c.id == ledger.mailing)).one()._mapping)
        columns = [column for column in deliveries.c if column.name not in ("id", "mailing_id")]
        for one in range(ledger.mailing + 1, ledger.mailing + 1 + number):
            connection.execute(insert(mailings).values(first | {"id": one, "slug": f"n{one}", "state": "done"}))
            copies = select(literal(one), *columns).where(deliveries.c.mailing_id == ledger.mailing)
            connection.execute(insert(deliveries).from_select(["mailing_id", *(c.name for c in columns)], copies))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")


@dataclass(frozen=True)
class Plan:
    """Of one statement: what it is, and what the database says that it would do."""

    statement: str
    told: str

    @property
    def scans(self) -> bool:
        return bool(re.search(r"SCAN deliveries|Seq Scan on deliveries", self.told))

    @property
    def sorts(self) -> bool:
        return bool(re.search(r"USE TEMP B-TREE|Sort", self.told))

    @property
    def sought(self) -> set[str]:
        """The columns by which an index is entered."""
        conditions = " ".join(filter(None, (part for found in _CONDITION.findall(self.told) for part in found)))
        return {"id" if word == "rowid" else word for word in re.findall(r"\b[a-z_]*id\b|\bstate\b", conditions)}


def plans(engine: Engine, doing: Callable[[], object]) -> Iterator[Plan]:
    """Of every statement about ``deliveries`` that ``doing`` executes.

    On PostgreSQL with sequential scans made dear: reading a test's table whole may be the best, so small as it is.
    """
    said: list[tuple[str, Any]] = []

    def remember(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if "deliveries" in statement:
            said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", remember)
    try:
        doing()
    finally:
        event.remove(engine, "before_cursor_execute", remember)
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in said:
            rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' * sqlite}{statement}", parameters)
            yield Plan(statement, "\n".join(str(row[-1]) for row in rows))
