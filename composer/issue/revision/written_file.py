"""An issue's file as it is written, with what YAML reads in it: for edits that are checked by reading it again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from composer.issue.revision.model import Revision, Unwritable
from composer.locale import gettext as _
from composer.source import tree
from composer.source.document import Source
from composer.source.editing import Edit, edited, typed_text
from composer.source.items import line_starts, with_breaks
from composer.source.quoting import split_lines
from composer.source.reading import clean
from composer.source.tree import Mapping, Node, Scalar, Sequence

#: What YAML reads: a scalar's style and text; a list; or the keys of a mapping, each with its value.
Content: TypeAlias = "tuple[str, str] | list[Content] | list[tuple[Content, Content]]"


@dataclass(frozen=True)
class WrittenFile:
    """``text`` has all the characters of the file; ``root`` was read from ``lines``, which lack what is not read."""

    file: str
    text: str
    lines: tuple[str, ...]
    root: Mapping

    @classmethod
    def of(cls, source: Source) -> WrittenFile:
        """The file of ``source``. Raises ``Unwritable`` where YAML cannot read it, or reads no keys in it."""
        try:
            root = tree.parse(source.text)
        except tree.SyntaxMistake as mistake:
            message = _("line {line} of the file cannot be read: correct it first, in a text editor")
            raise Unwritable(message.format(line=mistake.line + 1)) from mistake
        if not isinstance(root, Mapping) or root.flow:
            raise Unwritable(_("keys are expected in this file, each with a colon, at the beginning of its line"))
        return cls(source.file, typed_text(source), tuple(source.lines), root)

    def offset(self, line: int, column: int) -> int:
        """The offset in ``text`` of a place, from 0, of ``lines``. Raises ``Unwritable`` beside characters not read."""
        if self.typed[line] != self.lines[line]:
            message = _("line {line} holds invisible characters: take them out first, as the remark on it says")
            raise Unwritable(message.format(line=line + 1))
        return self.starts[line] + column

    def line_end(self, line: int) -> int:
        """Where a line ends, before its line break."""
        return self.starts[line] + len(self.typed[line])

    def with_breaks(self, lines: str) -> str:
        """``lines``, which ``\\n`` parts, with the file's own line breaks."""
        return with_breaks(lines, self.text)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        return line_starts(self.text)

    @cached_property
    def typed(self) -> tuple[str, ...]:
        return tuple(split_lines(self.text))

    def read_with(self, *edits: Edit) -> Mapping | None:
        """What YAML reads after ``edits``; None where it cannot."""
        text, _findings = clean(edited(self.text, edits), self.file, [])
        try:
            root = tree.parse(text)
        except tree.SyntaxMistake:
            return None
        return root if isinstance(root, Mapping) else None

    def revision(self, edit: Edit) -> Revision:
        return Revision(edited(self.text, [edit]), edit.start, edit.end, edit.new)


def content_of_node(node: Node) -> Content:
    """What YAML reads at ``node``, without its place."""
    match node:
        case Scalar(text=text, style=style):
            return style, text.rstrip(" \t\n") if style in ("|", ">") else text
        case Sequence(items=items):
            return [content_of_node(each) for each in items]
        case Mapping(entries=entries):
            return [(content_of_node(key), content_of_node(value)) for key, value in entries]
