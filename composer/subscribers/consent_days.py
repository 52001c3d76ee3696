"""Tell whether a column of days of consent is blank for most readers: those may never have asked for the letter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from composer.subscribers.consent_words import CONSENT_FIELDS
from composer.subscribers.csv_columns import Located, field_of
from composer.subscribers.questions import Suspect, about_days
from composer.subscribers.values import fold, is_empty

#: Folded names of the day on which a record was made, of whatever reader.
_OF_RECORD = re.compile("creat|cree|ajout|added")
#: Most days that a question shows.
_SHOWN = 3


class ConsentDays:
    """The columns called after a day of consent (``optin_time``, ``inscrit le``), where no other column, no platform
    and not the operator (``stated``) says of each reader that the letter was asked for."""

    def __init__(self, located: Located, *, stated: bool) -> None:
        said = stated or located.platform or any(field in CONSENT_FIELDS for field, _at in located.several)
        names = enumerate(() if said else map(fold, located.header))
        self._located = located
        self._days: dict[int, list[str]] = {
            at: []
            for at, name in names
            if at not in located.by_hand and field_of(name) == "subscribed_at" and not _OF_RECORD.search(name)
        }
        self._blanks: Counter[int] = Counter()
        self._rows = 0

    def see(self, rows: Sequence[Sequence[str]]) -> None:
        self._rows += len(rows)
        for at, days in self._days.items():
            filled = [cells[at].strip() for cells in rows if not is_empty(cells[at])]
            self._blanks[at] += len(rows) - len(filled)
            days += filled[: _SHOWN - len(days)]

    def asked(self) -> Iterator[Suspect]:
        """A question about each column with a day in it and more blanks than days, once all rows were seen."""
        for at, days in self._days.items():
            if days and self._blanks[at] * 2 > self._rows:
                yield about_days(self._located, at, days, self._blanks[at], self._rows)
