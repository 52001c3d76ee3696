"""Words folded for comparison: what is said is written in many ways."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

#: A number with its groups of thousands, or a word; an apostrophe and a hyphen part words.
_WORD = re.compile(r"\d{1,3}(?:[\u00a0\u202f\u2009 ]\d{3}){1,5}(?!\d)|[^\W_]+")

#: What editors leave out and recognisers write down, or the reverse.
_HESITATIONS = frozenset(("euh", "heu", "hum", "uh", "um"))

#: Misspelt words → the words of the house, folded; by their first word.
Spellings = Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]


@dataclass(frozen=True)
class Words:
    """``folded`` are the words of ``text``; the one at ``index`` stands from ``starts[index]`` to ``ends[index]``."""

    text: str
    folded: list[str]
    starts: array[int]
    ends: array[int]

    def passage(self, first: int, end: int) -> str:
        """The words from ``first`` to before ``end``, as they are written."""
        return self.text[self.starts[first] : self.ends[end - 1]] if first < end else ""


def folded_words(text: str, spellings: Spellings) -> Words:
    """The words of ``text``, without hesitations, misspelt names as the house spells them. Linear."""
    text = unicodedata.normalize("NFC", text)
    found = [match for match in _WORD.finditer(text) if match[0].casefold() not in _HESITATIONS]
    typed = [_folded(match[0]) for match in found]
    folded: list[str] = []
    starts, ends = array("L"), array("L")
    at = 0
    while at < len(found):
        wrong, right = typed[at : at + 1], typed[at : at + 1]
        for misspelt, house in spellings.get(typed[at], ()):
            if tuple(typed[at : at + len(misspelt)]) == misspelt:
                wrong, right = list(misspelt), list(house)
                break
        folded += right
        starts.extend([found[at].start()] * len(right))
        ends.extend([found[at + len(wrong) - 1].end()] * len(right))
        at += len(wrong)
    return Words(text, folded, starts, ends)


def spellings(names: Mapping[str, tuple[str, ...]]) -> Spellings:
    """The misspellings that a lexicon knows, longest first; ``names`` gives those of each name."""
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for house, variants in names.items():
        right = tuple(folded_words(house, {}).folded)
        for variant in variants:
            wrong = tuple(folded_words(variant, {}).folded)
            if right and wrong and wrong != right:
                found.setdefault(wrong[0], []).append((wrong, right))
    return {first: tuple(sorted(each, key=lambda pair: -len(pair[0]))) for first, each in found.items()}


@lru_cache(maxsize=16384)
def _folded(word: str) -> str:
    word = word.casefold().replace("œ", "oe").replace("æ", "ae")
    letters = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in letters if letter.isalnum()) or word
