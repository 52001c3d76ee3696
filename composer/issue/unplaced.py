"""The mark before words of a draft that have no place yet: printed as typed, and refused by ``filigrane check``."""

from __future__ import annotations

import re

from composer.locale import translate

#: The mark in both languages, with what the words were.
UNPLACED = re.compile(r"\[(?:À PLACER|TO PLACE)[ \u00a0\u202f]?:[ \u00a0]?(?P<what>[^\[\]\n]{0,80})\]")


def unplaced_mark(what: str, language: str) -> str:
    """The mark of words that were ``what``, in ``language``."""
    return translate("[TO PLACE: {what}]", language).format(what=what)
