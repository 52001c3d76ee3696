"""Where each sentence of an edition was typed: what the studio needs to lead from the letter back to the file.

A sentence is known by its object: ``Context`` notes from which sentence of the issue each resolved one was made, and
house typography changes an edition's sentences without moving any. So an edition needs no places of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from composer.issue.block import Block
from composer.issue.body import Body, Citation, Crosshead, Paragraph, Points, Row
from composer.issue.inline import Break, Code, Emphasis, Inline, Link, Spans, Strong, Text
from composer.issue.model import Issue
from composer.issue.text_iter import texts
from composer.newsroom.model import Publication, Style
from composer.source.document import Loc

_SPANS = (Text, Break, Code, Strong, Emphasis, Link)


@dataclass(frozen=True)
class TypedPlace:
    """The place of a sentence in its issue: the text at ``loc``; in a body, its line there, from 0; and which sentence
    of that line's element it is: a point's lead or words, a cell, a field of a box."""

    loc: Loc
    line: int | None = None
    part: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        """``blocks/2/body#14/points/0/lead``: one word, for an attribute."""
        at = "/".join(map(str, self.loc)) + (f"#{self.line}" if self.line is not None else "")
        return "/".join([at, *map(str, self.part)])


def typed_sentences(issue: Issue) -> Iterator[tuple[TypedPlace, Spans]]:
    """The sentences of ``issue``, those of its bodies and of the boxes in them, each with its place."""
    for loc, text in texts(issue.front):
        if isinstance(text, Inline):
            yield TypedPlace(loc), text.spans
            continue
        for line, element in text.by_line():
            for part, spans in parts_of(element):
                yield TypedPlace(loc, line, part), spans


def parts_of(element: object) -> Iterator[tuple[tuple[str | int, ...], Spans]]:
    """The sentences of an element of a body, each with its ``TypedPlace.part``."""
    match element:
        case Paragraph(spans) | Crosshead(spans):
            yield (), spans
        case Points(items):
            for number, item in enumerate(items):
                yield (number, "text"), item.spans
                if item.lead:
                    yield (number, "lead"), item.lead
        case Citation(parts) | Row(parts):
            for number, spans in enumerate(parts):
                yield (number,), spans
        case Block():
            for loc, text in texts(element):
                if isinstance(text, Inline):
                    yield loc, text.spans
                else:
                    for line, inner in text.by_line():
                        yield from (((*loc, line, *part), spans) for part, spans in parts_of(inner))
        case _:  # an ornament, the paywall
            pass


def typed_places(
    issue: Issue, made: Sequence[tuple[Spans, Spans]], before: object, after: object
) -> Mapping[int, TypedPlace]:
    """``id`` of a sentence of ``after`` → its origin, for those that are a sentence of ``issue`` as a whole, or the
    words of one that is a single link (the items of a list of links are printed so).

    ``made``: a sentence of the issue, and the one made of it in ``before``, the edition that house typography turned
    into ``after``. What is computed has no origin. The ids hold as long as ``after`` does.
    """
    typed = {id(spans): origin for origin, spans in typed_sentences(issue) if spans}
    typed |= {id(children): origin for origin, spans in typed_sentences(issue) for children in _words_of_link(spans)}
    found = {id(resolved): typed[id(spans)] for spans, resolved in made if id(spans) in typed}
    return {id(set_): found[id(plain)] for plain, set_ in _pairs(before, after) if id(plain) in found}


def _words_of_link(spans: Spans) -> Iterator[Spans]:
    match spans:
        case (Link(_, children),) if children:
            yield children


def sentences_in(value: object) -> Iterator[Spans]:
    """The sentences of an edition, or of a part of one."""
    return (spans for spans, _same in _pairs(value, value))


def _pairs(before: Any, after: Any) -> Iterator[tuple[Spans, Spans]]:
    """The sentences of two values of one shape, side by side."""
    match before:
        case Publication() | Style() | str():
            return
        case tuple() if before and isinstance(before[0], _SPANS):
            yield before, after
        case tuple():
            for one, other in zip(before, after, strict=True):
                yield from _pairs(one, other)
        case Inline():
            yield before.spans, after.spans
        case BaseModel():
            for name in type(before).model_fields:
                yield from _pairs(getattr(before, name), getattr(after, name))
        case Body():
            return
        case _ if is_dataclass(before):
            for each in fields(before):
                yield from _pairs(getattr(before, each.name), getattr(after, each.name))
