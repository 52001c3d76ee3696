"""Quotation marks that print otherwise than meant: straight ones left over, curly ones around a whole value."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice

from composer.issue.inline import Inline
from composer.issue.inline_markdown import MOST_REMARKS
from composer.issue.marked import marked
from composer.issue.model import Issue
from composer.issue.text_iter import texts
from composer.issue.typography import Ruleset, ruleset
from composer.issue.typography.sentences import Sentence, body_of, inline_of, words_of
from composer.issue.typography.spans import letters_of, set_leaves
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.values import Typeset
from composer.proofreading.typed import Edit, remark
from composer.source.document import Loc
from composer.source.finding import Finding
from composer.source.quoting import quoted, spelled, split_lines

_CURLY = {"“": "”", "„": "“", "‘": "’", "”": "”"}
_SPACES = " \u00a0\u202f"


def remarks(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """The findings on the quotation marks of ``issue``."""
    publication = newsroom.publications[issue.key.publication]
    language = issue.key.language or publication.language
    rules = ruleset(publication, language, tuple(newsroom.lexicon.names))
    for loc, text, sentences in _typed(issue):
        if '"' in text and rules.profile is not None and rules.profile.quotes not in (None, "keep"):
            yield from _straight(issue, loc, text, sentences, rules)
        if sentences is not None and text[:1] in _CURLY:
            yield from _around(issue, loc, text, language)


def _typed(issue: Issue) -> Iterator[tuple[Loc, str, Sentence | None]]:
    """Each text of the issue as typed; and its sentence, where it is one."""
    for loc, text in texts(issue.front):
        yield loc, text.source, inline_of(text.source) if isinstance(text, Inline) else None
    for prose in marked(issue.front, Typeset):
        if prose.body is None:
            yield prose.loc, prose.value, words_of(prose.value)


def _straight(issue: Issue, loc: Loc, text: str, sentence: Sentence | None, rules: Ruleset) -> Iterator[Finding]:
    left: list[tuple[int, str]] = []
    for each in [sentence] if sentence else body_of(text):
        left += _paired(_left(each, rules), text, rules)
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    edits: dict[int, list[Edit]] = {}
    for place, new in left:
        number = bisect_right(starts, place) - 1
        edits.setdefault(number, []).append((place - starts[number], '"', new))
    message = _("straight quotation marks would be printed here: which opens and which closes is not clear")
    for number in islice(edits, MOST_REMARKS):
        yield remark(issue, "straight-quotes", message, loc, number, edits[number])


def _left(sentence: Sentence, rules: Ruleset) -> list[int]:
    """Where straight quotation marks of the sentence stay once its typography is set."""
    typed = "".join(leaf.text for leaf in sentence.leaves)
    if '"' not in typed:
        return []
    buffer = set_leaves(sentence.leaves, rules)
    letters = typed if buffer is None else letters_of(buffer, sentence.leaves)
    places = zip(sentence.places, typed, letters, strict=True)
    return [place for place, old, new in places if place is not None and old == '"' and '"' in new]


def _paired(left: list[int], text: str, rules: Ruleset) -> list[tuple[int, str]]:
    """The marks, opening and closing in turn, and what to type instead; as typed where one is alone. No inches."""
    pairs: list[tuple[int, int]] = []
    opened: int | None = None
    for place in left:
        if opened is not None:
            pairs.append((opened, place))
            opened = None
        elif not text[place - 1 : place].isdigit():
            opened = place
    if opened is not None:
        return [(place, '"') for place in left]
    guillemets = rules.profile is not None and rules.profile.quotes == "guillemets"
    found: list[tuple[int, str]] = []
    for one, two in pairs:
        first, last = ("« ", " »") if guillemets else ("“", "”")
        found.append((one, first.strip() if text[one + 1 : one + 2] in tuple(_SPACES) else first))
        found.append((two, last.strip() if text[two - 1 : two] in tuple(_SPACES) else last))
    return found


def _around(issue: Issue, loc: Loc, text: str, language: str) -> Iterator[Finding]:
    """Curly marks around a whole value, where straight ones were meant for YAML."""
    inner = text[1:-1]
    if text[-1] != _CURLY[text[0]] or len(text) < 3 or any(mark in inner for mark in "“”„"):
        return
    if language != "fr" and spelled(inner) == inner:  # a quotation, in a language that writes it so
        return
    place = issue.source.place(loc)
    lines = split_lines(issue.source.text)
    if not lines[place.line - 1].startswith(text[0], place.column - 1):
        return  # between straight quotes, or below |: they are meant
    message = _("these quotation marks would be printed: YAML's are straight, {better}").format(
        better=quoted(inner)[:40]
    )
    if language == "fr":
        message += _("; of a quotation, type « »")
    yield remark(issue, "curly-quoting", message, loc, 0, [(0, text, quoted(inner))])
