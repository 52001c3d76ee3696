"""Words that deny. One word in eight of a quotation may differ from what was said, but not one that turns it round.

A “plus” is none of them: spoken French leaves out the “ne” that tells “no more” from “more”.
"""

from __future__ import annotations

from collections.abc import Sequence

from composer.proofreading.quotations.distance import nearest_passage

#: Folded, as ``folded_words`` gives them.
_NEGATIONS = frozenset(
    (
        *("pas", "jamais", "rien", "aucun", "aucune", "guere", "nul", "nulle", "non", "ni", "sans"),
        *("not", "never", "no", "none", "nothing", "nobody", "neither", "nor", "cannot", "without"),
    )
)


def turned_round(parts: Sequence[Sequence[str]], passage: Sequence[str]) -> bool:
    """True if a part of a quotation denies more often, or less, than the words nearest to it in ``passage``."""
    for part in parts:
        said = nearest_passage([part], passage)
        if _count(part) != _count(passage[said.first : said.end]):
            return True
    return False


def _count(words: Sequence[str]) -> int:
    """How many of the ``words`` deny; a word that is stammered is one, and so is the end of “don’t”."""
    pairs = zip(("", *words), words, strict=False)
    return sum(
        word != before and (word in _NEGATIONS or (word == "t" and before.endswith("n"))) for before, word in pairs
    )
