"""YAML as a tree of nodes with their positions. No value is interpreted: every scalar is the text that was typed.

The tree is built from ``yaml.parse`` events under a cap of depth and of nodes, never by ``compose``: the C library
recurses there, and 60 KB of ``"- "`` overflow the stack and end the process.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from composer.locale import gettext as _

DEPTH_CAP = 40
NODE_CAP = 50_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class SyntaxMistake(Exception):
    """Where YAML stops parsing: ``line``, ``column`` from 0. ``start`` is the line where the failed construct began."""

    def __init__(self, code: str, why: str, line: int, column: int, start: int | None = None, final: bool = False):
        super().__init__(why)
        self.code, self.why, self.line, self.column, self.start, self.final = code, why, line, column, start, final


class TextRange(NamedTuple):
    """From one place to another; lines and columns from 0, the end excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


# Letters and symbols by Unicode category that display as blanks.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_visible(character: str) -> bool:
    """True if a character displays by itself: not a space, a combining mark or an invisible character."""
    category = unicodedata.category(character)
    return (category[0] in "LNPS" or category == "Co") and character not in _BLANK


@dataclass(frozen=True)
class Scalar:
    text: str
    span: TextRange
    style: str  #: "" plain, "'" or '"' quoted, "|" literal, ">" folded

    @property
    def is_empty(self) -> bool:
        """True if it holds no visible character, quoted or not."""
        first = self.text[:1]
        return not (first.isascii() and first.isalnum()) and not any(map(is_visible, self.text))

    @property
    def is_joined(self) -> bool:
        """True if YAML joined several lines into one: positions inside are unknown."""
        return self.style == ">" or (self.style != "|" and self.span.end_line > self.span.line)


@dataclass(frozen=True)
class TextPart(Scalar):
    """A part of a literal text, as ``points`` cuts it: its lines after the first begin at the column ``indent``."""

    indent: int = 0


@dataclass(frozen=True)
class Sequence:
    span: TextRange
    flow: bool
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Mapping:
    span: TextRange
    flow: bool
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)


Node: TypeAlias = "Scalar | Sequence | Mapping"


def parse(text: str) -> Node | None:
    """The tree of the only document in ``text``; None where it is empty. Raises ``SyntaxMistake``."""
    try:
        return _build(yaml.parse(text, Loader=_Loader), text.split("\n"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        block = (error.context or "").startswith("while parsing a block")
        start = error.context_mark.line if error.context_mark and not block else None
        raise SyntaxMistake("bad-yaml", error.problem or str(error), line, column, start) from error
    except yaml.YAMLError as error:
        raise SyntaxMistake("bad-yaml", str(error), 0, 0, final=True) from error


def _build(events: Iterator[Event], lines: list[str]) -> Node | None:
    root: Node | None = None
    open_nodes: list[tuple[Event, Sequence | Mapping]] = []
    keys: list[Scalar | None] = []
    nodes = documents = 0
    for event in events:
        node: Node
        match event:
            case ScalarEvent():
                nodes += 1
                _check(event, nodes)
                node = Scalar(event.value, _span(event, event), event.style or "")
            case SequenceStartEvent() | MappingStartEvent():
                nodes += 1
                _check(event, nodes)
                if len(open_nodes) == DEPTH_CAP:
                    why = _("lists within lists, more than {cap} deep").format(cap=DEPTH_CAP)
                    raise SyntaxMistake("too-deep", why, *_start(event), final=True)
                kind = Sequence if isinstance(event, SequenceStartEvent) else Mapping
                _refuse_as_key(event, open_nodes, keys)
                open_nodes.append((event, kind(_span(event, event), bool(event.flow_style))))
                keys.append(None)
                continue
            case SequenceEndEvent() | MappingEndEvent():
                start, unfinished = open_nodes.pop()
                keys.pop()
                span = _span(start, event)
                if isinstance(unfinished, Sequence):
                    node = Sequence(span, unfinished.flow, unfinished.items)
                else:
                    node = Mapping(span, unfinished.flow, unfinished.entries)
            case AliasEvent():
                raise SyntaxMistake("alias", _("a * here is a YAML alias"), *_start(event))
            case DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise SyntaxMistake("second-document", _("a line --- ends the file for YAML"), *_start(event))
                continue
            case _:
                continue
        if not open_nodes:
            root = node
            continue
        parent = open_nodes[-1][1]
        if isinstance(parent, Sequence):
            _refuse_as_text(node, parent, lines)
            parent.items.append(node)
        elif keys[-1] is None:
            assert isinstance(node, Scalar)
            keys[-1] = node
        else:
            parent.entries.append((keys[-1], node))
            keys[-1] = None
    return root


def _check(event: ScalarEvent | SequenceStartEvent | MappingStartEvent, nodes: int) -> None:
    if nodes > NODE_CAP:
        raise SyntaxMistake("too-large", _("this file holds too many values"), *_start(event), final=True)
    if event.anchor is not None:
        raise SyntaxMistake("anchor", _("an & here is a YAML anchor"), *_start(event))
    if event.tag is not None:
        raise SyntaxMistake("tag", _("a ! here is a YAML tag"), *_start(event))


def _span(first: Event, last: Event) -> TextRange:
    start, end = first.start_mark, last.end_mark
    assert start is not None
    assert end is not None
    return TextRange(start.line, start.column, end.line, end.column)


def _start(event: Event) -> tuple[int, int]:
    assert event.start_mark is not None
    return event.start_mark.line, event.start_mark.column


def _refuse_as_key(event: Event, open_nodes: list[tuple[Event, Sequence | Mapping]], keys: list[Scalar | None]) -> None:
    if open_nodes and isinstance(open_nodes[-1][1], Mapping) and keys[-1] is None:
        why = _("a key is one word followed by a colon")
        raise SyntaxMistake("bad-key", why, *_start(event))


def _refuse_as_text(node: Node, parent: Sequence, lines: list[str]) -> None:
    """Refuse an item indented too far: YAML silently takes it, dash included, as more of the text above."""
    if parent.flow or not isinstance(node, Scalar) or node.style:
        return
    for number in range(node.span.line + 1, node.span.end_line + 1):
        if lines[number].lstrip().startswith("- "):
            why = "an item of a list stands to the right of the one above"
            raise SyntaxMistake("bad-indent", why, number, len(lines[number]) - len(lines[number].lstrip()))
