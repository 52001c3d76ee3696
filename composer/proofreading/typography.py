"""What house typography could not set, as it may be read in two ways: it is printed as typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from composer.issue.model import Issue
from composer.issue.typography.doubts import doubts
from composer.issue.typography.ruleset import Ruleset, ruleset
from composer.issue.typography.sentences import TypesetText, sentences_of, typeset_texts
from composer.issue.typography.spans import joined
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.proofreading.typed import typed_remark
from composer.source.finding import Finding, Severity

#: Most characters shown on either side of a mark.
_AROUND = 20


def undecided(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """A warning for each straight quote that stays straight, and for each space that seems to be missing."""
    publication = newsroom.publications[issue.key.publication]
    rules = ruleset(publication, issue.key.language or publication.language, tuple(newsroom.lexicon.names))
    for text in typeset_texts(issue.front) if rules.profile else ():
        for sentence in sentences_of(text.text, text.kind):
            words, solid = joined(sentence.leaves)
            found = [*doubts(words, rules, solid)]
            straight = [doubt.index for doubt in found if doubt.kind == "straight-quotes"]
            pair = straight if len(straight) == 2 and _is_pair(words, *straight) else []
            for doubt in found:
                place = sentence.places[doubt.index]
                if place is None:
                    continue
                if doubt.kind == "straight-quotes":
                    yield _straight(issue, text, place, rules, pair.index(doubt.index) if pair else None)
                else:
                    yield _glued(issue, text, place)


def _is_pair(words: str, first: int, second: int) -> bool:
    """True if the marks at these indexes are the only two left, and stand as one that opens and one that closes."""
    return not words[first + 1].isspace() and not words[second - 1].isspace()


def _straight(issue: Issue, text: TypesetText, place: int, rules: Ruleset, side: int | None) -> Finding:
    """``side``: 0 where the quote opens, 1 where it closes, None where that is not known."""
    guillemets = rules.profile is not None and rules.profile.quotes == "guillemets"
    sides = ("«", "»") if guillemets else ("“", "”")
    message = _("this straight quote stays straight, as none goes with it: type {opening} or {closing} in its place")
    message = message.format(opening=sides[0], closing=sides[1])
    line, column = _position(text.text, place)
    better = '"' if side is None else sides[side]
    if guillemets and side is not None:
        better = f"{better}\u00a0" if side == 0 else f"\u00a0{better}"
    return typed_remark(issue, "straight-quotes", message, text.loc, line, [(column, '"', better)])


def _glued(issue: Issue, text: TypesetText, place: int) -> Finding:
    line, column = _position(text.text, place)
    message = _("“{words}”: a space is missing, on one side of this mark").format(words=_around(text.text, place))
    found = issue.source.finding("glued-words", message, text.loc, line=line, column=column, severity=Severity.WARNING)
    better = _spaced(found.excerpt or "", found.place.column - 1, text.text[place])
    return replace(found, suggestion=better)


def _position(text: str, place: int) -> tuple[int, int]:
    """The line and the column of ``place`` in the text."""
    return text.count("\n", 0, place), place - text.rfind("\n", 0, place) - 1


def _around(text: str, place: int) -> str:
    """The words on both sides of ``place``, without the spaces around them."""
    before = text[max(0, place - _AROUND) : place].split()
    after = text[place + 1 : place + 1 + _AROUND].split()
    return f"{before[-1] if before else ''}{text[place]}{after[0] if after else ''}"


def _spaced(line: str, column: int, mark: str) -> str | None:
    """The line with the space; None where the mark is not at that column of it, so that the space has no sure place."""
    if line[column : column + 1] != mark:
        return None
    if mark == "(":
        return f"{line[:column]} {line[column:]}"
    end = column + (3 if line.startswith("...", column) else 1)
    before = line[:column].rstrip(" ") if mark in ".," else line[:column]
    return f"{before}{line[column:end]} {line[end:]}"
