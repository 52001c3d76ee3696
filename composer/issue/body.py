"""The elements of a Markdown body."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from composer.issue.block import Audience, Block
from composer.issue.inline import Span
from composer.source.finding import Problem

#: Columns of a table.
LEAST_COLUMNS, MOST_COLUMNS = 2, 4


@dataclass(frozen=True)
class Paragraph:
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Crosshead:
    """``## Crosshead``: a title between paragraphs, on its own line or run in with the next one."""

    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Point:
    """An item of a list. ``lead`` is its lead-in without the mark that ended it (``- **Lead :** text``)."""

    spans: tuple[Span, ...]
    lead: tuple[Span, ...] | None = None


@dataclass(frozen=True)
class Points:
    items: tuple[Point, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Citation:
    """``> quoted``: a quotation within a text, not a pull quote."""

    paragraphs: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Asterism:
    """``* * *`` alone on a line: an ornament between two paragraphs."""


@dataclass(frozen=True)
class Row:
    """A line of a table (``rows``), which stands in no other text."""

    cells: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Paywall:
    """``===``: what follows is for paying readers."""


#: What a body contains; a box is a block that may stand in a text.
Element = Paragraph | Crosshead | Points | Citation | Asterism | Row | Paywall | Block


@dataclass(frozen=True)
class Body:
    """A parsed body. ``source`` is the editor's text; ``lines[i]`` is the line of element ``i`` in it, from 0."""

    source: str
    elements: tuple[Element, ...]
    lines: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements)

    def __bool__(self) -> bool:
        return bool(self.elements)

    def by_line(self) -> tuple[tuple[int, Element], ...]:
        """The elements, each with its line."""
        return tuple(zip(self.lines or (0,) * len(self.elements), self.elements, strict=True))


def readable(body: Body, audience: Audience) -> tuple[tuple[int, Element], ...]:
    """The elements of ``body`` that ``audience`` gets, each with its line; free readers get those before ``===``."""
    whole = body.by_line()
    if audience == "free":
        wall = next((n for n, (_, element) in enumerate(whole) if isinstance(element, Paywall)), len(whole))
        whole = whole[:wall]
    return tuple(
        (line, element)
        for line, element in whole
        if not isinstance(element, Paywall) and not (isinstance(element, Block) and not element.is_for(audience))
    )


def is_cut(body: Body) -> bool:
    """True if a line ``===`` is in the text."""
    return any(isinstance(element, Paywall) for element in body)
