"""Tell a column of which cells were merged downwards: a group's value stands in its first row, and blanks below.

A spreadsheet writes merged cells so. Read row by row, the blanks would be readers that stayed, or pay nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from composer.subscribers.consent_words import is_some_date
from composer.subscribers.csv_columns import SEVERAL, Located
from composer.subscribers.questions import Suspect, about_merged
from composer.subscribers.values import is_empty

#: A column with more groups is no grouped one.
_MOST_GROUPS = 50
#: Most values that a question shows.
_SHOWN = 3


class MergedCells:
    """The columns of which the first row is filled and each value differs from the one above it, with blanks between.

    Dates are none, nor the lists of a platform, and nothing is asked where the operator said what all rows are
    (``stated``).
    """

    def __init__(self, located: Located, *, stated: bool) -> None:
        self._email = located.single.get("email", 0)
        others = {self._email, *(located.single.get(name) for name in ("name", "first_name", "last_name"))}
        places = () if stated or located.platform else range(len(located.header))
        self._located = located
        self._read = {at for field, at in located.several if field in SEVERAL}
        self._read |= {at for field in ("tier", "publication") if (at := located.single.get(field)) is not None}
        self._values: dict[int, list[str]] = {at: [] for at in places if at not in others and at not in located.dropped}
        self._blanks: Counter[int] = Counter()

    def see(self, rows: Sequence[Sequence[str]]) -> None:
        for cells in rows:
            if not self._values:
                break
            if cells[self._email].strip():
                self._see_row(cells)

    def _see_row(self, cells: Sequence[str]) -> None:
        apart = []
        for at, values in self._values.items():
            if not (cell := cells[at].strip()):
                if not values:
                    apart.append(at)
                self._blanks[at] += 1
            elif cell in values[-1:] or len(values) > _MOST_GROUPS or is_empty(cell) or is_some_date(cell):
                apart.append(at)
            else:
                values.append(cell)
        for at in apart:
            del self._values[at]

    def asked(self, gone: Collection[int]) -> Iterator[Suspect]:
        """A question about each such column that is read, or in which a word is one of leaving (``gone``), once all
        rows were seen."""
        for at, values in self._values.items():
            alone = len(values) == 1 and (at in self._read or at not in gone)  # of one reader
            if 0 < len(values) <= self._blanks[at] and not alone and (at in self._read or at in gone):
                yield about_merged(self._located, at, values[:_SHOWN])
