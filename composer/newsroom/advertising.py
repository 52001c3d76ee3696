"""What the law asks of an advertisement by its category, at the date of the issue (``advertising.toml``).

BUGS: only what is printed is read, and only as the category that the sponsor's file gives; words in a picture do not
count. Everything else the law asks of these categories is not examined.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date as Date
from functools import cache
from pathlib import Path
from typing import Any

from composer.newsroom.model import SlotForm
from composer.newsroom.sponsor import REGULATED, Creative

_TABLE = Path(__file__).with_name("advertising.toml")

#: Marks of Markdown, and the target of a link, which readers do not see.
_MARKUP = re.compile(r"\]\([^()\s]*\)|[*_`\[\]]")
_BEFORE_SIGN = re.compile(" (?=[!?:;])")
_ALIKE = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", **dict.fromkeys('«»“”„"', None)})


@dataclass(frozen=True)
class Mention:
    """A mention that issues of ``valid_from`` to ``valid_until`` must print in an advertisement of ``category``.

    ``words``: to be printed; ``phrases``: what is looked for, all of them in one of the advertisement's texts.
    """

    category: str
    words: str
    phrases: tuple[str, ...]
    law: str
    source: str
    address: str
    valid_from: Date | None = None
    valid_until: Date | None = None

    def holds_on(self, date: Date) -> bool:
        return (self.valid_from or date) <= date <= (self.valid_until or date)

    def is_printed_in(self, texts: Iterable[str]) -> bool:
        """Whether one of ``texts`` says it word for word.

        Forgiven are case, the kind of apostrophes and spaces, quotation marks, spaces before ! ? : ;, three points for
        an ellipsis, and the sign at its end; nothing else.
        """
        asked = [_plain(phrase).rstrip(" .!") for phrase in self.phrases]
        return any(all(phrase in text for phrase in asked) for text in map(_plain, texts))


def mention_asked(category: str, date: Date) -> Mention | None:
    """The mention that an advertisement of ``category`` must print on ``date``; None where none is known."""
    return next((each for each in mentions() if each.category == category and each.holds_on(date)), None)


def mention_missing(category: str, creative: Creative, form: SlotForm, date: Date) -> Mention | None:
    """The mention that ``creative``, of ``category``, must print on ``date`` in a slot of ``form``, and does not."""
    asked = mention_asked(category, date)
    return None if asked is None or asked.is_printed_in(_printed(creative, form)) else asked


def _printed(creative: Creative, form: SlotForm) -> Iterator[str]:
    """The texts of ``creative`` that a slot of ``form`` prints, as readers see them; its legal mention is none."""
    yield creative.headline
    yield creative.disclaimer or ""
    if form == "full":
        yield _MARKUP.sub("", creative.body or "")
        yield creative.button.text if creative.button else ""


def is_refused(category: str) -> bool:
    """Whether no advertisement of ``category`` is printed at all."""
    return any(row["category"] == category for row in _rows()["refused"])


def is_unexamined(category: str, date: Date) -> bool:
    """Whether the law asks an advertisement of ``category`` for words that are not examined here."""
    return category in REGULATED and mention_asked(category, date) is None


@cache
def mentions() -> tuple[Mention, ...]:
    """The whole table, in its order."""
    return tuple(Mention(**{**row, "phrases": tuple(row.get("phrases", [row["words"]]))}) for row in _rows()["mention"])


@cache
def _rows() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))


def _plain(text: str) -> str:
    """``text`` as its words are compared."""
    plain = unicodedata.normalize("NFC", text).translate(_ALIKE).replace("...", "…")
    return _BEFORE_SIGN.sub("", " ".join(plain.split())).casefold()
