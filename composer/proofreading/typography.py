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
            second = sentence.places[pair[1]] if pair else None
            for doubt in found:
                place = sentence.places[doubt.index]
                if place is None or (second is not None and doubt.index == straight[1]):
                    continue
                if doubt.kind == "straight-quotes":
                    yield _straight(issue, text, (place,) if second is None else (place, second), rules)
                else:
                    yield _glued(issue, text, place)


def _is_pair(words: str, first: int, second: int) -> bool:
    """True if the marks at these indexes are the only two left, and stand as one that opens and one that closes."""
    return not words[first + 1].isspace() and not words[second - 1].isspace()


def _straight(issue: Issue, text: TypesetText, places: tuple[int, ...], rules: Ruleset) -> Finding:
    """``places``: of a mark alone, or of two that open and close."""
    guillemets = rules.profile is not None and rules.profile.quotes == "guillemets"
    opening, closing = ("«", "»") if guillemets else ("“", "”")
    if len(places) > 1:
        message = _("these straight quotes stay straight: type {opening} and {closing} in their place")
    else:
        message = _(
            "this straight quote stays straight, as none goes with it: type {opening} or {closing} in its place"
        )
    message = message.format(opening=opening, closing=closing)
    better = [f"{opening}\u00a0", f"\u00a0{closing}"] if guillemets else [opening, closing]
    (line, _column), *others = at = [_position(text.text, place) for place in places]
    sure = len(places) > 1 and all(other == line for other, _column in others)
    edits = [(column, '"', new if sure else '"') for (_line, column), new in zip(at, better, strict=False)]
    return typed_remark(issue, "straight-quotes", message, text.loc, line, edits if sure else edits[:1])


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
    if mark in "(«“":
        return f"{line[:column]} {line[column:]}"
    end = column + (3 if line.startswith("...", column) else 1)
    before = line[:column].rstrip(" ") if mark in ".," else line[:column]
    return f"{before}{line[column:end]} {line[end:]}"
