"""Tell a column of answers to one question: yes and no, signs, codes, words of which one is the refusal of another."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from composer.subscribers.consent_words import is_off, says_inactive
from composer.subscribers.values import NO, YES, answer_key, fold, is_empty, is_yes_or_no, plain

#: No letter and no tier is called so.
PLAIN_ANSWERS = YES | NO | {"-1"}
#: A column with more different cells is no answer to one question.
_MOST = 12
#: What makes of a word its opposite: confirmé, non confirmé; favorable, défavorable; reachable, unreachable.
_NEGATIONS = ("non", "pas", "not", "no", "sans", "hors", "un", "in", "im", "de", "des", "dis")
#: Words for nothing of what the other cells are.
_NEVER = frozenset(("jamais", "never", "aucun", "aucune", "rien", "nothing"))
#: ...that is also how programs write a blank.
_NONE, _ALL = "none", frozenset(("all", "everything", "tout", "tous", "toutes"))
#: By post, which is no consent to email.
_ON_PAPER = frozenset(("papier", "courrier", "poste", "postal", "imprime", "imprimee", "paper", "print", "printed"))
#: Words of opposites that share no syllable.
_OPPOSITES = (
    {"positif", "negatif"}, {"positive", "negative"}, {"ouvert", "ferme"}, {"open", "closed"}, {"pour", "contre"},
    {"entree", "sortie"}, {"in", "out"}, {"dedans", "dehors"}, {"bon", "mauvais"}, {"good", "bad"}, {"pass", "fail"},
)  # fmt: skip
#: What a house writes in place of a word: a figure, a letter, some capitals, or these and figures (S1, B-02).
_CODE = re.compile(r"-?[0-9]{1,3}|[A-Z]{1,3}|[a-z]|[A-Za-z]{1,2}-?[0-9]{1,3}")
_MOST_CODES = 8
#: What a program makes of whole numbers in a column with blanks: 1.0, 2.0.
_DECIMALS = re.compile(r"(?<=[0-9])[.,]0{1,6}$")


def are_codes(cells: Collection[str]) -> bool:
    """Whether the different ``cells`` of a column, blanks too, are codes and nothing says what they mean: 1, 2, 3;
    A, B; ACT, RAD. Yes and no, 0 and 1, in any spelling, are none."""
    told = {_DECIMALS.sub("", cell.strip()) for cell in cells if not is_empty(cell)}
    if not 0 < len(told) <= _MOST_CODES or len(cells) < 2 or not all(map(_CODE.fullmatch, told)):
        return False
    return any(answer_key(cell) not in PLAIN_ANSWERS for cell in told)


def are_contrary(cells: Collection[str]) -> bool:
    """Whether one of the different ``cells`` of a column, blanks too, refuses what another one says."""
    words = {fold(cell) for cell in cells if cell.strip()}
    said_active = any(says_inactive(cell) is False for cell in cells if not is_empty(cell))
    if len(words) == 1 < len(cells) and said_active:
        return True  # active, and a blank
    if not 1 < len(words) <= _MOST:
        return False
    if said_active or any(map(is_off, cells)) or words & _NEVER or (_NONE in words and words & _ALL):
        return True
    if any(word and negation + word in words for word in words for negation in _NEGATIONS if len(word) > 3):
        return True
    return any(pair <= words for pair in _OPPOSITES) or any(_is_on_paper(cell) for cell in cells)


def _is_on_paper(cell: str) -> bool:
    parts = plain(cell).split() if len(cell) < 40 else []
    return not _ON_PAPER.isdisjoint(parts) and len(parts) < 4


def are_yes_and_no(told: Sequence[str]) -> bool:
    """Whether cells are yes and no, in words or figures; or some are a yes, others a no, whatever the rest is."""
    if all(answer_key(cell) in PLAIN_ANSWERS or is_yes_or_no(cell) for cell in told) and any(map(is_yes_or_no, told)):
        return True
    words = {answer_key(cell) for cell in told if len(cell) > 1 and not cell.isdigit()}
    return not words.isdisjoint(YES) and not words.isdisjoint(NO)


def are_signs(different: Collection[str]) -> bool:
    """🟢 and 🔴, ☺ and ☹."""
    return all(len(mark) == 1 and not mark.isalnum() for mark in different)
