"""What house typography could not set, as it may be read in two ways: it is printed as typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from composer.issue.model import Issue
from composer.issue.typography.doubts import Doubt, doubts
from composer.issue.typography.ruleset import Ruleset, ruleset
from composer.issue.typography.sentences import TypesetText, sentences_of, typeset_texts
from composer.issue.typography.spans import joined
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
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
            for doubt in doubts(words, rules, solid):
                place = sentence.places[doubt.index]
                if place is not None:
                    yield _finding(issue, text, place, doubt, rules)


def _finding(issue: Issue, text: TypesetText, place: int, doubt: Doubt, rules: Ruleset) -> Finding:
    line = text.text.count("\n", 0, place)
    column = place - text.text.rfind("\n", 0, place) - 1
    where: dict[str, Any] = {"line": line, "column": column, "severity": Severity.WARNING}
    if doubt.kind == "straight-quotes":
        message = _(
            "this straight quote stays straight, as none goes with it: type {opening} or {closing} in its place"
        )
        guillemets = rules.profile is not None and rules.profile.quotes == "guillemets"
        opening, closing = "«»" if guillemets else "“”"
        return issue.source.finding(
            "straight-quotes", message.format(opening=opening, closing=closing), text.loc, **where
        )
    message = _("“{words}”: a space is missing, on one side of this mark").format(words=_around(text.text, place))
    found = issue.source.finding("glued-words", message, text.loc, **where)
    better = _spaced(found.excerpt or "", found.place.column - 1, text.text[place])
    return replace(found, suggestion=better)


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
    return f"{line[:end]} {line[end:]}"
