"""Fields without Markdown: its signs would be printed there. And the subject, which lists of messages judge."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.issue.doubtful_addresses import doubt_of
from composer.issue.inline import Text, plain
from composer.issue.inline_markdown import sentence
from composer.issue.marked import marked
from composer.issue.model import Issue
from composer.issue.raw_signs import begun, remarked
from composer.locale import gettext as _
from composer.newsroom.values import Leads, Typeset
from composer.proofreading.typed import typed_remark
from composer.source.finding import Finding, Severity

_REPLY = re.compile(r"\s*(?:re|rép|fwd?|tr)[ \u00a0\u202f]?:", re.IGNORECASE)
#: What a mailing tool, or a desk, puts before the subject of what is not to leave.
_DRAFT = re.compile(
    r"(?:\[?(?:brouillon|draft|wip|test|essai|copie|copy|modèle|template)\]?[ \u00a0]?[:–—-]"
    r"|\[(?:brouillon|draft|test|essai)\]"
    r"|copie de |copy of )(?=.)",
    re.IGNORECASE,
)
_SHOUTS = re.compile(r"!{2}|\?{2}|[!?]{3}")

#: Letters of a subject, and the part of them in capitals, from which it is written in capitals.
_LETTERS, _CAPITALS = 12, 0.6


def remarks(issue: Issue) -> Iterator[Finding]:
    """The findings on the fields of ``issue`` that hold no Markdown."""
    for prose in marked(issue.front, Typeset):
        place = (0, 0) if prose.body is None else _in_box(prose.body.source, prose.line or 0, prose.value)
        if place is not None:
            yield from _of_field(issue, prose.loc, prose.value, *place)
    for address in marked(issue.front, Leads):
        place = (0, 0) if address.body is None else _in_box(address.body.source, address.line or 0, address.value)
        if place is not None and (doubt := doubt_of(address.value)) is not None:
            yield typed_remark(
                issue, doubt.code, doubt.message, address.loc, place[0], [(place[1], address.value, doubt.better)]
            )
    yield from _subject(issue)


def _in_box(body: str, first: int, value: str) -> tuple[int, int] | None:
    """Line and column in ``body`` of the ``value`` of a box that opens on line ``first``, if it is there."""
    for number, line in enumerate(body.split("\n")):
        if number >= first and (column := line.find(value)) >= 0:
            return number, column
        if number > first and line.rstrip() == ":::":
            return None
    return None


def _of_field(issue: Issue, loc: tuple[str | int, ...], value: str, line: int, column: int) -> Iterator[Finding]:
    """What would be printed as typed in ``value``, which begins at ``line`` and ``column`` of the text at ``loc``."""
    spans, found = remarked(value)
    words = plain(spans)
    if words != value and "\\" not in value and spans != (Text(value),):
        message = _("this field is printed as it is typed, signs included: there is no bold, italic or link here")
        yield typed_remark(issue, "plain-field", message, loc, line, [(column, value, words)])
        return
    for each in (*begun(value), *found):
        if each.code in ("entity", "raw-marks", "html", "stray-asterisks", "leftover", "footnote"):
            better = None if each.better is None else plain(sentence(each.better)[0])
            yield typed_remark(
                issue, each.code, each.message, loc, line, [(column + each.position, each.wrong, better)]
            )


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
    if (draft := _DRAFT.match(subject)) is not None:
        message = _("“{words}” is of a draft or of a copy, and readers would see it: take it out")
        yield issue.source.finding(
            "leftover", message.format(words=draft[0].strip()), ("subject",), severity=Severity.WARNING
        )
    for message in messages:
        yield issue.source.finding("loud-subject", message, ("subject",), severity=Severity.NOTE)
