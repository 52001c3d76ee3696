"""A text of several paragraphs as it stands in the file, line by line, with the element that each of them belongs to.

Only a text under ``|`` is written so: its lines are those of the file, less an indent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from composer.issue import markdown
from composer.issue.block import Block
from composer.issue.blocks import body
from composer.issue.blocks.boxes import holds_boxes
from composer.issue.body import Asterism, Body, Citation, Crosshead, Element, Paragraph, Paywall, Points, Row
from composer.issue.model import Issue
from composer.issue.revision.letters import lettered, tightened
from composer.issue.revision.model import Revision, Stale, Unwritable, digest_of
from composer.issue.revision.written_file import Content, WrittenFile, content_of_node
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.document import Document, Loc, Mark
from composer.source.editing import Edit
from composer.source.field_spec import record_of
from composer.source.finding import Problem, Severity
from composer.source.tree import Mapping, Node, Scalar
from composer.source.tree import Sequence as Items

#: Reads the lines of a text.
BodyReader = Callable[[str], Body]

#: Class of an element → its name for a list; a box has that of its block.
ELEMENT_KINDS = {
    Paragraph: "paragraph",
    Crosshead: "crosshead",
    Points: "points",
    Citation: "citation",
    Asterism: "asterism",
    Paywall: "paywall",
}


@dataclass(frozen=True)
class ListedElement:
    """An element of a text as a list shows it, at ``blocks/2/body#14``; ``digest`` is that of its lines."""

    at: str
    kind: str
    words: str
    digest: str


@dataclass(frozen=True)
class LineRange:
    """From a line of a text to the one after the last, from 0."""

    start: int
    end: int


@dataclass(frozen=True)
class WrittenBody:
    """``lines`` are those of the text, without the ``indent``; the first is line ``first`` of the file, from 0."""

    file: WrittenFile
    loc: Loc
    scalar: Scalar
    first: int
    indent: int
    lines: tuple[str, ...]
    read: BodyReader
    language: Language

    @cached_property
    def elements(self) -> tuple[tuple[LineRange, Element], ...]:
        """Each element with its lines. Raises ``Unwritable`` where a mistake leaves lines that are none's."""
        return ranged(self.lines, self.read)

    def digest(self, lines: LineRange) -> str:
        """The digest of some of its lines."""
        return digest_of("\n".join(line.rstrip() for line in self.lines[lines.start : lines.end]))

    def number(self, line: int) -> int:
        """The number of the element that begins at ``line``. Raises ``Stale`` where none does."""
        for number, (lines, _element) in enumerate(self.elements):
            if lines.start == line:
                return number
        raise Stale("")

    def known(self, line: int, digest: str) -> int:
        """The same, where its lines still have ``digest``; raises ``Stale`` with what they say otherwise."""
        number = self.number(line)
        lines, _element = self.elements[number]
        if self.digest(lines) != digest:
            raise Stale("\n".join(self.lines[lines.start : lines.end]))
        return number

    def rewritten(self, lines: Sequence[str], intended: Sequence[object], complete: bool = True) -> Revision:
        """The file with ``lines`` for this text, if they are read as ``intended`` and the rest as before.

        ``intended`` are as of ``said_of``. Not ``complete``: a box may lack what is typed into it next. Raises
        ``Unwritable``.
        """
        again = self.read("\n".join(lines))
        before = [problem.message for problem in self.read("\n".join(self.lines)).problems if _is_error(problem)]
        wrong = [each.message for each in again.problems if _is_error(each) and each.message not in before]
        if complete and wrong:
            raise Unwritable(wrong[0])
        if _with_lists_joined(map(said_of, again.elements)) == _with_lists_joined(intended):
            edit = self._edit(lines)
            root = self.file.read_with(edit)
            if root is not None and self._is_same(root, "\n".join(lines)):
                return self.file.revision(edit)
        raise Unwritable(wrong[0] if wrong else _("this would not be read again as it was meant: write it in the file"))

    def _edit(self, lines: Sequence[str]) -> Edit:
        """The least that turns the lines of the file into ``lines``."""
        old = self.lines
        most = min(len(old), len(lines))
        head = next((at for at in range(most) if old[at] != lines[at]), most)
        most -= head
        tail = next((at for at in range(most) if old[-1 - at] != lines[-1 - at]), most)
        new = [f"{' ' * self.indent}{line}" if line else "" for line in lines[head : len(lines) - tail]]
        gone = range(self.first + head, self.first + len(old) - tail)
        for number in gone:
            self.file.offset(number, 0)
        if gone and new:
            start, end = self.file.starts[gone[0]], self.file.line_end(gone[-1])
            return _trimmed(self.file.text, start, end, self.file.with_breaks("\n".join(new)))
        if gone and head:  # with the line break above
            return Edit(self.file.line_end(gone[0] - 1), self.file.line_end(gone[-1]), "")
        if gone:
            return Edit(self.file.starts[gone[0]], self.file.starts[gone[-1] + 1], "")
        after = self.file.line_end(self.first + head - 1)
        return Edit(after, after, self.file.with_breaks("".join(f"\n{line}" for line in new)))

    def _is_same(self, root: Mapping, text: str) -> bool:
        def content(node: Node) -> Content:
            if isinstance(node, Scalar) and node.span.line == self.scalar.span.line and node.style == "|":
                return "|", text.rstrip(" \t\n")
            return content_of_node(node)

        def held(node: Node, own: Callable[[Node], Content]) -> Content:
            match node:
                case Items(items=items):
                    return [held(each, own) for each in items]
                case Mapping(entries=entries):
                    return [(own(key), held(value, own)) for key, value in entries]
                case _:
                    return own(node)

        return held(self.file.root, content) == held(root, content_of_node)


def _is_error(problem: Problem) -> bool:
    return problem.severity is Severity.ERROR


def _trimmed(text: str, start: int, end: int, new: str) -> Edit:
    """The edit without what both begin and end with."""
    while start < end and new and text[start] == new[0]:
        start, new = start + 1, new[1:]
    while start < end and new and text[end - 1] == new[-1]:
        end, new = end - 1, new[:-1]
    return Edit(start, end, new)


def ranged(lines: Sequence[str], read: BodyReader) -> tuple[tuple[LineRange, Element], ...]:
    """The elements of a text, each with its lines, of which the last is not empty."""
    found = read("\n".join(lines)).by_line()
    ranges: list[tuple[LineRange, Element]] = []
    for number, (start, element) in enumerate(found):
        end = found[number + 1][0] if number + 1 < len(found) else len(lines)
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        ranges.append((LineRange(start, end), element))
    return tuple(ranges)


def require_alone(body_: WrittenBody, number: int) -> None:
    """Raise ``Unwritable`` where the lines of an element hold more than it: a mistake stands among them."""
    lines, element = body_.elements[number]
    alone = body_.read("\n".join(body_.lines[lines.start : lines.end]))
    if [said_of(each) for each in alone.elements] != [said_of(element)]:
        message = _("line {line} of the file: a mistake stands in this passage or below it, correct it first")
        raise Unwritable(message.format(line=body_.first + lines.start + 1))


def said_of(element: Element) -> object:
    """What an element says, however it is written: to compare two."""
    match element:
        case Paragraph(spans) | Crosshead(spans):
            return ELEMENT_KINDS[type(element)], tightened(lettered(spans))
        case Points(items, ordered):
            return (
                "points",
                ordered,
                [(each.lead and lettered(each.lead), tightened(lettered(each.spans))) for each in items],
            )
        case Citation(paragraphs):
            return "citation", [tightened(lettered(each)) for each in paragraphs]
        case _:
            return element


def _with_lists_joined(said: Iterable[object]) -> list[object]:
    """What elements say, where points that follow points of the same kind are one list: so is it read, and printed."""
    found: list[object] = []
    for each in said:
        above = found[-1] if found else None
        if isinstance(each, tuple) and isinstance(above, tuple) and each[0] == "points" and each[:2] == above[:2]:
            found[-1] = (*each[:2], [*above[2], *each[2]])
        else:
            found.append(each)
    return found


def words_of(lines: Sequence[str]) -> str:
    """The first words of some lines, for a list."""
    return next((line.strip()[:80] for line in lines if line.strip()), "")


def kind_of(element: Element) -> str:
    """The name of an element's kind; a box's is that of its block."""
    return str(getattr(element, "type", "")) if isinstance(element, Block) else ELEMENT_KINDS.get(type(element), "")


def written_body(document: Document[Issue], loc: Loc) -> WrittenBody:
    """The text at ``loc``. Raises ``Stale`` where there is none, ``Unwritable`` where it is not written under ``|``."""
    issue = document.value or (document.partial.remains if document.partial is not None else None)
    file = WrittenFile.of(document.source)
    language: Language = "en" if any(key.text == "blocks" for key, _value in file.root.entries) else "fr"
    mark = _mark(document, loc)
    if mark is not None and mark.part is not None:
        message = _("line {line} of the file: this text is a point of a list, and stays one paragraph")
        raise Unwritable(message.format(line=mark.line))
    scalar = next((each for each in _scalars(file.root) if mark and _begins(each, mark)), None)
    read = _reader(issue, loc, language) if issue is not None else None
    if mark is None or scalar is None or issue is None or read is None:
        raise Stale("")
    if scalar.style != "|":
        message = _(
            "line {line} of the file: this text is not one of several paragraphs yet; write a | after its key, and the "
            "text on the lines below, two columns further in"
        )
        raise Unwritable(message.format(line=mark.line))
    first, text = scalar.span.line + 1, scalar.text.rstrip("\n")
    lines = tuple(text.split("\n")) if text.strip() else ()
    indent = mark.indent or _due(file, scalar)
    for number, line in enumerate(lines, first):
        if number >= len(file.lines) or file.lines[number][indent:] != line:
            message = _("line {line} of the file is indented in a way of its own: change it in a text editor")
            raise Unwritable(message.format(line=number + 1))
    return WrittenBody(file, loc, scalar, first, indent, lines, read, language)


def _mark(document: Document[Issue], loc: Loc) -> Mark | None:
    """Where the value at ``loc`` begins; in a file with mistakes, ``loc`` counts what could be read of it."""
    if document.value is not None or document.partial is None:
        return document.source.marks.get(loc)
    whole: Loc = ()
    for step in loc:
        if isinstance(step, int):
            gone = (each[-1] for each in document.partial.dropped if each and each[:-1] == whole)
            for number in sorted(each for each in gone if isinstance(each, int)):
                step += number <= step
        whole = (*whole, step)
    return document.partial.whole.marks.get(whole)


def _begins(scalar: Scalar, mark: Mark) -> bool:
    return (scalar.span.line, scalar.span.column) == (mark.line - 1, mark.column - 1)


def _scalars(node: Node) -> list[Scalar]:
    match node:
        case Scalar():
            return [node]
        case Items(items=items):
            return [scalar for each in items for scalar in _scalars(each)]
        case Mapping(entries=entries):
            return [scalar for _key, each in entries for scalar in _scalars(each)]


def _due(file: WrittenFile, scalar: Scalar) -> int:
    """The indent of a text that has no line yet: two columns more than its key's."""
    line = file.lines[scalar.span.line]
    key = line.lstrip(" -")
    return len(line) - len(key) + 2


def _reader(issue: Issue, loc: Loc, language: Language) -> BodyReader | None:
    owner: Any = issue.front
    for step in loc[:-1]:
        if isinstance(step, int):
            owner = owner[step] if isinstance(owner, tuple) and step < len(owner) else None
        else:
            owner = getattr(owner, step, None)
    key = str(loc[-1]) if loc else ""
    held = getattr(owner, key, None)
    if not isinstance(owner, BaseModel) or not isinstance(held, Body):
        return None
    if any(isinstance(each, Row) for each in held):
        raise Unwritable(_("the lines of a table are added and moved in the file"))
    if any(holds_boxes(each.annotation) for each in record_of(type(owner)).fields[key].shape.scalars):
        return lambda text: body(text, language)
    return markdown.body
