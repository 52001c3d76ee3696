"""Apply the rules of house typography, in order, to one sentence.

Only spaces, apostrophes, quotes, dots and dashes ever change, and the separators between the groups of a number.
After the *Lexique des règles typographiques en usage à l'Imprimerie nationale*; for English, after its press.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from composer.issue.typography.dashes import dash_rules
from composer.issue.typography.edit_buffer import FIXED, NBSP, NNBSP, NO_BREAK, SP, EditBuffer, Rule, rule
from composer.issue.typography.language import is_little, typography_language
from composer.issue.typography.numbers import number_rules
from composer.issue.typography.protected import fixed
from composer.issue.typography.quotes import set_quotes
from composer.issue.typography.ruleset import Ruleset
from composer.issue.typography.spaces import space_rules
from composer.newsroom.model import Typography
from composer.source.late_pattern import late

_CAPITAL = "A-ZÀ-ÖØ-ÞŒŸ"
#: What may stand before a mark: not a space, an opening mark or another mark.
_WORDS = rf"(?<=[^\s{NO_BREAK}(\[«“‘:;!?])"
#: A mark is punctuation only where a word ends after it; it is not in a:b, x!y, foo?bar, :-p.
_ENDS = rf"$|[\s{NO_BREAK}»”’\"…,.]"

_APOSTROPHES = (
    late(rf"(?<=[^\W\d_])(?P<x>['´‘])(?=[\w«“{FIXED}])"),
    late(r"(?<!\w)(?P<x>['´])(?=\d\ds?\b)"),
)
#: An apostrophe that ends a word, and the mark that would make it a closing quote.
_LAST_APOSTROPHE = late(r"(?<=[^\W\d_])(?P<x>['´])(?=$|[\s.,;:!?…»”)\]\"-])")
_SINGLE_QUOTE = late(rf"(?<!\w)['´](?=[\w«“{FIXED}])")
_ELLIPSIS = late(r"(?<![./\\])(?P<x>\.\.\.)(?![./\\])")
#: More than three dots after a word, or dots after an ellipsis; not the dots that lead to a page's number.
_DOTS = late(rf"(?<=[^\W\d_])(?P<x>\.{{4,}}+)(?![/\\]|{SP}*\d|\w)")
_DOTS_AFTER = late(rf"(?<=…)(?P<x>(?:{SP}*+\.)++)(?![/\\\w])")
_OPENING = late(rf"(?<=«)(?P<x>{SP}*)(?=[^\s{NO_BREAK}»])")
_CLOSING = late(rf"(?<=[^\s{NO_BREAK}«])(?P<x>{SP}*)(?=»)")
_COLON = late(rf"{_WORDS}(?P<x>{SP}*)(?=:(?:{_ENDS}))")
_SEMICOLON = late(rf"{_WORDS}(?P<x>{SP}*)(?=;(?:{_ENDS}))")
_HIGH = late(rf"{_WORDS}(?P<x>{SP}*)(?=[!?]+(?:{_ENDS}|[)\];–—]))")

_TITLES = {
    "fr": late(rf"(?<!\w)(?:MM?\.|Mmes?|Mlles?|Mgr|Drs?|Prs?|Me)(?P<x>{SP}+)(?=[{_CAPITAL}])"),
    "en": late(rf"(?<!\w)(?:Mrs?|Ms|Dr|Prof|St)\.?(?P<x>{SP}+)(?=[{_CAPITAL}])"),
}
_NUMBER_SIGN = (
    late(rf"(?<!\w)n[°º](?P<x>{SP}*)(?=\d)"),
    late(rf"(?<!\w)(?:N[°º]|No\.)(?P<x>{SP}+)(?=\d)"),
)
_PAGE = late(rf"(?<!\w)(?:pp?|art|vol|chap|fig)\.(?P<x>{SP}*)(?=\d)")
_INITIAL = late(rf"(?<![\w’'.-])(?:[{_CAPITAL}]\.-?)*(?P<last>[{_CAPITAL}])\.(?P<x>{SP}+)(?=(?P<next>[{_CAPITAL}]\w*))")
_ORDINAL = late(
    rf"(?<!\w)(?:[IVXLCDM]+|\d+)(?:er|re|nde?|e|ème|ère)s?(?P<x>{SP}+)"
    r"(?=(?:siècles?|millénaires?|arrondissements?|République|Empire|législature)(?!\w))"
)


# Hints: patterns necessary for any match of the rules (see Rule).
_THREE_DOTS = late(r"\.\.\.")
_DOT_AFTER = late(rf"…{SP}*\.")
_TITLE = {
    "fr": late(rf"(?:MM?\.|Mmes?|Mlles?|Mgr|Drs?|Prs?|Me){SP}"),
    "en": late(rf"(?:Mrs?|Ms|Dr|Prof|St)\.?{SP}"),
}
_SIGN = late(rf"[°º.]{SP}+\d")
_PAGE_POINT = late(rf"[ptlg]\.{SP}*\d")
_CAPITAL_DOT = late(rf"[{_CAPITAL}]\.{SP}")
_ORDERED = late(rf"[IVXLCDM\d](?:er|re|nde?|e|ème|ère)s?{SP}+(?:siè|mil|arr|Rép|Emp|lég)")


@lru_cache(maxsize=4096)  # both audiences share nearly all sentences, and so do successive previews
def set_sentence(text: str, rules: Ruleset, solid: tuple[int, ...] = ()) -> EditBuffer | None:
    """``text`` with house typography applied; None where it stays as typed, being in another language.

    ``solid`` are indexes of characters that stand for something else than text (code).
    """
    if rules.profile is None or typography_language(text) not in (None, rules.language):
        return None
    buffer = EditBuffer(text, fixed(text, solid, rules.names))
    for each in _rules(rules.profile, rules.language):
        if not each.needed.isdisjoint(buffer.present) and (each.hint is None or each.hint.search(buffer.view)):
            each.apply(buffer)
    buffer.strip()
    return buffer


def set_text(text: str, rules: Ruleset) -> str:
    """Apply house typography to a text without Markdown."""
    buffer = set_sentence(text, rules)
    return buffer.result if buffer else text


@lru_cache(maxsize=64)
def _rules(profile: Typography, language: str) -> tuple[Rule, ...]:
    """The rules of a profile, in order of application."""
    return tuple(_in_order(profile, language))


def _in_order(profile: Typography, language: str) -> Iterator[Rule]:
    if profile.ellipsis == "character":
        yield rule(".", _ELLIPSIS, "…", _THREE_DOTS)
        yield rule(".", _DOTS, "…", _THREE_DOTS)
        yield rule(".", _DOTS_AFTER, "", _DOT_AFTER)
    yield from space_rules(profile)
    if (outer := profile.quotes) is not None and outer != "keep":
        yield Rule(frozenset('"«“'), lambda buffer: set_quotes(buffer, outer))
    if profile.abbreviations == "space":
        yield rule("0123456789", _PAGE, NBSP, _PAGE_POINT)  # it parts a number from what stands before it
    yield from number_rules(profile)
    if profile.apostrophes == "curly":
        for pattern in _APOSTROPHES:
            yield rule("'´‘", pattern, "’")
        yield Rule(frozenset("'´"), _last_apostrophes)
    yield from _marks(profile)  # a mark may follow an apostrophe, and must see the converted one
    yield from dash_rules(profile)
    if profile.abbreviations == "space":
        yield from _abbreviations(language)


def _last_apostrophes(buffer: EditBuffer) -> None:
    if not _SINGLE_QUOTE.search(buffer.view):
        buffer.sub(_LAST_APOSTROPHE, "’")


def _marks(profile: Typography) -> Iterator[Rule]:
    thin = NNBSP if profile.thin_space == "nnbsp" else NBSP
    inside = NBSP if profile.guillemets == "space" else ""
    high = thin if profile.high_marks == "space" else ""

    def before_high(match: re.Match[str]) -> str | None:
        return None if not match["x"] and _after_ellipsis(match) else high

    yield rule("«", _OPENING, inside)
    yield rule("»", _CLOSING, inside)
    yield rule(":", _COLON, NBSP if profile.colon == "space" else "")
    yield rule(";", _SEMICOLON, before_high)
    yield rule("!?", _HIGH, before_high)


def _after_ellipsis(match: re.Match[str]) -> bool:
    return match.string[match.start() - 1 : match.start()] == "…"


def _abbreviations(language: str) -> Iterator[Rule]:
    def initial(match: re.Match[str]) -> str | None:
        pronoun = language == "en" and match["last"] == "I"
        return None if pronoun or is_little(match["next"]) else NBSP

    yield rule("MDP" if language == "fr" else "MDPS", _TITLES[language], NBSP, _TITLE[language])
    first, others = _NUMBER_SIGN
    yield rule("°º", first, NBSP)
    yield rule("0123456789", others, NBSP, _SIGN)
    yield rule(".", _INITIAL, initial, _CAPITAL_DOT)
    yield rule("IVXLCDM0123456789", _ORDINAL, NBSP, _ORDERED)
