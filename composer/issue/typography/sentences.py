"""The texts of an issue that house typography sets, and their sentences as typed, Markdown and boxes included.

Each character of a sentence has its position in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from composer.issue import paywall
from composer.issue.blocks import DIRECTIVES
from composer.issue.body import Body
from composer.issue.body_lines import plain_spaces
from composer.issue.directives import OPTION, option
from composer.issue.inline import Inline
from composer.issue.markdown import BOX_OPENING
from composer.issue.prose import prose_fields
from composer.issue.source_map import pieces
from composer.issue.typography.edit_buffer import FIXED
from composer.issue.typography.spans import Leaf
from composer.newsroom.model import Style
from composer.source import vocabulary
from composer.source.document import Loc
from composer.source.field_spec import Kind, record_of

#: Prefix of a line: the mark of a point, a citation or a crosshead.
_MARK = re.compile(r" {0,3}(?:(?:[-*+]|>>|•|\d{1,9}[.)])[ \t]+|>[ \t]?|##[ \t]+)")
_BOX_LINE = re.compile(r"[\s>*+-]*:::")


@dataclass(frozen=True)
class TypesetText:
    """A text of the newsroom, at its place. ``kind`` is ``str``, ``Inline`` or ``Body``; ``header``: of the mail."""

    loc: Loc
    text: str
    kind: type
    header: bool = False


@dataclass(frozen=True)
class Sentence:
    """The characters of one sentence, and the position of each in the text; None for one that cannot be edited."""

    leaves: tuple[Leaf, ...]
    places: tuple[int | None, ...]


def typeset_texts(value: object, loc: Loc = ()) -> Iterator[TypesetText]:
    """The texts in ``value`` that house typography sets: every one of the newsroom, none of a sponsor."""
    match value:
        case Inline(source) | Body(source):
            yield TypesetText(loc, source, type(value))
        case Style():
            return
        case BaseModel():
            prose = prose_fields(type(value))
            for name in type(value).model_fields:
                held, mark = getattr(value, name), prose.get(name)
                if mark is not None:
                    yield from _prose(held, (*loc, name), mark.header)
                if mark is None or not isinstance(held, str):
                    yield from typeset_texts(held, (*loc, name))
        case tuple():
            for index, each in enumerate(value):
                yield from typeset_texts(each, (*loc, index))
        case dict():
            for key, each in value.items():
                yield from typeset_texts(each, (*loc, key))
        case _:
            return


def _prose(held: object, loc: Loc, header: bool) -> Iterator[TypesetText]:
    if isinstance(held, str):
        yield TypesetText(loc, held, str, header)
    elif isinstance(held, tuple):
        for index, each in enumerate(held):
            if isinstance(each, str):
                yield TypesetText((*loc, index), each, str, header)


def sentences_of(text: str, kind: type) -> Iterator[Sentence]:
    """The sentences of a text of this kind (see ``TypesetText``)."""
    if kind is Body:
        yield from body_of(text)
    else:
        yield inline_of(text) if kind is Inline else words_of(text)


def words_of(text: str, start: int = 0) -> Sentence:
    """A text without Markdown, as one sentence."""
    return Sentence((Leaf(text, 0),), tuple(range(start, start + len(text))))


def sentence_of(text: str, places: Sequence[int]) -> Sentence:
    """A paragraph of inline Markdown; its characters stand at ``places``."""
    leaves: list[Leaf] = []
    found: list[int | None] = []
    for piece in pieces(text):
        if piece.kind == "code":
            leaves.append(Leaf(FIXED, piece.depth, solid=True))
            found.append(None)
            continue
        leaves.append(Leaf(piece.text, piece.depth, solid=piece.kind == "fixed"))
        typed = piece.kind == "text"
        found += (places[piece.start + index] if typed else None for index in range(len(piece.text)))
    return Sentence(tuple(leaves), tuple(found))


def inline_of(text: str) -> Sentence:
    """A field of inline Markdown, as one sentence."""
    start = len(text) - len(text.lstrip())
    content = text.strip()
    return sentence_of(content, range(start, start + len(content)))


def body_of(text: str) -> Iterator[Sentence]:
    """The sentences of a body: of its paragraphs, points and crossheads, and of the texts of its boxes."""
    paragraph: list[tuple[str, int]] = []
    box = ""
    position = 0
    for line in map(plain_spaces, text.split("\n")):
        start, position = position, position + len(line) + 1
        given = OPTION.match(line) if box else None
        if given is not None:
            yield from _option(box, given, start)
            continue
        mark = _MARK.match(line)
        if not line.strip() or paywall.looks_like(line) or _BOX_LINE.match(line):
            yield from _paragraph(paragraph)
            paragraph = []
            if opening := BOX_OPENING.match(line):
                box = vocabulary.find_block(opening["name"], DIRECTIVES) or ""
                yield from _argument(box, opening, start)
        elif mark is not None:
            yield from _paragraph(paragraph)
            paragraph = [(line[mark.end() :], start + mark.end())]
        else:
            paragraph.append((line, start))
        if line.strip() and not _BOX_LINE.match(line):
            box = ""
    yield from _paragraph(paragraph)


def _paragraph(lines: Sequence[tuple[str, int]]) -> Iterator[Sentence]:
    if lines:
        content = "\n".join(line for line, _start in lines)
        places = [start + index for line, start in lines for index in range(len(line) + 1)]
        skipped = len(content) - len(content.lstrip(" \t"))
        yield sentence_of(content[skipped:].rstrip(" \t"), places[skipped:])


def _argument(box: str, opening: re.Match[str], start: int) -> Iterator[Sentence]:
    shape = DIRECTIVES[box].boxed if box else None
    if shape is not None and opening["argument"]:
        yield from _words(box, shape.argument, opening["argument"], start + opening.start("argument"))


def _option(box: str, found: re.Match[str], start: int) -> Iterator[Sentence]:
    shape = DIRECTIVES[box].boxed
    name = vocabulary.find_key(found["name"], shape.options if shape else (), DIRECTIVES[box].__name__)
    if name is not None and found["value"]:
        yield from _words(box, name, found["value"], start + found.start("value"))


def _words(box: str, key: str, text: str, start: int) -> Iterator[Sentence]:
    """The sentences of an option or argument, with or without Markdown; none where it holds neither words nor prose."""
    under, field = option(DIRECTIVES[box], key)
    if any(each.kind is Kind.WORDS for each in field.shape.scalars):
        yield sentence_of(text, range(start, start + len(text)))
        return
    model: Any = DIRECTIVES[box]
    if under is not None:
        record = record_of(model).fields[under].shape.record
        model = record.model if record else model
    if key in prose_fields(model):
        yield words_of(text, start)
