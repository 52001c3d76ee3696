"""The sample issues in the forms in which a file may be written: line ends, indents, comments, quotes, scalars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from composer.issue.body import Body
from composer.issue.inline import Inline
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from composer.source import tree
from composer.source.document import Document

ROOT = Path(__file__).resolve().parents[3]

SAMPLES = tuple(sorted(ROOT.glob("issues/*/*.yaml")))


@cache
def house() -> Newsroom:
    """The example newsroom."""
    return load_newsroom(ROOT)


def document(sample: Path, content: bytes) -> Document[Issue]:
    """The issue that a file of these bytes under the name of ``sample`` is read as."""
    return load_issue(sample, house(), content)


def typed(content: bytes) -> str:
    """The text of a file as an edit counts it: without its byte order mark."""
    return content.decode("utf-8-sig")


def said(value: object) -> object:
    """What ``value`` says, however its texts are spaced: two files with equal ones make the same letter."""
    match value:
        case Body(elements=elements):
            return [said(each) for each in elements]
        case Inline(spans=spans):
            return spans
        case BaseModel():
            return {name: said(getattr(value, name)) for name in type(value).model_fields}
        case tuple():
            return [said(each) for each in value]
        case dict():
            return {key: said(each) for key, each in value.items()}
        case str():
            return value.strip()
        case _:
            return value


def _scalars(node: tree.Node | None) -> Iterator[tuple[tree.Scalar, bool]]:
    """Each scalar, and whether it is a value."""
    match node:
        case tree.Scalar():
            yield node, True
        case tree.Sequence(items=items):
            for each in items:
                yield from _scalars(each)
        case tree.Mapping(entries=entries):
            for key, value in entries:
                yield key, False
                yield from _scalars(value)


def _literal_lines(text: str) -> Mapping[int, int]:
    """Line of a literal text → the columns that YAML strips from it."""
    lines = text.split("\n")
    found: dict[int, int] = {}
    for scalar, _value in _scalars(tree.parse(text)):
        if scalar.style == "|":
            own = scalar.text.rstrip("\n").split("\n")
            first = scalar.span.line + 1
            indent = next((len(lines[first + n]) - len(each) for n, each in enumerate(own) if each.strip()), 0)
            found |= {first + n: indent for n in range(len(own))}
    return found


def wide(text: str) -> str:
    """Twice the indent."""
    literal = _literal_lines(text)
    lines = []
    for number, line in enumerate(text.split("\n")):
        own = len(line) - len(line.lstrip(" "))
        if number not in literal and line.lstrip().startswith("- "):
            line = line.replace("- ", "-   ", 1)
        lines.append(" " * min(literal.get(number, own), own) + line)
    return "\n".join(lines)


def further(text: str) -> str:
    """The list of blocks two columns in, its dashes four columns from their names."""
    head, key, blocks = re.split(r"(?m)(^blo(?:cs|cks):\n)", text, maxsplit=1)
    lines = []
    for line in blocks.split("\n"):
        if line.startswith("- "):
            lines.append("  -   " + line[2:])
        else:
            deep = "  " if line.startswith("#") else "    "
            lines.append(deep + line if line.strip() else line)
    return head + key + "\n".join(lines)


def commented(text: str) -> str:
    """Comments aligned behind values, above blocks, under them, and alone between two."""
    literal = _literal_lines(text)
    scalars = {each.span.line: each for each, value in _scalars(tree.parse(text)) if value}
    lines = []
    for number, line in enumerate(text.split("\n")):
        if line.startswith("- ") and number not in literal:
            lines += ["  # sous le bloc", "", "# seul, entre deux", "", "# au-dessus", "# du bloc"]
        found = scalars.get(number)
        alone = (
            found is not None and found.style != "|" and found.span.end_column == len(line) and number not in literal
        )
        lines.append(f"{line:<60} # à droite" if alone and len(line) > 2 else line)
    return "\n".join(lines)


def _requoted(text: str, quote: Callable[[str], str]) -> str:
    lines = text.split("\n")
    for scalar, value in sorted(_scalars(tree.parse(text)), key=lambda each: each[0].span, reverse=True):
        span = scalar.span
        if value and scalar.style in ("", "'", '"') and scalar.text and span.line == span.end_line:
            line = lines[span.line]
            lines[span.line] = line[: span.column] + quote(scalar.text) + line[span.end_column :]
    return "\n".join(lines)


def single(text: str) -> str:
    """Every value of one line between single quotes."""
    return _requoted(text, lambda words: "'" + words.replace("'", "''") + "'")


def double(text: str) -> str:
    """Every value of one line between double quotes, its accents escaped."""
    return _requoted(
        text, lambda words: '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("é", "\\xe9") + '"'
    )


def spaced(text: str) -> str:
    """Spaces on the empty lines."""
    return re.sub(r"(?m)^$(?=\n)", "      ", text)


FORMS: Mapping[str, Callable[[str], bytes]] = {
    "as it is": lambda text: text.encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "BOM and CRLF": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "4 columns": lambda text: wide(text).encode(),
    "dashes further in": lambda text: further(text).encode(),
    "comments": lambda text: commented(text).encode(),
    "comments, CRLF": lambda text: commented(text).replace("\n", "\r\n").encode(),
    "single quotes": lambda text: single(text).encode(),
    "double quotes": lambda text: double(text).encode(),
    "spaces on empty lines": lambda text: spaced(text).encode(),
    "no line end at the end": lambda text: text.rstrip("\n").encode(),
}
