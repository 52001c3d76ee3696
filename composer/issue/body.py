"""What a body of Markdown is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from composer.issue.inline import Span
from composer.source.finding import Problem

if TYPE_CHECKING:
    from composer.issue.blocks import ASurveiller, EnFiligrane, Figure, Insight, Links, Quote


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
    """``> quoted``: words quoted in the flow of a text, not a pull quote."""

    paragraphs: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Paywall:
    """``===``: what follows is for paying readers."""


Box: TypeAlias = "EnFiligrane | ASurveiller | Insight | Figure | Quote | Links"
Element: TypeAlias = "Paragraph | Crosshead | Points | Citation | Paywall | Box"


@dataclass(frozen=True)
class Body:
    """A parsed body. ``source`` is what the editor wrote; ``lines[i]`` is the line of element ``i`` in it, from 0."""

    source: str
    elements: tuple[Element, ...]
    lines: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements)

    def __bool__(self) -> bool:
        return bool(self.elements)
