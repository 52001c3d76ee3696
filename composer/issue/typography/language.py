"""In which language a passage is, so that a quotation in another one keeps its own typography."""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[^\W\d_]+")

#: Little words that the other language does not have.
# fmt: off
_WORDS: dict[str, frozenset[str]] = {
    "fr": frozenset((
        "le", "la", "les", "des", "du", "de", "un", "une", "et", "est", "dans", "pour", "avec", "qui",
        "que",
        "par", "au", "aux", "ce", "cette", "ces", "sur", "il", "elle", "ne", "pas", "se", "sa",
        "son", "ses", "leur", "nous", "vous",
        "ou", "où", "à", "été", "sont", "plus",
    )),
    "en": frozenset((
        "the", "of", "and", "to", "is", "are", "was", "were", "that", "this", "these", "with", "for",
        "from",
        "it", "its", "he", "she", "they", "we", "you", "not", "be", "been", "has", "have", "will",
        "would", "which", "who",
        "by", "at",
    )),
}

#: More words that begin sentences.
_FIRST = frozenset((
    "mais", "donc", "car", "puis", "on", "en", "si", "then", "in", "so", "when", "if", "but", "i", "a",
))
# fmt: on

#: Fewer little words than these do not say anything.
_ENOUGH = 3


def typography_language(text: str) -> str | None:
    """``fr``, ``en``, or None where the words do not tell. Spaces and marks do not count."""
    # The small letter of İ is two, of which one is a mark: it would cut a word in two.
    words = _LETTERS.findall(text.replace("İ", "ı").lower())
    french = sum(map(_WORDS["fr"].__contains__, words))
    english = sum(map(_WORDS["en"].__contains__, words))
    if max(french, english) < _ENOUGH:
        return None
    if french > 2 * english:
        return "fr"
    return "en" if english > 2 * french else None


def is_little(word: str) -> bool:
    """Whether ``word`` is one that begins sentences, and so is nobody's name."""
    return word.lower() in _WORDS["fr"] | _WORDS["en"] | _FIRST
