"""Iterate over all texts of an issue, with their places."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from composer.issue.block import Block
from composer.issue.body import Body, Citation, Crosshead, Paragraph, Points
from composer.issue.inline import Emphasis, Inline, Link, Span, Strong
from composer.source.document import Loc


def texts(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, Inline | Body]]:
    """The Markdown texts in ``value`` with their places. A box inside a body is part of that body's source."""
    if isinstance(value, (Inline, Body)):
        yield loc, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), (*loc, name))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from texts(each, (*loc, index))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, (*loc, key))


def addresses(text: Inline | Body) -> Iterator[str]:
    """The addresses that a text links to, including those in its boxes."""
    if isinstance(text, Inline):
        yield from _addresses(text.spans)
        return
    for element in text.elements:
        match element:
            case Paragraph(spans) | Crosshead(spans):
                yield from _addresses(spans)
            case Points(items):
                for item in items:
                    yield from _addresses((*(item.lead or ()), *item.spans))
            case Citation(paragraphs):
                for spans in paragraphs:
                    yield from _addresses(spans)
            case Block():
                for _loc, inner in texts(element):
                    yield from addresses(inner)
            case _:  # the paywall
                pass


def _addresses(spans: tuple[Span, ...]) -> Iterator[str]:
    for span in spans:
        match span:
            case Link(url, children):
                yield url
                yield from _addresses(children)
            case Strong(children) | Emphasis(children):
                yield from _addresses(children)
            case _:
                pass
