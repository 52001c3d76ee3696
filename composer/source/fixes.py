"""Corrected lines as edits. A fix is offered only where the file, read again with it, no longer has the finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from composer.source.finding import Finding, Severity
from composer.source.quoting import split_lines


@dataclass(frozen=True)
class Fix:
    """Lines ``first`` to ``last`` (from 0, ``last`` excluded) are replaced by ``lines``."""

    finding: Finding
    first: int
    last: int
    lines: tuple[str, ...]

    def applied(self, lines: Sequence[str]) -> str:
        return "\n".join([*lines[: self.first], *self.lines, *lines[self.last :]])


def fix_of(finding: Finding, text: str, read: Callable[[str], Sequence[Finding]]) -> Fix | None:
    """The edit that the finding's suggestion asks for, and that ``read``, the check, is content with."""
    if finding.suggestion is None:
        return None
    lines = split_lines(text)
    before = read(text)
    errors, told = _errors(before), max(1, _told(finding, before))
    for fix in _candidates(finding, finding.suggestion, lines):
        found = read(fix.applied(lines))
        if _told(finding, found) < told and _errors(found) <= errors:
            return fix
    return None


def is_correctable(finding: Finding, text: str) -> bool:
    """Whether the finding's suggestion has a place in ``text``; ``fix_of`` also asks the check."""
    return finding.suggestion is not None and any(_candidates(finding, finding.suggestion, split_lines(text)))


def _told(finding: Finding, findings: Sequence[Finding]) -> int:
    """How often ``finding`` is told: two lines may have the same mistake."""
    return sum((each.code, each.message) == (finding.code, finding.message) for each in findings)


def _errors(findings: Sequence[Finding]) -> int:
    return sum(each.severity is Severity.ERROR for each in findings)


def _candidates(finding: Finding, suggestion: str, lines: Sequence[str]) -> Iterator[Fix]:
    line, new = finding.place.line - 1, tuple(suggestion.split("\n"))
    if line >= len(lines) or finding.code == "file-name":
        return
    if len(new) == 1:
        if finding.code == "missing-key":
            yield Fix(finding, line + 1, line + 1, new)
        yield Fix(finding, line, line + 1, new)
        return
    if new[-1].strip() == "…":  # shortened: its first line can be taken, where that has all the words of its own
        new = new[:1]
    first = line + 1 + (not new[-1])  # a line without words in place of another, drawn under a title
    for last in range(first, 1 + min(len(lines), line + 2 * len(new))):
        if _words(lines[line:last]) == _words(new):
            yield Fix(finding, line, last, new)


def _words(lines: Sequence[str]) -> str:
    """The letters and digits of ``lines``: a suggestion of several lines arranges words, and takes none away.

    It may put them between a line that opens a box and one that closes it.
    """
    words = (line for line in lines if not line.lstrip().startswith(":::"))
    return "".join(letter for line in words for letter in line if letter.isalnum())
