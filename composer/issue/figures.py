"""Figures as a table prints them: which cells hold one, and how large it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from composer.locale import Language
from composer.source.late_pattern import late

_FIGURE = late(
    r"(?P<sign>[+\-−–]?)\s?(?P<before>[$€£]?)\s?(?P<number>\d{1,15}(?:[ \u00a0\u202f.,’']\d{1,15}){0,5})"
    r"\s?(?P<unit>[^\d\s]{1,12}(?:\s[^\d\s]{1,12})?)?"
)
_BLANK = late(r"[ \u00a0\u202f’']")
#: What stands in a column of figures where there is none.
MISSING = frozenset({"", "-", "–", "—", "n. d.", "n.d.", "nc", "n. c.", "n/a"})


@dataclass(frozen=True)
class FigureCell:
    value: Decimal
    unit: str


def figure(words: str, language: Language) -> FigureCell | None:
    """The figure that the words of a cell are, « 1 234,5 M€ » or "$1,234.5m"; None where they are something else."""
    match = _FIGURE.fullmatch(words.strip())
    if match is None:
        return None
    number = _BLANK.sub("", match["number"])
    decimal, thousands = (",", ".") if language == "fr" else (".", ",")
    if decimal not in number and re.fullmatch(rf"\d+\{thousands}(?:\d|\d\d|\d{{4,}})", number):
        decimal, thousands = thousands, decimal  # 1.5 in a French table can only be one and a half
    if number.count(decimal) > 1:
        return None
    value = Decimal(number.replace(thousands, "").replace(decimal, "."))
    unit = match["before"] + (match["unit"] or "")
    return FigureCell(-value if match["sign"] in ("-", "−", "–") else value, " ".join(unit.split()))
