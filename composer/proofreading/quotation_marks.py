"""Curly quotation marks around a whole value, where straight ones were meant for YAML."""

from __future__ import annotations

from collections.abc import Iterator

from composer.issue.model import Issue
from composer.issue.typography.sentences import typeset_texts
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.proofreading.typed import typed_remark
from composer.source.document import Loc
from composer.source.finding import Finding
from composer.source.quoting import quoted, spelled
from composer.source.repair.lines import CURLY


def around_values(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """A finding for each value of ``issue`` between quotation marks that would be printed, and were hardly meant."""
    language = issue.key.language or newsroom.publications[issue.key.publication].language
    for text in typeset_texts(issue.front):
        if text.text[:1] in CURLY:
            yield from _around(issue, text.loc, text.text, language)


def _around(issue: Issue, loc: Loc, text: str, language: str) -> Iterator[Finding]:
    """Curly marks around a whole value, where straight ones were meant for YAML."""
    inner = text[1:-1]
    if text[-1] != CURLY[text[0]] or len(text) < 3 or any(mark in inner for mark in "“”„"):
        return
    if language != "fr" and spelled(inner) == inner:  # a quotation, in a language that writes it so
        return
    place = issue.source.place(loc)
    if not issue.source.lines[place.line - 1].startswith(text[0], place.column - 1):
        return  # between straight quotes, or below |: they are meant
    message = _("these quotation marks would be printed: YAML's are straight, {better}").format(
        better=quoted(inner)[:40]
    )
    if language == "fr":
        message += _("; of a quotation, type « »")
    yield typed_remark(issue, "curly-quoting", message, loc, 0, [(0, text, quoted(inner))])
