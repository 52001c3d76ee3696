"""The sentences of a text as it was typed, Markdown and boxes included, each letter with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from composer.issue import paywall
from composer.issue.blocks import DIRECTIVES
from composer.issue.directives import OPTION
from composer.issue.markdown import OPENING
from composer.issue.placed import pieces
from composer.issue.typography.setting import FIXED
from composer.issue.typography.spans import Leaf
from composer.source import keys

#: What stands before the words of a line: the mark of a point, a citation, a crosshead.
_MARK = re.compile(r" {0,3}(?:(?:[-*+]|>>|[•–]|\d{1,9}[.)])[ \t]+|>[ \t]?|##[ \t]+)")
_BOX_LINE = re.compile(r"[\s>*+-]*:::")

#: Boxes whose argument is words, and whether these are Markdown.
_ARGUMENTS = {"en_filigrane": True, "a_surveiller": True, "insight": True, "quote": False, "links": False}
_OPTIONS = {"caption": True, "alt": False, "label": False, "names": False, "photo": False, "ai": False, "by": False}


@dataclass(frozen=True)
class Sentence:
    """The letters of one sentence, and for each its place in the text; None where there is none to edit."""

    leaves: tuple[Leaf, ...]
    places: tuple[int | None, ...]


def words_of(text: str, start: int = 0) -> Sentence:
    """A text without Markdown."""
    return Sentence((Leaf(text, 0),), tuple(range(start, start + len(text))))


def sentence_of(text: str, places: Sequence[int]) -> Sentence:
    """A paragraph of inline Markdown whose letters stand at ``places``."""
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
    """A field of inline Markdown."""
    start = len(text) - len(text.lstrip())
    content = text.strip()
    return sentence_of(content, range(start, start + len(content)))


def body_of(text: str) -> Iterator[Sentence]:
    """A body: its paragraphs, points and crossheads, and the words of its boxes."""
    paragraph: list[tuple[str, int]] = []
    box = ""
    position = 0
    for line in text.split("\n"):
        start, position = position, position + len(line) + 1
        option = OPTION.match(line) if box else None
        if option is not None:
            yield from _option(box, option, start)
            continue
        mark = _MARK.match(line)
        if not line.strip() or paywall.looks_like(line) or _BOX_LINE.match(line):
            yield from _paragraph(paragraph)
            paragraph = []
            if opening := OPENING.match(line):
                box = keys.find_block(opening["name"], DIRECTIVES) or ""
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
    if opening["argument"] and box in _ARGUMENTS:
        at = start + opening.start("argument")
        yield _words(opening["argument"], at, markdown=_ARGUMENTS[box])


def _option(box: str, option: re.Match[str], start: int) -> Iterator[Sentence]:
    name = keys.find_key(option["name"], (*_OPTIONS, "source"), DIRECTIVES[box].__name__)
    if name is not None and option["value"]:
        markdown = box == "quote" if name == "source" else _OPTIONS[name]
        yield _words(option["value"], start + option.start("value"), markdown=markdown)


def _words(text: str, start: int, *, markdown: bool) -> Sentence:
    return sentence_of(text, range(start, start + len(text))) if markdown else words_of(text, start)
