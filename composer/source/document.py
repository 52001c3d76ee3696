"""A file that was read: its value, its findings, and the position of each of its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Generic, TypeVar

from composer.errors import Mistakes
from composer.source.characters import passed_over
from composer.source.finding import Finding, Place, Severity
from composer.source.quoting import split_lines

T = TypeVar("T")

#: Path to a value: English keys and list indexes, ``("blocks", 3, "headline")``. No block name, no tag.
Loc = tuple[str | int, ...]


@dataclass(frozen=True)
class Mark:
    """Where a value begins (line and column from 1), and for a literal block where its text begins."""

    line: int
    column: int
    text_line: int | None = None  #: first line of a literal block's text
    indent: int = 0  #: columns before that text, which YAML strips: a literal block's indent, or a quote
    joined: bool = False  #: several lines that YAML joined into one: no position inside is known
    part: str | None = None  #: the words of a part of a literal text, which begin at ``line`` and ``column``
    escaped: tuple[tuple[int, ...], ...] = ()  #: of a quoted value with escapes: ``quoting.columns``


@dataclass(frozen=True)
class Source:
    """The text of one file, and the position of each value in it."""

    file: str
    text: str
    marks: Mapping[Loc, Mark] = field(default_factory=dict)
    typed: tuple[str, ...] = ()  #: its lines with the characters that are not read; () where there are none

    @property
    def digest(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file; cached, as each finding looks one up."""
        return split_lines(self.text)

    def place(self, loc: Loc = (), line: int | None = None, column: int | None = None) -> Place:
        """The place of ``loc``, or of its nearest known parent; ``line`` and ``column`` (from 0) reach into its text.

        Without them it is where the value begins: its quote, or the ``|`` of a literal block.
        """
        while loc and loc not in self.marks:
            loc, line, column = loc[:-1], None, None
        mark = self.marks.get(loc, Mark(1, 1))
        if mark.joined or (line is None and column is None):
            return self.at(mark.line, mark.column)
        line, column = line or 0, column or 0
        if mark.escaped:
            row = mark.escaped[min(line, len(mark.escaped) - 1)]
            return self.at(mark.line, row[min(column, len(row) - 1)])
        if mark.text_line is not None:
            start = mark.indent if line or mark.part is None else mark.column - 1
            return self.at(mark.text_line + line, start + column + 1)
        return self.at(mark.line, mark.column + column)

    def at(self, line: int, column: int) -> Place:
        """The place at a line and a column, from 1, of the text."""
        typed = self.typed[line - 1] if 0 < line <= len(self.typed) else ""
        return Place(self.file, line, column, passed_over(typed, column - 1) if typed else 0)

    def finding(
        self,
        code: str,
        message: str,
        loc: Loc = (),
        *,
        line: int | None = None,
        column: int | None = None,
        severity: Severity = Severity.ERROR,
        suggestion: str | None = None,
    ) -> Finding:
        """A finding on the value at ``loc``, placed as by ``place``, with its line of the file as excerpt."""
        place = self.place(loc, line, column)
        excerpt = self.lines[place.line - 1] if place.line <= len(self.lines) else None
        return Finding(code, severity, place, message, excerpt, suggestion)


@dataclass(frozen=True)
class Partial(Generic[T]):
    """What could be read of a file that has errors, for proofreading only.

    It is not a ``T``, so composing, approving and sending do not accept it. In ``remains``, values with errors are left
    out, and a required text that cannot be read is "…".
    """

    remains: T
    source: Source  #: the file's text, with the positions of the values in ``remains``
    whole: Source  #: the file's text, with the positions of all its values
    dropped: frozenset[Loc]  #: positions (as in ``whole``) of what was left out or replaced by "…"
    damaged: frozenset[Place]  #: where each invalid value begins
    mistakes: tuple[Finding, ...]  #: the errors of loading


@dataclass(frozen=True)
class Document(Generic[T]):
    """``value`` is None where there are errors among the ``findings``; ``partial`` is then what could be read."""

    value: T | None
    source: Source
    findings: tuple[Finding, ...] = ()
    partial: Partial[T] | None = None

    def require(self) -> T:
        """The value. Raises ``Mistakes`` where the file has any error."""
        if self.value is None:
            raise Mistakes([finding for finding in self.findings if finding.severity is Severity.ERROR])
        return self.value
