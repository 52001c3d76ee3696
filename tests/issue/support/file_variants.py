"""One issue's file written in other ways, none of which changes what it says: line ends, indents, comments, quotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from composer.source import tree
from composer.source.quoting import spelled
from composer.source.tree import Node, Scalar

_HEAD = re.compile(r"(?P<indent> *)(?P<dashes>(?:- +)*)")


def _lines(text: str) -> Iterator[tuple[str, int | None]]:
    """Each line of ``text``, with the indent of the literal text that it is in; None outside of one."""
    literal: int | None = None
    begins = False
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if begins and line.strip():
            literal, begins = indent, False
        elif literal is not None and line.strip() and indent < literal:
            literal = None
        if literal is None:
            begins = line.rstrip().endswith(": |")
        yield line, literal


def indented(text: str, times: int = 2) -> str:
    """``text`` with ``times`` its indents; what stands in a literal text keeps its own."""
    lines: list[str] = []
    for line, literal in _lines(text):
        if literal is not None:
            lines.append(" " * (literal * times) + line[literal:] if line.strip() else line)
            continue
        head = _HEAD.match(line)
        assert head is not None
        dashes = head["dashes"].replace("- ", "-" + " " * (2 * times - 1))
        lines.append(" " * (len(head["indent"]) * times) + dashes + line[head.end() :])
    return "\n".join(lines)


def commented(text: str) -> str:
    """``text`` with comments above its keys, and aligned ones beside its values."""
    lines: list[str] = []
    for number, (line, literal) in enumerate(_lines(text)):
        if literal is None and re.search(r": [^|>]*\S$", line) and "#" not in line:
            if number % 5 == 0:
                lines.append(" " * (len(line) - len(line.lstrip(" "))) + "# à relire : « oui »")
            line = f"{line:<70}  # {number}"
        lines.append(line)
    return "\n".join(lines)


def _values(node: Node | None) -> Iterator[Scalar]:
    match node:
        case tree.Sequence(items=items):
            for item in items:
                yield from _values(item)
        case tree.Mapping(entries=entries):
            for _key, value in entries:
                if isinstance(value, Scalar):
                    yield value
                else:
                    yield from _values(value)


def _respelt(text: str, spell: Callable[[Scalar, str, bool], str | None]) -> str:
    """``text`` with other quotes around the values of its keys, where they stand on one line."""
    lines = text.split("\n")
    for value in sorted(_values(tree.parse(text)), key=lambda each: each.span, reverse=True):
        span = value.span
        if span.line == span.end_line and value.style not in ("|", ">") and "\n" not in value.text:
            line = lines[span.line]
            before, after = line[: span.column], line[span.end_column :]
            alone = not after.strip() and "{" not in before and "[" not in before
            new = spell(value, before, alone)
            lines[span.line] = line if new is None else before + new + after
    return "\n".join(lines)


def single_quoted(text: str) -> str:
    return _respelt(text, lambda value, _before, _alone: "'" + value.text.replace("'", "''") + "'")


def double_quoted(text: str) -> str:
    def spell(value: Scalar, _before: str, _alone: bool) -> str:
        return '"' + value.text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    return _respelt(text, spell)


def plain(text: str) -> str:
    """``text`` without the quotes that YAML does not need."""
    return _respelt(text, lambda value, _before, alone: spelled(value.text) if alone else None)


def literal(text: str) -> str:
    """``text`` with each sentence that stands beside its key under ``|``."""

    def spell(value: Scalar, before: str, alone: bool) -> str | None:
        if not alone or " " not in value.text or not before.rstrip().endswith(":"):
            return None
        head = _HEAD.match(before)
        assert head is not None
        return f"|\n{' ' * (head.end() + 2)}{value.text}"

    return _respelt(text, spell)


VARIANTS: Mapping[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "a byte order mark": lambda text: f"\ufeff{text}",
    "4 indents": indented,
    "aligned comments": commented,
    "single quotes": single_quoted,
    "double quotes": double_quoted,
    "plain": plain,
    "literal": literal,
    "all at once": lambda text: "\ufeff" + indented(commented(literal(text))).replace("\n", "\r\n"),
}
