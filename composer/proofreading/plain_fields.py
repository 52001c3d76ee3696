"""Fields without Markdown: its signs would be printed there. And the subject, which lists of messages judge."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.issue.inline import Text, plain
from composer.issue.inline_markdown import sentence
from composer.issue.marked import marked
from composer.issue.model import Issue
from composer.issue.raw_signs import remarked
from composer.locale import gettext as _
from composer.newsroom.values import Typeset
from composer.proofreading.typed import typed_remark
from composer.source.finding import Finding, Severity

_REPLY = re.compile(r"\s*(?:re|rép|fwd?|tr)[ \u00a0\u202f]?:", re.IGNORECASE)
_SHOUTS = re.compile(r"!{2}|\?{2}|[!?]{3}")

#: Letters of a subject, and the part of them in capitals, from which it is written in capitals.
_LETTERS, _CAPITALS = 12, 0.6


def remarks(issue: Issue) -> Iterator[Finding]:
    """The findings on the fields of ``issue`` that hold no Markdown."""
    for prose in marked(issue.front, Typeset):
        if prose.body is None:
            yield from _of_field(issue, prose.loc, prose.value)
    yield from _subject(issue)


def _of_field(issue: Issue, loc: tuple[str | int, ...], value: str) -> Iterator[Finding]:
    spans, found = remarked(value)
    words = plain(spans)
    if words != value and "\\" not in value and spans != (Text(value),):
        message = _("this field is printed as it is typed, signs included: there is no bold, italic or link here")
        yield typed_remark(issue, "plain-field", message, loc, 0, [(0, value, words)])
        return
    for each in found:
        if each.code in ("entity", "raw-marks", "html", "stray-asterisks", "leftover"):
            better = None if each.better is None else plain(sentence(each.better)[0])
            yield typed_remark(issue, each.code, each.message, loc, 0, [(each.position, each.wrong, better)])


def _subject(issue: Issue) -> Iterator[Finding]:
    subject = issue.front.subject
    letters = [letter for letter in subject if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    messages = []
    if _REPLY.match(subject):
        messages.append(
            _("a subject that begins like a reply deceives: readers and filters hold it against the sender")
        )
    if len(letters) >= _LETTERS and capitals > len(letters) * _CAPITALS:
        messages.append(_("a subject in capitals reads as a shout, and filters count it: write it as a sentence"))
    if _SHOUTS.search(subject):
        messages.append(_("one mark is enough: several read as an advertisement, and filters count them"))
    for message in messages:
        yield issue.source.finding("loud-subject", message, ("subject",), severity=Severity.NOTE)
