"""Iterate over all texts of an issue, with their places."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel

from composer.issue.block import Block
from composer.issue.body import Body, Citation, Crosshead, Paragraph, Points, Row
from composer.issue.inline import Emphasis, Inline, Link, Span, Strong
from composer.issue.marked import Signs, marked
from composer.issue.people import LOOKS_LIKE_ID
from composer.newsroom.values import Typeset
from composer.source.document import Loc

#: What a text may be, or be held by.
_HOLDS = (Inline, Body, tuple, dict, BaseModel)


@cache
def _names(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(model.model_fields)


def texts(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, Inline | Body]]:
    """The Markdown texts in ``value`` with their places. A box inside a body is part of that body's source."""
    if isinstance(value, (Inline, Body)):
        yield loc, value
    elif isinstance(value, BaseModel):
        for name in _names(type(value)):
            held = getattr(value, name)
            if isinstance(held, _HOLDS):
                yield from texts(held, (*loc, name))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from texts(each, (*loc, index))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, (*loc, key))


def written(value: object) -> Iterator[tuple[Loc, str]]:
    """All words in ``value`` as typed, with their places: its Markdown texts, and its prose without Markdown.

    A person's identifier is none of them.
    """
    for loc, text in texts(value):
        yield loc, text.source
    people = {each.loc for each in marked(value, Signs) if LOOKS_LIKE_ID.fullmatch(each.value)}
    for prose in marked(value, Typeset):
        if prose.body is None and prose.loc not in people:  # what is in a box is in its body's source
            yield prose.loc, prose.value


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
            case Citation(parts) | Row(parts):
                for spans in parts:
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
