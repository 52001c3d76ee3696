"""One line to type for all that is wrong with a line: whoever types the first suggestion would lose the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from composer.source.finding import Finding


class _Edit(NamedTuple):
    start: int
    end: int
    new: str


def united(findings: Sequence[Finding]) -> list[Finding]:
    """``findings`` with one and the same suggestion for those of one line, where theirs do not overlap."""
    lines: dict[int, set[str]] = {}
    for each in findings:
        rewritten = each.code != "missing-key"  # which suggests a line to add
        if rewritten and each.excerpt is not None and each.suggestion is not None and "\n" not in each.suggestion:
            lines.setdefault(each.place.line, set()).add(each.suggestion)
    excerpts = {each.place.line: each.excerpt for each in findings if each.excerpt is not None}
    whole = {line: _united(excerpts[line], suggestions) for line, suggestions in lines.items() if len(suggestions) > 1}
    return [
        replace(each, suggestion=better)
        if (better := whole.get(each.place.line)) and each.suggestion in lines[each.place.line]
        else each
        for each in findings
    ]


def _united(line: str, suggestions: set[str]) -> str | None:
    edits = sorted(_edit(line, suggestion) for suggestion in suggestions)
    if any(two.start < one.end or two.start == one.start for one, two in pairwise(edits)):
        return None
    for start, end, new in reversed(edits):
        line = line[:start] + new + line[end:]
    return line


def _edit(line: str, suggestion: str) -> _Edit:
    """The smallest replacement that makes ``suggestion`` of ``line``."""
    shorter = min(len(line), len(suggestion))
    start = next((n for n in range(shorter) if line[n] != suggestion[n]), shorter)
    after = next((n for n in range(shorter - start) if line[-1 - n] != suggestion[-1 - n]), shorter - start)
    return _Edit(start, len(line) - after, suggestion[start : len(suggestion) - after])
