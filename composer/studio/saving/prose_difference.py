"""Two versions of a file compared as prose: the paragraphs that differ, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from composer.source.quoting import split_lines

#: Words of one version times those of the other, above which a passage is not compared word by word.
_MOST = 4_000_000

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class ProsePart:
    """Words that are in both versions, in the old one alone, or in the new one alone."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True)
class ProsePassage:
    """Lines that differ; ``line`` is where they begin in the new version, from 1."""

    line: int
    parts: tuple[ProsePart, ...]


def differing_passages(old: str, new: str) -> list[ProsePassage]:
    """Empty where the texts are the same, line ends and indents aside."""
    before, after = [line.strip() for line in split_lines(old)], [line.strip() for line in split_lines(new)]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [
        ProsePassage(first + 1, tuple(_parts("\n".join(before[start:end]), "\n".join(after[first:last]))))
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _parts(old: str, new: str) -> Iterator[ProsePart]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if not before or not after or len(before) * len(after) > _MOST:
        yield from _changed(before, after)
        return
    for kind, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield ProsePart("same", "".join(before[start:end]))
        else:
            yield from _changed(before[start:end], after[first:last])


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[ProsePart]:
    if before:
        yield ProsePart("gone", "".join(before))
    if after:
        yield ProsePart("new", "".join(after))
