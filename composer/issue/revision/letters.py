"""A sentence as a row of letters, each with its marks: the form in which two versions of it are compared.

The same words under the same marks are one row, however the marks are nested in the tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Literal, NamedTuple

from composer.issue.inline import Break, Code, Emphasis, Link, Span, Spans, Strong, Text
from composer.issue.inline_markdown import MARKDOWN

_NO_MARKS: frozenset[InlineMark] = frozenset()


class InlineMark(NamedTuple):
    """What letters stand under; ``href`` is a link's address as Markdown reads it."""

    kind: Literal["link", "strong", "em"]
    href: str = ""


class MarkedLetter(NamedTuple):
    """One character of a text, one break (``"\\n"``), or the whole ``text`` of one code."""

    text: str
    kind: Literal["text", "break", "code"] = "text"
    marks: frozenset[InlineMark] = _NO_MARKS

    @property
    def is_blank(self) -> bool:
        """True for a space and for a break: marks do not begin or end there."""
        return self.kind != "code" and self.text.isspace()


STRONG, EMPHASIS = InlineMark("strong"), InlineMark("em")

#: Outermost first, where two marks have the same letters.
_ORDER = ("link", "strong", "em")


def link_mark(url: str) -> InlineMark:
    """The mark of a link to ``url``, in the form in which Markdown gives an address."""
    return InlineMark("link", MARKDOWN.normalizeLink(url))


def lettered(spans: Spans, marks: frozenset[InlineMark] = _NO_MARKS) -> list[MarkedLetter]:
    """The letters of ``spans``, which stand under ``marks``."""
    found: list[MarkedLetter] = []
    for span in spans:
        match span:
            case Text(text):
                found += [MarkedLetter(letter, "text", marks) for letter in text]
            case Code(text):
                found.append(MarkedLetter(text, "code", marks))
            case Break():
                found.append(MarkedLetter("\n", "break", marks))
            case Strong(children):
                found += lettered(children, marks | {STRONG})
            case Emphasis(children):
                found += lettered(children, marks | {EMPHASIS})
            case Link(url, children):
                found += lettered(children, marks | {link_mark(url)})
    return found


def nested(letters: Sequence[MarkedLetter]) -> Spans:
    """The tree of ``letters``; of two marks that begin together, the longer one is outside."""
    return tuple(_nested(letters, 0, len(letters), _NO_MARKS))


def _nested(letters: Sequence[MarkedLetter], start: int, end: int, around: frozenset[InlineMark]) -> Iterable[Span]:
    while start < end:
        ends = {mark: _run(letters, start, end, mark) for mark in letters[start].marks - around}
        if ends:
            mark = max(ends, key=lambda each: (ends[each], -_ORDER.index(each.kind)))
            children = tuple(_nested(letters, start, ends[mark], around | {mark}))
            match mark.kind:
                case "link":
                    yield Link(mark.href, children)
                case "strong":
                    yield Strong(children)
                case "em":
                    yield Emphasis(children)
            start = ends[mark]
            continue
        first = letters[start]
        if first.kind != "text":
            yield Code(first.text) if first.kind == "code" else Break()
            start += 1
            continue
        after = start
        while after < end and letters[after].kind == "text" and not letters[after].marks - around:
            after += 1
        yield Text("".join(letter.text for letter in letters[start:after]))
        start = after


def _run(letters: Sequence[MarkedLetter], start: int, end: int, mark: InlineMark) -> int:
    """Where the letters under ``mark`` that begin at ``start`` end."""
    while start < end and mark in letters[start].marks:
        start += 1
    return start


def tightened(letters: Iterable[MarkedLetter]) -> list[MarkedLetter]:
    """``letters`` as Markdown can hold them: no space at either end and around a break, none under the edge of a mark.

    Two versions of a sentence say the same if they are equal so.
    """
    row = _trimmed([*letters])
    for mark in set(chain.from_iterable(letter.marks for letter in row)):
        _tighten(row, mark)
    after: frozenset[InlineMark] = _NO_MARKS
    for index in range(len(row) - 1, -1, -1):
        if row[index].kind == "break":
            before = next(row[at].marks for at in range(index - 1, -1, -1) if row[at].kind != "break")
            row[index] = row[index]._replace(marks=before & after)
        else:
            after = row[index].marks
    return row


def _trimmed(row: Sequence[MarkedLetter]) -> list[MarkedLetter]:
    kept: list[MarkedLetter] = []
    for letter in row:
        if letter.kind == "break":
            while kept and kept[-1].kind == "text" and kept[-1].text.isspace():
                kept.pop()
        elif letter.is_blank and (not kept or kept[-1].kind == "break"):
            continue
        if kept or letter.kind != "break":
            kept.append(letter)
    while kept and kept[-1].is_blank:
        kept.pop()
    return kept


def _tighten(row: list[MarkedLetter], mark: InlineMark) -> None:
    """Take ``mark`` off the spaces at both ends of each run of letters under it."""
    start = 0
    while start < len(row):
        if mark not in row[start].marks:
            start += 1
            continue
        end = _run(row, start, len(row), mark)
        first, last = start, end
        while first < last and row[first].is_blank:
            first += 1
        while last > first and row[last - 1].is_blank:
            last -= 1
        for index in chain(range(start, first), range(last, end)):
            row[index] = row[index]._replace(marks=row[index].marks - {mark})
        start = end
