"""Read the rows of a list that are as most rows are, at a third of the cost of ``csv_row.read_candidate``.

What a row says beside its address, its names and its day is said by many rows. ``read_candidate`` judges it once, in a
row made of it with an address and a day that are in order; what comes out holds for every row that says the same. A row
in which anything else is unusual (words beside an address, a note beside a name, a day to come) is left to
``read_candidate``: what is read here is what it would have read, which ``tests/subscribers/test_plain_rows.py`` tries.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from composer.errors import Refused
from composer.subscribers.address import Address
from composer.subscribers.cell_address import BARE, NOTED, has_role, read_listed_address, remark_on
from composer.subscribers.csv_columns import Located
from composer.subscribers.csv_reader import CsvRow
from composer.subscribers.csv_row import COMMENTED, TOLD_IN, RefusedRow, Terms, WhichBounce, read_candidate
from composer.subscribers.instants import read_instant
from composer.subscribers.standing import Stance
from composer.subscribers.told import tells_beside_a_name
from composer.subscribers.values import has_control

#: Before the @: an atom or several (RFC 5321), without the signs that a note or a date begins with.
_LOCAL = re.compile(r"[A-Za-z1-9_][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*")
#: How a note in an address begins (``cell_address.NOTED``).
_MAY_BE_NOTED = frozenset("dnsuxzDNSUXZ")
#: An address and a day that are in order.
_AN_ADDRESS, _A_DAY = "a@example.org", "1999-12-31 12:00:00"
#: Most different rows that are kept.
_MOST = 10_000


class _Judged:
    """What ``read_candidate`` made of a row: its values, and what it ``noted``."""

    def __init__(self, values: Mapping[str, Any], noted: Counter[str]) -> None:
        self.values, self.noted, self.is_in = values, noted, values["standing"] == Stance.IN


class PlainRows:
    """Reads the plain rows of one list, with what is said of it."""

    def __init__(self, located: Located, terms: Terms) -> None:
        self._located, self._terms = located, terms
        single = located.single
        self._email, self._day = single["email"], single.get("subscribed_at")
        self._whole_name = single.get("name")
        self._names = [at for field in TOLD_IN if (at := single.get(field)) is not None]
        varying = [at for at in (self._email, self._day, *self._names) if at is not None]
        fields = [*single.values(), *(at for _field, at in located.several)]
        #: A column that is read as two things is never plain.
        self._none = len(set(fields)) < len(fields)
        self._others = [at for at in fields if at not in varying]
        #: What the other columns say, and whether there is a day → what that means; None: ask ``read_candidate``.
        self._known: dict[tuple[object, ...], _Judged | None] = {}

    def read(self, record: CsvRow, noted: Counter[str]) -> dict[str, Any] | None:
        """As ``read_candidate``; None, and nothing noted, where the row is not a plain one."""
        if record.trouble or self._none:
            return None
        cells = record.cells
        email = cells[self._email]
        local, _at, domain = email.rpartition("@")
        if _LOCAL.fullmatch(local) is None or len(local) > 64 or len(email) > 254:
            return None
        if (found := _domain(domain)) is None or (local[0] in _MAY_BE_NOTED and NOTED.search(email)):
            return None
        if self._email and COMMENTED.match(cells[0]):
            return None
        day = "" if self._day is None else cells[self._day]
        judged = self._judged((day != "", *[cells[at] for at in self._others]))
        if judged is None:
            return None
        since = None
        if day and (since := self._since(day)) is None:
            return None
        if (name := self._name(cells)) is None:
            return None
        if judged.noted:
            noted += judged.noted
        address = Address(f"{local}@{found[0]}", f"{local.lower()}@{found[0]}")
        if judged.is_in and found[1]:
            noted["mistyped"] += 1
        elif judged.is_in and has_role(local):
            noted["role"] += 1
        return {
            **judged.values,
            "line": record.line,
            "address": address,
            "email": address.email,
            "name": name or None,
            "subscribed_at": since,
        }

    def _since(self, day: str) -> datetime | None:
        """The day of consent; None where it cannot be read, or is to come."""
        if day[0] not in "123456789":
            return None
        try:
            at = read_instant(day.strip(), self._terms.zone, end=False, order=self._terms.date_order)
        except Refused:
            return None
        return at if at <= self._terms.now else None

    def _name(self, cells: Sequence[str]) -> str | None:
        """The name, or ""; None where it may be more than that."""
        names = [cell for at in self._names if (cell := cells[at])]
        for name in names:
            if not _is_ordinary(name):
                return None
        whole = "" if self._whole_name is None else cells[self._whole_name].strip()
        name = whole or " ".join([one for name in names if (one := name.strip())])
        return name if len(name) <= 200 else None

    def _judged(self, said: tuple[object, ...]) -> _Judged | None:
        if said in self._known:
            return self._known[said]
        judged = None
        if len(self._known) < _MOST:
            judged = self._known[said] = self._judge(*said)
        return judged

    def _judge(self, has_day: object, *said: object) -> _Judged | None:
        cells = [""] * len(self._located.header)
        for at, cell in zip(self._others, said, strict=True):
            cells[at] = str(cell)
        if any("@" in cell for cell in cells):  # may be the reader's own address
            return None
        cells[self._email] = _AN_ADDRESS
        if has_day and self._day is not None:
            cells[self._day] = _A_DAY
        noted: Counter[str] = Counter()
        try:
            values = read_candidate(CsvRow(0, cells), self._located, self._terms, noted)
        except (RefusedRow, WhichBounce):
            return None
        # Of who left, nothing else is kept where anything else is wrong.
        whole = values["source"] and values["name"] is None and bool(has_day) == (values["subscribed_at"] is not None)
        return _Judged(values, noted) if whole else None


@lru_cache(maxsize=10_000)
def _domain(text: str) -> tuple[str, bool] | None:
    """A domain as messages are sent to it, and whether it looks mistyped; None where it is not written so."""
    typed = f"a@{text}"
    if BARE.fullmatch(typed) is None or NOTED.search(typed):
        return None
    try:
        address, _name = read_listed_address(typed)
    except Refused:
        return None
    domain = address.email.removeprefix("a@")
    return (domain, remark_on(address) is not None) if domain == text.lower() else None


@lru_cache(maxsize=10_000)
def _is_ordinary(name: str) -> bool:
    """Whether a name is not written as a formula, holds no control character, and nothing stands beside it."""
    return name[:1] != "'" and not has_control(name) and not tells_beside_a_name(name)
