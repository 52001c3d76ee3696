"""The equation of a move: the rows of the files, counted from their bytes, and what became of each of them.

The right side is counted from the staged rows by what was decided of each; nothing is taken from the reader's counters.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from sqlalchemy import Connection, case, func, select

from composer.subscribers.staging_tables import refusals, rows
from composer.subscribers.standing import Stance

#: Outcome of a staged row (``composer.subscribers.merge``) → the term in which it is counted. What leads to a
#: suppression is counted by why: see ``_CLOSED``.
_TERMS = {
    "added": "readers",
    "updated": "readers",
    "unchanged": "readers",
    "left": "left",
    "opted-out": "left",
    "unproven": "unproven",
    "duplicate": "twice",
    "held": "refused",
}
#: Why a suppressed row is: the same now, and when the same file is moved in again.
_CLOSED = {int(Stance.BOUNCED): "bounced", int(Stance.COMPLAINED): "complained"}


@dataclass(frozen=True)
class Equation:
    """``rows``: counted in the files. The other numbers are rows, too, each in one of them alone.

    ``readers``: are written to. ``left``: this letter, also earlier, here. ``closed``: suppressed, for another reason
    than a bounce or a complaint of the list. ``unproven``: no proof of consent. ``twice``: another row of the same
    address was used.
    """

    rows: int
    readers: int = 0
    left: int = 0
    bounced: int = 0
    complained: int = 0
    closed: int = 0
    unproven: int = 0
    twice: int = 0
    refused: int = 0

    @property
    def unexplained(self) -> int:
        """Rows of which nothing is known (or, below 0, that are in no file)."""
        return self.rows - sum(number for name, number in self.terms.items())

    @property
    def terms(self) -> dict[str, int]:
        """The right side, by its names."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "rows"}

    def __add__(self, other: Self) -> Equation:
        return Equation(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def equation_of(connection: Connection, counted: int, first: int, last: int) -> Equation:
    """The equation of one file: its staged rows by what became of each, beside ``counted``, its rows as counted in its
    bytes. ``first``, ``last``: the numbers that its lines have among the lines of all files."""
    standing = case((rows.c.outcome.in_(("banned", "suppressed")), rows.c.standing), else_=0).label("standing")
    found = connection.execute(
        select(rows.c.outcome, standing, func.count().label("number"))
        .where(rows.c.line.between(first, last))
        .group_by(rows.c.outcome, standing)
    )
    terms: dict[str, int] = {}
    for outcome, stance, number in found:
        term = _TERMS.get(outcome) or _CLOSED.get(stance, "closed")
        terms[term] = terms.get(term, 0) + number
    unread = select(func.count()).select_from(refusals).where(refusals.c.line.between(first, last))
    terms["refused"] = terms.get("refused", 0) + connection.execute(unread).scalar_one()
    return Equation(counted, **terms)
