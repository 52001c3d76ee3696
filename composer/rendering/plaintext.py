"""Functions for the text part: sentences as plain words, links as numbered notes, lines of 72 columns."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from itertools import zip_longest

from composer.issue.blocks.table import ResolvedTable
from composer.issue.inline import Break, Code, Emphasis, Link, Span, Strong, Text, plain
from composer.issue.resolved import Reference
from composer.rendering.spans import clean

#: White space to replace by one space; no-break spaces are not in it.
_BLANKS = re.compile(r"[ \t\r\x0b\x0c]{2,}|[\t\r\x0b\x0c]")
_TAB = re.compile(r"[\t\r\x0b\x0c]")

#: RFC 3676 4.2: lines meant to be read hold 78 characters at most, better 72.
COLUMNS = 72


class Notes:
    """Numbers the links of a letter; each block's notes are printed under it."""

    def __init__(self) -> None:
        self._last = 0
        self._block: dict[str, int] = {}

    def words(self, spans: tuple[Span, ...]) -> str:
        """``spans`` in plain words, ``[n]`` after each link; a Break is a newline."""
        return "".join(self._words(span) for span in spans)

    def _words(self, span: Span) -> str:
        match span:
            case Text(text) | Code(text):
                return clean(text)
            case Break():
                return "\n"
            case Strong(children) | Emphasis(children):
                return self.words(children)
            case Link(url, children):
                return self.link(plain(children), url)

    def link(self, words: str, url: str | None) -> str:
        """``words`` with the number of a note for ``url``; without one if the address is the words, or a ``#id``."""
        words = clean(words)
        if not url or url.startswith("#"):
            return words
        address = clean(re.sub(r"^(mailto|tel):", "", url))
        if address == words:
            return words
        if address != url or not words.strip():
            return f"{words} <{address}>".strip()
        said = words.rstrip(" ")
        return f"{said} [{self._number(address)}]{words[len(said) :]}"

    def reference(self, item: Reference) -> str:
        return self.link(plain(item.spans), item.url) if item.url else self.words(item.spans)

    def columns(self, table: ResolvedTable) -> str:
        """The lines of ``table``, its columns one beside the other, figures at the right of theirs."""
        lines = [[self.words(cell) for cell in row.cells] for row in (table.head, *table.rows)]
        widths = _widths([max(map(len, column)) for column in zip(*lines, strict=True)])
        lines.insert(1, ["-" * width for width in widths])
        return "\n".join(each for cells in lines for each in _line(cells, widths, table.right))

    def _number(self, address: str) -> int:
        if address not in self._block:
            self._last += 1
            self._block[address] = self._last
        return self._block[address]

    def take(self) -> str:
        """The notes of the block just written, one a line; clears them for the next block."""
        lines = [f"[{number}] {address}" for address, number in self._block.items()]
        self._block = {}
        return "\n".join(lines)


def wrap(text: str, first: str = "", indent: str | None = None) -> str:
    """Wrap ``text`` to 72 columns; ``first`` begins the first line, ``indent`` (blanks of that width) the others.

    Only ASCII white space is broken, no-break spaces are kept. An address longer than a line stays on one line.
    """
    indent = " " * len(first) if indent is None else indent
    lines: list[str] = []
    for line in text.strip().split("\n"):
        start = indent if lines else first
        left = (_BLANKS.sub(" ", line) if "  " in line or _TAB.search(line) else line).strip(" ")
        while len(start) + len(left) > COLUMNS:
            end = left.rfind(" ", 0, COLUMNS - len(start) + 1)
            if end < 0:
                end = left.find(" ")
            if end < 0:
                break
            lines.append(start + left[:end])
            start, left = indent, left[end + 1 :]
        lines.append(start + left if left else start.rstrip())
    return "\n".join(lines)


def _widths(wanted: list[int]) -> list[int]:
    """The widths of a table's columns, two blanks apart, the widest made narrower until all are on a line."""
    widths = [max(each, 1) for each in wanted]
    while sum(widths) + 2 * (len(widths) - 1) > COLUMNS:
        widths[widths.index(max(widths))] -= 1
    return widths


def _line(cells: list[str], widths: list[int], right: tuple[bool, ...]) -> Iterator[str]:
    parts = [textwrap.wrap(cell, width, break_on_hyphens=False) for cell, width in zip(cells, widths, strict=True)]
    for each in zip_longest(*parts, fillvalue=""):
        aligned = zip(each, widths, right, strict=True)
        yield "  ".join(words.rjust(width) if is_right else words.ljust(width) for words, width, is_right in aligned)


def underline(text: str, mark: str) -> str:
    """``text`` wrapped, followed by a line of ``mark`` as long as its longest line."""
    lines = wrap(text).split("\n")
    return "\n".join([*lines, mark * max(len(line) for line in lines)])


def tidy(text: str) -> str:
    """Remove spaces at line ends, empty lines at either end, and all but one of consecutive empty lines."""
    text = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
