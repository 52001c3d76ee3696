"""Resolve texts: the elements an audience gets, their references, and their boxes where allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from composer.issue.block import Block
from composer.issue.body import Asterism, Body, Citation, Crosshead, Element, Paragraph, Point, Points, readable
from composer.issue.context import Context
from composer.issue.resolved import Resolved, ResolvedBody, ResolvedElement

#: Resolves a box at its line in the body; None where it prints nothing.
Box = Callable[[Block, int], Resolved | None]


def resolved_elements(context: Context, elements: Iterable[tuple[int, Element]], box: Box) -> ResolvedBody:
    """Resolve ``elements``, each with its line in the body."""
    return tuple(_elements(context, elements, box))


def resolved_text(context: Context, text: Body) -> ResolvedBody:
    """Resolve the text of a box, which contains no box."""
    return resolved_elements(context, readable(text, "paid"), lambda _block, _line: None)


def _elements(context: Context, elements: Iterable[tuple[int, Element]], box: Box) -> Iterator[ResolvedElement]:
    for line, element in elements:
        match element:
            case Paragraph(spans):
                yield Paragraph(context.resolved(spans))
            case Crosshead(spans):
                yield Crosshead(context.resolved(spans))
            case Points(items, ordered):
                points = (
                    Point(context.resolved(item.spans), context.resolved(item.lead) if item.lead else None)
                    for item in items
                )
                yield Points(tuple(points), ordered)
            case Citation(paragraphs):
                yield Citation(tuple(context.resolved(spans) for spans in paragraphs))
            case Asterism():
                yield element
            case Block():
                resolved = box(element, line)
                if resolved is not None:
                    yield resolved
            case _:  # the paywall prints nothing
                pass
