"""Why readers leave: one answer of a few, counted by publication and month, and kept with nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select, update

from composer.database import insert_or_ignore
from composer.subscribers.tables import leaving_reasons

#: The answers, with what the page says. A count keeps the name: never give one another meaning.
REASONS = {
    "often": "It comes too often",
    "subjects": "Its subjects are not mine any more",
    "time": "I do not find the time to read it",
    "elsewhere": "I read it elsewhere, or at another address",
    "unasked": "I had not asked for it",
    "none": "None of these",
}


def count_reason(connection: Connection, publication: str, month: str, reason: str) -> None:
    """Add one to this answer in this month (``2026-11``)."""
    key = {"publication": publication, "month": month, "reason": reason}
    connection.execute(insert_or_ignore(connection, leaving_reasons).values(key | {"number": 0}))
    this = [leaving_reasons.c[name] == value for name, value in key.items()]
    connection.execute(update(leaving_reasons).where(*this).values(number=leaving_reasons.c.number + 1))


def counted_reasons(connection: Connection, publications: Collection[str]) -> list[dict[str, Any]]:
    """The counts: ``publication``, ``month``, ``reason``, ``number``; the newest month first, the most frequent too."""
    columns = leaving_reasons.c
    rows = connection.execute(
        select(leaving_reasons)
        .where(columns.publication.in_(publications))
        .order_by(columns.publication, columns.month.desc(), columns.number.desc(), columns.reason)
    )
    return [dict(row._mapping) for row in rows]
