"""Lines of YAML: split a file into lines, write a value so that YAML reads it back."""

from __future__ import annotations

import re

from composer.source.late_pattern import late
from composer.source.tree import Mapping, Scalar, SyntaxMistake, parse

_BREAK = late(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """Split into lines as YAML and text editors do. ``str.splitlines`` breaks at more characters."""
    return _BREAK.split(text)


def quoted(text: str) -> str:
    """``text`` between quotes, of the kind that needs the least escaping."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spelled(text: str) -> str:
    """``text`` as the value of a key: unquoted where YAML reads it back, else quoted."""
    try:
        tree = parse(f"key: {text}")
    except (SyntaxMistake, UnicodeEncodeError):  # half of a pair of UTF-16, which an escape may bring, is no text
        return quoted(text)
    if isinstance(tree, Mapping) and len(tree.entries) == 1:
        value = tree.entries[0][1]
        if isinstance(value, Scalar) and value.text == text and "\n" not in text:
            return text
    return quoted(text)


_ESCAPE = late(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_DOUBLED = late("''")


def columns(written: str, style: str, first: int) -> tuple[tuple[int, ...], ...]:
    """For each line of a quoted value, the column of each of its characters and of its end; () if it has no escape.

    ``written`` is what stands between the quotes, on one line of the file, from column ``first`` on. The value has
    several lines where ``\\n`` is in it.
    """
    escape = _ESCAPE if style == '"' else _DOUBLED
    if not escape.search(written):
        return ()
    rows: list[list[int]] = [[]]
    position = 0
    while position < len(written):
        rows[-1].append(first + position)
        match = escape.match(written, position)
        if match is not None and match[0] == "\\n":
            rows.append([])
        position += len(match[0]) if match is not None else 1
    rows[-1].append(first + len(written))
    return tuple(map(tuple, rows))


def literal(head: str, text: str) -> str:
    """A literal block: ``head`` (``  texte: ``), then ``text`` indented by two columns more than its key."""
    dashes = re.match(r"\s*(?:- +)*", head)
    indent = " " * (len(dashes[0]) + (2 if head.rstrip().endswith(":") else 0)) if dashes else "  "
    body = "\n".join(f"{indent}{line}".rstrip() for line in text.strip().split("\n"))
    return f"{head.rstrip()} |\n{body}"
