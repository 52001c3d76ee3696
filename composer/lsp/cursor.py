"""Where the cursor stands in a file that is being typed: the keys above it, and what is typed so far.

Found line by line from indents, not from YAML: most of the time an open file is not valid. Linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from composer.source.field_spec import FieldSpec, RecordSpec
from composer.source.vocabulary import find_block, find_key

#: A step of a path: a key as typed, or None for an item of a list.
Step = str | None

#: The key at the beginning of a line's content.
KEY = re.compile(
    r"""(?P<key> "[^"\n]{1,80}" | '[^'\n]{1,80}' | [^\s:#"'\-\[{][^:#\n]{0,60} | -\w[^:#\n]{0,60} )[ ]*:(?=\s|$)""",
    re.VERBOSE,
)

_LITERAL = re.compile(r"\s*[|>][-+0-9]{0,2}\s*(#.*)?$")


@dataclass(frozen=True)
class Cursor:
    """``steps`` lead to the mapping (``key``), the value (``value``) or the text (``text``) that the cursor is in.

    ``typed`` stands between ``start`` and the cursor: of a key or a value, so far; of a text, the line's beginning.
    ``above`` are the lines of the text before the cursor's, without their indent.
    """

    kind: Literal["key", "value", "text"]
    steps: tuple[Step, ...]
    typed: str
    start: int
    above: tuple[str, ...] = ()
    siblings: frozenset[str] = frozenset()


def cursor_at(lines: Sequence[str], number: int, column: int) -> Cursor:
    """The cursor before character ``column`` of line ``number``, both from 0."""
    scan = _Scan()
    for line in lines[:number]:
        scan.read(line)
    line = lines[number] if number < len(lines) else ""
    prefix = line[:column]
    if scan.literal is not None and _indent(line, column) > scan.literal:
        return _in_text(scan, lines[:number], prefix)
    scan.literal = None
    content = prefix.lstrip(" ")
    at = len(prefix) - len(content)
    begins = content[:1] == "-"
    at, content = scan.dashes(at, content)
    match = KEY.match(content)
    if match is None:
        scan.leave(at)
        siblings = _siblings(lines[number + 1 :], at, down=True)
        if not begins:
            siblings |= _siblings(list(reversed(lines[:number])), at, down=False)
        return Cursor("key", scan.steps, content, at, siblings=siblings)
    scan.key(at, match["key"])
    value = content[match.end() :].lstrip(" ")
    return Cursor("value", scan.steps, value, column - len(value))


def _in_text(scan: _Scan, lines: Sequence[str], prefix: str) -> Cursor:
    body = lines[scan.first :]
    indent = next((_indent(line, 0) for line in body if line.strip()), _indent(prefix, len(prefix)))
    above = tuple(line[indent:] for line in body)
    return Cursor("text", scan.steps, prefix[indent:], min(indent, len(prefix)), above)


class _Scan:
    """Keys and dashes that are open after the lines read so far."""

    def __init__(self) -> None:
        self._open: list[tuple[int, Step]] = []
        self._count = 0
        self.literal: int | None = None  #: column of the key of the literal block that is open
        self.first = 0  #: the first line of its text

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for _column, step in self._open)

    def read(self, line: str) -> None:
        self._count += 1
        content = line.lstrip(" ")
        at = len(line) - len(content)
        if self.literal is not None and (not content.strip() or at > self.literal):
            return
        self.literal = None
        if not content.strip() or content.startswith("#"):
            return
        at, content = self.dashes(at, content)
        if match := KEY.match(content):
            self.key(at, match["key"])
            self._opens(at, content[match.end() :])
        elif self._open and self._open[-1][1] is None:
            self._opens(self._open[-1][0], content)

    def dashes(self, at: int, content: str) -> tuple[int, str]:
        """Enter the list items that begin here; the column and the text after their dashes."""
        first = True
        while content[:2] in ("- ", "-"):
            while self._open and (self._open[-1][0] > at or (self._open[-1][0] == at and self._open[-1][1] is None)):
                self._open.pop()
            if not first and self._open and self._open[-1][0] >= at:
                break
            first = False
            self._open.append((at, None))
            rest = content[1:].lstrip(" ")
            at, content = at + len(content) - len(rest), rest
        return at, content

    def leave(self, at: int) -> None:
        """Leave what begins at column ``at`` or to its right."""
        while self._open and self._open[-1][0] >= at:
            self._open.pop()

    def key(self, at: int, typed: str) -> None:
        self.leave(at)
        self._open.append((at, typed.strip("\"'")))

    def _opens(self, at: int, value: str) -> None:
        if _LITERAL.match(value):
            self.literal, self.first = at, self._count


def _indent(line: str, column: int) -> int:
    """The indent of a line; of an empty one, the cursor's column."""
    return len(line) - len(line.lstrip(" ")) if line.strip() else column


def _siblings(lines: Sequence[str], at: int, down: bool) -> frozenset[str]:
    """The keys at column ``at`` on ``lines``, which lead away from a line, as far as they are of its mapping."""
    found: set[str] = set()
    for line in lines:
        content = line.lstrip(" ")
        column = len(line) - len(content)
        if not content.strip():
            continue
        dashed = content.startswith("- ")
        first = dashed and column + 2 == at
        if column < at and (down or not first):
            break
        if first:
            column, content = at, content[2:].lstrip(" ")
        if column == at and (match := KEY.match(content)):
            found.add(match["key"].strip("\"'"))
        if first:
            break
    return frozenset(found)


def spec_at(record: RecordSpec, steps: Sequence[Step]) -> FieldSpec | None:
    """What a file of ``record`` may hold at the end of ``steps``; None where they lead nowhere."""
    spec = FieldSpec(record=record)
    for step in steps:
        below = _item(spec) if step is None else _under(spec, step)
        if below is None:
            return None
        spec = below
    return spec


def _item(spec: FieldSpec) -> FieldSpec | None:
    main = spec.record.fields.get(spec.record.main) if spec.record is not None and spec.record.main else None
    return spec.items or (main.shape.items if main is not None else None)


def _under(spec: FieldSpec, key: str) -> FieldSpec | None:
    if spec.blocks is not None:
        name = find_block(key, spec.blocks)
        return FieldSpec(record=spec.blocks[name]) if name is not None else None
    if spec.record is not None and (found := find_key(key, spec.record.fields, spec.record.model.__name__)):
        return spec.record.fields[found].shape
    return spec.entries[1] if spec.entries is not None else None
