"""Words as the search compares them: without accents and elisions, and without what a plural or a tense adds.

The same function reads letters and queries. Of each word there are two stems: of its letters as written, with accents
that are then taken off, and of the bare letters, for queries are often typed without accents; they meet in one or the
other.
A stem begins with the first letter of its language, so that a query is compared with each language by its own rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

#: Language → its stemmer (https://snowballstem.org).
_STEMMERS = {"fr": snowballstemmer.stemmer("french"), "en": snowballstemmer.stemmer("english")}

#: What French elides, before an apostrophe.
_ELIDED = frozenset(("c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"))

#: Words that are in every letter, so that no query means them.
_COMMON = frozenset(
    """
    a à au aux avec ce ces cette combien comment d dans de des du elle elles en est et eux il ils je l la le les leur
    leurs lui m mais me n ne nos notre nous on ou où par pas pour pourquoi qu quand que quel quelle quelles quels qui s
    sa se ses son sont sur t ta te tes ton tu un une vos votre vous y
    an and are as at be but by for from has have he her his how i in is it its of or she that the their they this to
    was were what when which who why with
    """.split()  # noqa: SIM905 # reason: a hundred words, not a hundred strings
)

#: Plurals that the French stemmer leaves as they are, for many words end so without being one: métros, caméras.
_PLURAL = re.compile(r"(?<=[a-z]{2}[aiou])s")

_WORD = re.compile(r"[^\W_]+")


def fold_word(word: str) -> str:
    """``word`` in small letters without accents: « Œuvré » is oeuvre."""
    whole = word.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(letter for letter in unicodedata.normalize("NFKD", whole) if not unicodedata.combining(letter))


def words_in(text: str) -> Iterator[str]:
    """The words of ``text``; an elided article is none, and what a hyphen joins is several."""
    found = list(_WORD.finditer(unicodedata.normalize("NFC", text)))
    for word in found:
        elided = text[word.end() : word.end() + 1] in ("'", "’") and fold_word(word[0]) in _ELIDED
        if not elided:
            yield word[0]


def is_common(word: str) -> bool:
    return word.casefold() in _COMMON


@lru_cache(maxsize=20_000)
def stems_of(word: str, language: str) -> frozenset[str]:
    """The stems of one word in ``language``, ASCII where the word is Latin."""
    stemmer = _STEMMERS.get(language, _STEMMERS["en"])
    bare = fold_word(word)
    if language == "fr" and _PLURAL.fullmatch(bare, len(bare) - 1):
        bare = bare[:-1]
    found = {fold_word(stemmer.stemWord(word.casefold())), stemmer.stemWord(bare)}
    return frozenset(f"{language[:1]}{stem}" for stem in found if stem)


def indexed(text: str, language: str) -> str:
    """The stems of ``text`` in their order, parted by spaces."""
    return " ".join(" ".join(sorted(stems_of(word, language))) for word in words_in(text) if not is_common(word))
