"""The same file with its keys in the other language."""

from __future__ import annotations

from pydantic import BaseModel

from composer.issue.blocks.boxes import DIRECTIVES
from composer.lsp.cursor import KEY, cursor_at, spec_at
from composer.source.field_spec import record_of
from composer.source.vocabulary import block_name, find_block, find_key


def in_english(text: str, model: type[BaseModel]) -> str:
    """A valid file of ``model`` with its keys, block and box names in English; values are left as they are."""
    lines = text.split("\n")
    made = [_line(lines, number, model) for number in range(len(lines))]
    return "\n".join(made)


def _line(lines: list[str], number: int, model: type[BaseModel]) -> str:
    line = lines[number]
    content = line.lstrip(" -")
    start = len(line) - len(content)
    match = KEY.match(content)
    cursor = cursor_at(lines, number, start)
    if content.startswith(":::") and cursor.kind == "text":
        box = content[3:].split(" ")[0]
        return line.replace(box, found, 1) if box and (found := find_block(box, DIRECTIVES)) else line
    if match is None or cursor.kind == "text":
        return line
    spec = spec_at(record_of(model), cursor.steps)
    key = match["key"]
    english: str | None = None
    if spec is not None and spec.blocks is not None:
        english = block_name(name, "en") if (name := find_block(key, spec.blocks)) else None
    elif spec is not None and spec.record is not None:
        english = find_key(key, spec.record.fields, spec.record.model.__name__)
    return f"{line[:start]}{english or key}{line[start + len(key) :]}"
