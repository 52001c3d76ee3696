"""An element of a text by its place, in the text itself or in a box that stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from composer.issue import markdown
from composer.issue.block import Block
from composer.issue.body import Body, Element, Row
from composer.issue.body_lines import plain_spaces
from composer.issue.revision.element_lines import SentenceLines, sentences_of
from composer.issue.revision.model import Revision, Stale, Unwritable
from composer.issue.revision.written_body import LineRange, WrittenBody, ranged, require_alone, said_of
from composer.locale import gettext as _
from composer.source.document import Loc

#: Writes the lines of a text, which are then to say that.
Commit = Callable[[Sequence[str], Sequence[object]], Revision]


@dataclass(frozen=True)
class ElementPlace:
    """A ``TypedPlace`` read from its text; without a line it is the text itself."""

    loc: Loc
    line: int | None = None
    part: tuple[str | int, ...] = ()

    @classmethod
    def of(cls, at: str) -> ElementPlace:
        """The place ``at``: ``blocks/2/body#14/0/text``."""
        loc, _sharp, rest = at.partition("#")
        line, *part = rest.split("/")
        return cls(_steps(loc.split("/")), _number(line), _steps(part))

    @property
    def number(self) -> int:
        """Its line. Raises ``Stale`` for a place that is none of a text's lines."""
        if self.line is None:
            raise Stale("")
        return self.line


def _steps(words: Sequence[str]) -> Loc:
    return tuple(word if (number := _number(word)) is None else number for word in words if word)


def _number(word: str) -> int | None:
    return int(word) if re.fullmatch(r"\d{1,6}", word, re.ASCII) else None


@dataclass(frozen=True)
class PlacedElement:
    """The lines of a text, or of a box in it, with the element that was asked for; ``commit`` writes them."""

    lines: Sequence[str]
    elements: Sequence[tuple[LineRange, Element]]
    number: int
    part: tuple[str | int, ...]
    commit: Commit

    @property
    def range(self) -> LineRange:
        """The lines of the element."""
        return self.elements[self.number][0]

    @property
    def element(self) -> Element:
        return self.elements[self.number][1]

    def sentences(self, number: int) -> list[SentenceLines]:
        """The sentences of one of the elements."""
        lines, element = self.elements[number]
        return sentences_of(self.lines[lines.start : lines.end], element)

    def said(self) -> list[object]:
        """What the elements say."""
        return [said_of(element) for _lines, element in self.elements]

    def replaced(self, first: int, last: int, lines: Sequence[str], said: Sequence[object]) -> Revision:
        """``lines`` in place of those of the elements from ``first`` to ``last``, which then say ``said``."""
        start, end = self.elements[first][0].start, self.elements[last][0].end
        intended = self.said()
        intended[first : last + 1] = said
        return self.commit([*self.lines[:start], *lines, *self.lines[end:]], intended)


def placed_element(body_: WrittenBody, place: ElementPlace) -> PlacedElement:
    """The element at ``place``. Raises ``Stale`` where none is, ``Unwritable`` for a field of a box that is no text."""
    number = body_.number(place.number)
    require_alone(body_, number)
    lines, element = body_.elements[number]
    if not isinstance(element, Block):
        return PlacedElement(body_.lines, body_.elements, number, place.part, body_.rewritten)
    key, *rest = place.part or ("",)
    inner = getattr(element, str(key), None)
    if not isinstance(inner, Body) or not rest or not isinstance(rest[0], int):
        raise Unwritable(_("this line is not parted: it is one sentence"))
    if any(isinstance(each, Row) for each in inner):
        raise Unwritable(_("the lines of a table are added and moved in the file"))
    start = lines.start + 1
    end = lines.end - body_.lines[lines.end - 1].strip().startswith("::")
    while start < end and "\n".join(map(plain_spaces, body_.lines[start:end])).rstrip() != inner.source.rstrip():
        start += 1
    own = body_.lines[start:end]
    elements = ranged(own, markdown.body)
    within = next((at for at, each in enumerate(elements) if each[0].start == rest[0]), None)
    if within is None:
        raise Stale("")

    def commit(new: Sequence[str], intended: Sequence[object]) -> Revision:
        whole = [*body_.lines[:start], *new, *body_.lines[end:]]
        again = body_.read("\n".join(whole)).elements
        box = again[number] if number < len(again) else None
        text = getattr(box, str(key), None)
        said = [said_of(each) for _lines, each in body_.elements]
        says = [said_of(each) for each in text.elements] if isinstance(text, Body) else []
        if box is not None and says == list(intended) and element.model_copy(update={str(key): text}) == box:
            said[number] = box
        return body_.rewritten(whole, said)

    return PlacedElement(own, elements, within, tuple(rest[1:]), commit)
