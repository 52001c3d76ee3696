"""Words as they are counted, so that none is lost: letters and digits in a row, whatever their marks."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_WORD = re.compile(r"\w+")
#: Letters that are drawn nowhere.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def tallied(text: str) -> Counter[str]:
    """Each word of ``text``, and how often."""
    return Counter(_WORD.findall(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).replace("_", " ")))


def drawable(text: str) -> str:
    """``text`` without control characters and letters that are drawn nowhere."""
    kept = (letter for letter in _INVISIBLE.sub("", text) if letter in "\n\t" or not _is_unwanted(letter))
    return unicodedata.normalize("NFC", "".join(kept))


def _is_unwanted(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs") or letter in "\ufffe\uffff\u2028\u2029"
