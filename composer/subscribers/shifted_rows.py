"""What a row with the wrong number of cells says of leaving, wherever the cell too many, or too few, stands.

``x@example.org;Durand;Paul;désabonné`` in a list of three columns has a stray delimiter somewhere. The row is refused,
and its reader would stay where an earlier list brought them in, or come in with a later one. So the row is read in each
way that makes it as wide as the list; where every way that gives a row says that the reader left, or proves no consent,
and one of them says it, it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from composer.subscribers.address import Address
from composer.subscribers.csv_columns import Located
from composer.subscribers.csv_reader import CsvRow
from composer.subscribers.csv_row import RefusedRow, Terms, read_candidate
from composer.subscribers.standing import Stance

#: Most cells too many, or too few: with more, the row is of another table.
_MOST_STRAY = 8


def with_what_it_says(refusal: RefusedRow, record: CsvRow, located: Located, terms: Terms) -> RefusedRow:
    """``refusal``, of the row ``record`` that has a ``trouble``, with the readers of whom the row says that they left.

    The same refusal where the row says nothing of it, or in one way of reading it and not in another.
    """
    if not record.trouble or refusal.gone:
        return refusal
    terms = replace(terms, bounced=terms.bounced or "letter", source=terms.source or "-")
    found = [one for cells in _ways(record.cells, located) if (one := _read(cells, record, located, terms)) is not None]
    left = [(address, standing) for address, standing in found if standing >= Stance.LEFT]
    if not left or any(standing is Stance.IN for _address, standing in found):
        return refusal
    gone = dict.fromkeys(address for address, _standing in left if address is not None)
    return RefusedRow(str(refusal), refusal.addresses, list(gone), min(standing for _address, standing in left))


def _ways(cells: Sequence[str], located: Located) -> Iterator[Sequence[str]]:
    """``cells`` as wide as the list: with those taken out, or blanks put in, before each of the columns that are read,
    and at the end."""
    width, stray = len(located.header), len(cells) - len(located.header)
    if abs(stray) > _MOST_STRAY:
        return
    read = {*located.single.values(), *(at for _field, at in located.several)}
    for at in (*sorted(read), width) if stray else (0,):
        if stray >= 0:
            yield [*cells[:at], *cells[at + stray :]]
        elif at <= len(cells):
            yield [*cells[:at], *[""] * -stray, *cells[at:]]


def _read(cells: Sequence[str], record: CsvRow, located: Located, terms: Terms) -> tuple[Address | None, Stance] | None:
    """The address and the standing that a row gives; None where its cells are not those of their columns. A row about
    another letter says nothing of this one: as who stays."""
    try:
        row = read_candidate(CsvRow(record.line, cells), located, terms, Counter())
    except RefusedRow as refusal:
        return (None, Stance.IN) if refusal.other else None
    return row["address"], Stance(row["standing"])
