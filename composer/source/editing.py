"""Edit texts of a YAML file in place: comments, layout, quotes, keys and line breaks stay byte for byte.

Each character of a text is located in the file; one that YAML made of several (a folded line break) has no position
and cannot be edited.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from composer.source import tree
from composer.source.characters import passed_over
from composer.source.document import Loc, Mark, Source
from composer.source.tree import Node, Scalar

_BREAK = re.compile(r"\r\n|\r|\n")
_SPACES = re.compile(r"[ \t\r\n]+")
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^\r\n])")

#: start and end, offsets in the file's text
Range = tuple[int, int]


@dataclass(frozen=True)
class Edit:
    """Replace the file's text from offset ``start`` to ``end`` with ``new``."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class WrittenText:
    """A text of the file, with the range in the file of each of its characters; None for one that has no position."""

    text: str
    places: tuple[Range | None, ...]
    begins: tuple[int, int] = (0, 0)  #: line and column, from 1, of the scalar that it is, or is in
    whole: WrittenText | None = None  #: the literal text that it is a part of
    style: str = "|"  #: as of ``tree.Scalar``
    span: Range = (0, 0)  #: where a plain or quoted scalar stands, quotes included
    indent: int = 0  #: columns before the lines of a literal text
    joined: bool = False  #: YAML made one line of several


def written_texts(source: Source) -> Mapping[Loc, WrittenText]:
    """Every scalar of a file without mistakes, by its ``Loc``."""
    scalars = {(each.span.line, each.span.column): each for each in _scalars(tree.parse(source.text))}
    starts = [0, *(match.end() for match in _BREAK.finditer(source.text))]
    wholes = [each for each in scalars.values() if each.style == "|"]  # in the order of the file
    above = [each.span.line for each in wholes]
    found: dict[Loc, WrittenText] = {}
    around: dict[tuple[int, int], WrittenText] = {}
    for loc, mark in source.marks.items():
        if mark.part is not None:
            whole = wholes[bisect_left(above, mark.line - 1) - 1]
            begins = (whole.span.line + 1, whole.span.column + 1)
            if begins not in around:
                around[begins] = WrittenText(whole.text, _places(source.text, starts, whole), begins)
            found[loc] = WrittenText(mark.part, tuple(_part(source.text, starts, mark)), begins, around[begins])
            continue
        scalar = scalars.get((mark.line - 1, mark.column - 1))
        if scalar is not None:
            places = _places(source.text, starts, scalar)
            found[loc] = WrittenText(scalar.text, places, (mark.line, mark.column))
    return found


def written_text(source: Source, loc: Loc) -> WrittenText | None:
    """The scalar at ``loc`` of a file without mistakes; None where nothing, or no text, stands there."""
    mark = source.marks.get(loc)
    if mark is None:
        return None
    starts = [0, *(match.end() for match in _BREAK.finditer(source.text))]
    if mark.part is not None:
        return WrittenText(mark.part, tuple(_part(source.text, starts, mark)), indent=mark.indent)
    at = (mark.line - 1, mark.column - 1)
    scalar = next((each for each in _scalars(tree.parse(source.text)) if each.span[:2] == at), None)
    if scalar is None:
        return None
    first, last = (starts[line] + column for line, column in (scalar.span[:2], scalar.span[2:]))
    return WrittenText(
        scalar.text,
        _places(source.text, starts, scalar),
        (mark.line, mark.column),
        style=scalar.style,
        span=(first, last),
        indent=mark.indent,
        joined=scalar.is_joined,
    )


def typed_text(source: Source) -> str:
    """The whole text of the file, with the characters that are not read."""
    if not source.typed:
        return source.text
    ends = [*_BREAK.findall(source.text), ""]
    return "".join(line + end for line, end in zip(source.typed, ends, strict=True))


def typed_offset(source: Source, offset: int) -> int:
    """Where the character at ``offset`` of the text as read stands in ``typed_text``."""
    if not source.typed:
        return offset
    ends = [match.end() for match in _BREAK.finditer(source.text, 0, offset)]
    column = offset - (ends[-1] if ends else 0)
    above = sum(map(len, source.typed[: len(ends)])) + sum(map(len, _BREAK.findall(source.text, 0, offset)))
    return above + column + passed_over(source.typed[len(ends)], column)


def rewritten(whole: WrittenText, edits: Iterable[Edit]) -> str:
    """The text of ``whole`` after ``edits`` of the file, each within one of its characters or more."""
    at = {place[0]: index for index, place in enumerate(whole.places) if place is not None}
    letters = list(whole.text)
    for edit in edits:
        letters[at[edit.start]] = edit.new
    return "".join(letters)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with the edits made; they do not overlap."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[position : edit.start], edit.new]
        position = edit.end
    return "".join([*parts, text[position:]])


def same_but(before: str, after: str, texts: Mapping[tuple[int, int], str]) -> bool:
    """True if ``after`` parses like ``before`` but for ``texts``, by line and column where each began in ``before``.

    Both must have as many lines, and every scalar the same style.
    """
    try:
        new = [*_scalars(tree.parse(after))]
    except tree.SyntaxMistake:
        return False
    old = [*_scalars(tree.parse(before))]
    return (
        len(_BREAK.findall(before)) == len(_BREAK.findall(after))
        and _shape(tree.parse(before)) == _shape(tree.parse(after))
        and all(
            (was.style, was.span.line, texts.get((was.span.line + 1, was.span.column + 1), was.text))
            == (now.style, now.span.line, now.text)
            for was, now in zip(old, new, strict=True)
        )
    )


def _shape(node: Node | None) -> object:
    match node:
        case None | Scalar():
            return node is None
        case tree.Sequence(items=items):
            return [_shape(item) for item in items]
        case tree.Mapping(entries=entries):
            return {key.text: _shape(value) for key, value in entries}


def _scalars(node: Node | None) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case tree.Sequence(items=items):
            for item in items:
                yield from _scalars(item)
        case tree.Mapping(entries=entries):
            for key, value in entries:
                yield key
                yield from _scalars(value)


def _places(text: str, starts: Sequence[int], scalar: Scalar) -> tuple[Range | None, ...]:
    span = scalar.span
    if scalar.style == "|":
        return tuple(_literal(text, starts, scalar))
    start, end = starts[span.line] + span.column, starts[span.end_line] + span.end_column
    if scalar.style == ">":
        return (None,) * len(scalar.text)
    quote = len(scalar.style)
    found = [*_flow(text, start + quote, end - quote, scalar)]
    return tuple(found) + (None,) * (len(scalar.text) - len(found))


def _literal(text: str, starts: Sequence[int], scalar: Scalar) -> Iterator[Range | None]:
    lines = scalar.text.split("\n")
    for number, line in enumerate(lines):
        at = scalar.span.line + 1 + number
        if line and at < len(starts):
            ends = _BREAK.search(text, starts[at])
            first = (ends.start() if ends else len(text)) - len(line)
            same = text.startswith(line, first) and first >= starts[at]
            yield from ((first + index, first + index + 1) if same else None for index in range(len(line)))
        elif line:
            yield from (None for _letter in line)
        if number < len(lines) - 1:
            yield None


def _part(text: str, starts: Sequence[int], mark: Mark) -> Iterator[Range | None]:
    lines = (mark.part or "").split("\n")
    for number, line in enumerate(lines):
        first = starts[mark.line - 1 + number] + (mark.indent if number else mark.column - 1)
        same = text.startswith(line, first)
        yield from ((first + index, first + index + 1) if same else None for index in range(len(line)))
        if number < len(lines) - 1:
            yield None


def _flow(text: str, start: int, end: int, scalar: Scalar) -> Iterator[Range | None]:
    """The range of each character of a plain or quoted scalar. Ends early where several characters stand for one."""
    position = start
    for letter in scalar.text:
        space = _SPACES.match(text, position, end)
        if space is not None and ("\n" in space[0] or "\r" in space[0]):
            if letter not in " \n":
                return
            yield None
            position = space.end()
            continue
        escape = _ESCAPE.match(text, position, end) if scalar.style == '"' else None
        if escape is not None:
            after = escape.end()
        elif scalar.style == "'" and text.startswith("''", position):
            after = position + 2
        elif text.startswith(letter, position):
            after = position + 1
        else:
            return
        yield position, after
        position = after
