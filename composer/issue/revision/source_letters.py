"""The letters of a sentence of a file, each with the place where it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from composer.issue import paywall
from composer.issue.body_lines import plain_spaces
from composer.issue.inline_markdown import MARKS
from composer.issue.markdown import BOX_OPENING
from composer.issue.source_map import Piece, pieces
from composer.source.late_pattern import late
from composer.source.pictures import OPTION, PICTURE

#: Prefix of a line: the mark of a point, of a citation or of a crosshead.
_MARK = late(r"(?P<space> {0,3})(?P<mark>(?:[-*+]|>>|•|–|\d{1,9}[.)])[ \t]+|>[ \t]?|#{1,6}[ \t]+)")
_BOX_LINE = late(r"[\s>*+-]*:::")
_BAR = late(r"(?<!\\)\|")
_FENCE = late("`+")


class SourceLetter(NamedTuple):
    """A letter, as of ``MarkedLetter``, written at ``start`` to ``end`` of its text; -1 for one without a place.

    An escape and the quotes of a code are part of their letter; marks of bold and italics are of none.
    """

    text: str
    is_code: bool
    start: int
    end: int


@dataclass(frozen=True)
class WrittenSentence:
    """Markdown of one sentence: its characters, the place of each in the text of the field, and of their end.

    ``prefix`` begins a line of it that is not its first.
    """

    content: str
    places: Sequence[int]
    prefix: str = ""

    def letters(self) -> list[SourceLetter]:
        """Its letters with their places in the text of the field."""
        return [
            letter._replace(start=self.places[letter.start], end=self.places[letter.end])
            if letter.start >= 0
            else letter
            for letter in _letters(self.content)
        ]

    def words(self) -> list[SourceLetter]:
        """The same of a text without Markdown."""
        return [SourceLetter(letter, False, *self.places[at : at + 2]) for at, letter in enumerate(self.content)]


def sentence_in(text: str, start: int, end: int, prefix: str = "") -> WrittenSentence:
    """What stands in ``text`` from ``start`` to ``end``, without the spaces around it."""
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    content = words.strip()
    return WrittenSentence(content, range(start, start + len(content) + 1), prefix)


def sentences_in(text: str, start: int, end: int) -> Iterator[WrittenSentence]:
    """All that may be a sentence in the lines of ``text`` from ``start`` to ``end``, offsets at the ends of lines.

    Several may overlap: a line is a row of cells, or the beginning of a paragraph.
    """
    paragraph = _Paragraph()
    cells: list[WrittenSentence] = []
    position = start
    for line in map(plain_spaces, text[start:end].split("\n")):
        here, position = position, position + len(line) + 1
        mark = _MARK.match(line)
        given = OPTION.match(line) or PICTURE.match(line) or BOX_OPENING.match(line)
        if given is not None or not line.strip() or paywall.looks_like(line) or _BOX_LINE.match(line):
            yield from paragraph.ended()
            for key in ("value", "alt", "argument") if given is not None else ():
                if given is not None and given.groupdict().get(key):
                    cells.append(_unquoted(text, here + given.start(key), here + given.end(key)))
            continue
        if mark is not None and mark["mark"][0] == ">" and not line[mark.end() :].strip():
            yield from paragraph.ended()
            continue
        goes_on = mark is not None and mark["mark"][0] == ">" == paragraph.mark and mark["mark"][:2] != ">>"
        if mark is not None and not goes_on:
            yield from paragraph.ended()
            paragraph.mark = mark["mark"][0] if mark["mark"][:2] != ">>" else "-"
        paragraph.take_line(line, here, mark)
        cells += _cells(text, here, here + len(line))
    yield from paragraph.ended()
    yield from cells


class _Paragraph:
    """The lines of a paragraph, without their prefixes."""

    def __init__(self) -> None:
        self.mark = ""
        self._lines: list[tuple[str, int]] = []
        self._prefix = ""

    def take_line(self, line: str, start: int, mark: re.Match[str] | None) -> None:
        after = mark.end() if mark is not None else len(line) - len(line.lstrip(" \t"))
        if not self._lines:
            self._prefix = line[:after] if self.mark == ">" else " " * after
        self._lines.append((line[after:], start + after))

    def ended(self) -> Iterator[WrittenSentence]:
        if self._lines:
            content = "\n".join(line for line, _start in self._lines)
            places = [start + index for line, start in self._lines for index in range(len(line) + 1)]
            skipped, kept = len(content) - len(content.lstrip(" \t")), len(content.rstrip(" \t"))
            yield WrittenSentence(content[skipped:kept], places[skipped : kept + 1], self._prefix)
        self.mark, self._lines = "", []


def _cells(text: str, start: int, end: int) -> Iterator[WrittenSentence]:
    """The cells of a line, where it has several."""
    line = text[start:end]
    bars = [match.start() for match in _BAR.finditer(line)] or [at for at, sign in enumerate(line) if sign == "\t"]
    edges = [-1, *bars, len(line)]
    for before, after in pairwise(edges) if bars else ():
        yield sentence_in(text, start + before + 1, start + after)


def _unquoted(text: str, start: int, end: int) -> WrittenSentence:
    """A value of a box, without one pair of quotes around it."""
    inner = text[start + 1 : end - 1]
    quoted = end - start > 1 and text[start] == text[end - 1] in "\"'" and text[start] not in inner
    return sentence_in(text, start + quoted, end - quoted)


def _letters(content: str) -> Iterator[SourceLetter]:
    if not MARKS.search(content):
        yield from (SourceLetter(letter, False, index, index + 1) for index, letter in enumerate(content))
        return
    ends = 0  # of what was read so far
    for piece in pieces(content):
        for letter in _of_piece(piece, content, ends):
            ends = max(ends, letter.end)
            yield letter


def _of_piece(piece: Piece, content: str, ends: int) -> Iterator[SourceLetter]:
    start = piece.start
    if piece.kind == "code":
        fence = _FENCE.match(content, start)
        after = (
            next((each.end() for each in _FENCE.finditer(content, fence.end()) if each[0] == fence[0]), -1)
            if fence
            else -1
        )
        yield SourceLetter(piece.text, True, start if after > 0 else -1, after)
    elif piece.kind == "text" and piece.text:
        escaped = start > ends and content[start - 1] == "\\"
        yield SourceLetter(piece.text[:1], False, start - escaped, start + 1)
        yield from (SourceLetter(each, False, start + at, start + at + 1) for at, each in enumerate(piece.text) if at)
    elif piece.text in (" ", "\n") and (line_end := _line_end(content, start)) is not None:
        yield SourceLetter(piece.text, False, *line_end)
    else:
        yield from (SourceLetter(each, False, -1, -1) for each in piece.text)


def _line_end(content: str, start: int) -> tuple[int, int] | None:
    """A line end at ``start``, with the backslash or spaces before it and the spaces after."""
    at = content.find("\n", start)
    if at < 0 or content[start:at].strip(" \\"):
        return None
    before, after = min(start, at), at + 1
    while before > 0 and content[before - 1] == " ":
        before -= 1
    while after < len(content) and content[after] in " \t":
        after += 1
    return before, after
