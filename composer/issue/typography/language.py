"""Detect the language of a passage, so that a quotation in another language keeps its own typography."""

from __future__ import annotations

from composer.source.late_pattern import late

_LETTERS = late(r"[^\W\d_]+")
#: The same in a text in which no other character stands than these: a set is quicker than what Unicode calls a letter.
_USUAL_LETTERS = late("[a-zà-öø-ÿœ]+")
_UNUSUAL = late("[^\x00-\x7fà-öø-ÿœ\u00a0\u202f«»°€–—‘’“”…]")

#: Function words that the other language does not have.
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

#: Least number of function words to decide.
_ENOUGH = 3


def typography_language(text: str) -> str | None:
    """``fr``, ``en``, or None where undecided. Spaces and marks do not count."""
    # The lower case of İ is two characters, one a combining mark, which would split a word.
    lower = text.replace("İ", "ı").lower()
    words = (_LETTERS if _UNUSUAL.search(lower) else _USUAL_LETTERS).findall(lower)
    french = sum(map(_WORDS["fr"].__contains__, words))
    english = sum(map(_WORDS["en"].__contains__, words))
    if max(french, english) < _ENOUGH:
        return None
    if french > 2 * english:
        return "fr"
    return "en" if english > 2 * french else None


def is_little(word: str) -> bool:
    """True if ``word`` is a common first word of sentences, so not a name."""
    return word.lower() in _WORDS["fr"] | _WORDS["en"] | _FIRST
