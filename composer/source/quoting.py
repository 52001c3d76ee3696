"""Lines of YAML: split a file into lines, write a value so that YAML reads it back."""

from __future__ import annotations

import re

from composer.source.tree import Mapping, Scalar, SyntaxMistake, parse

_BREAK = re.compile(r"\r\n|\r|\n")

#: A value longer than this, in characters, is prose and is suggested as a literal block.
LONG = 70


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
    except SyntaxMistake:
        return quoted(text)
    if isinstance(tree, Mapping) and len(tree.entries) == 1:
        value = tree.entries[0][1]
        if isinstance(value, Scalar) and value.text == text and "\n" not in text:
            return text
    return quoted(text)


def literal(head: str, text: str) -> str:
    """A literal block: ``head`` (``  texte: ``), then ``text`` indented by two columns more than its key."""
    dashes = re.match(r"\s*(?:- +)*", head)
    indent = " " * (len(dashes[0]) + (2 if head.rstrip().endswith(":") else 0)) if dashes else "  "
    body = "\n".join(f"{indent}{line}".rstrip() for line in text.strip().split("\n"))
    return f"{head.rstrip()} |\n{body}"


def valued(head: str, text: str, prose: bool = False) -> str:
    """``head`` with ``text`` as its value: quoted, or as a literal block where it is long or full of quotes."""
    if prose or len(text) > LONG or ('"' in text and "'" in text):
        return literal(head, text)
    return f"{head}{quoted(text)}"
