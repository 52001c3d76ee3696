"""A finding on a file: what is wrong, where, how severe, and what to type instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from composer.locale import gettext as _


class Severity(StrEnum):
    ERROR = "error"  #: the issue cannot be composed or sent like this
    WARNING = "warning"  #: it can, but probably should not
    NOTE = "note"  #: worth a look


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file. ``line`` and ``column`` count from 1; ``file`` is relative to the newsroom.

    ``column`` counts what is read: each letter with its accent, no invisible character. ``passed_over`` is how
    many more characters the file holds before it on that line.
    """

    file: str
    line: int
    column: int
    passed_over: int = field(default=0, compare=False)

    @property
    def typed_column(self) -> int:
        """The column in the file, as a text editor counts."""
        return self.column + self.passed_over

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.typed_column}"


#: Characters that the terminal shows of the faulty line, around its column.
WIDTH = 160

#: Longest line kept as excerpt or suggestion, in characters: a paragraph fits.
CAP = 2_000


_OPENING, _CLOSING = re.compile(r"[“«]\s?"), re.compile("([”»])")

#: Characters of a quotation that ``brief`` keeps, where it leaves out at least so many.
_KEPT, _LEFT_OUT = 12, 21


def _shortened(message: str) -> str:
    """``message`` with each quotation longer than a key or a usual name reduced to its first characters."""
    pieces = _CLOSING.split(message)
    for position in range(0, len(pieces) - 1, 2):
        if opening := _OPENING.search(pieces[position]):
            end = opening.end() + _KEPT
            if len(pieces[position]) - end >= _LEFT_OUT:
                pieces[position] = pieces[position][:end] + "…"
    return "".join(pieces)


def _capped(text: str) -> str:
    return text if len(text) <= CAP else text[:CAP] + "…"


@dataclass(frozen=True)
class Finding:
    """One finding. ``code`` is a stable kebab-case name (``unknown-key``) that scripts and ``ignore:`` may rely on.

    ``excerpt`` is the faulty line as it stands in the file; ``suggestion`` is that line (or those lines) corrected.
    """

    code: str
    severity: Severity
    place: Place
    message: str
    excerpt: str | None = None
    suggestion: str | None = None

    def brief(self) -> str:
        """Place, severity unless error, message and code: what logs, mails and webhooks may hold.

        No line of the file, and only a few characters of what the message quotes: the file may not be the intended one,
        and logs may be readable without access to the newsroom's files.
        """
        return self._head(_shortened(self.message))

    def _head(self, message: str) -> str:
        if self.severity is not Severity.ERROR:
            message = _("{severity}: {message}").format(severity=_(self.severity.value), message=message)
        return f"{self.place}: {message} [{self.code}]"

    def __str__(self) -> str:
        """The form shown in the terminal: ``brief`` with full quotations, the line, a caret, the corrected line."""
        lines = [self._head(self.message)]
        if self.excerpt is not None:
            start = max(0, self.place.column - 1 - WIDTH // 2) if len(self.excerpt) > WIDTH else 0
            before = "…" if start else ""
            after = "…" if len(self.excerpt) > start + WIDTH else ""
            lines.append(f"    {before}{self.excerpt[start : start + WIDTH]}{after}")
            lines.append(" " * (4 + len(before) + self.place.column - 1 - start) + "^")
        if self.suggestion is not None:
            lines += [f"  → {line}" for line in _capped(self.suggestion).splitlines()]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Plain data. Lines longer than a paragraph are cut."""
        place = {"file": self.place.file, "line": self.place.line, "column": self.place.typed_column}
        return (
            asdict(self)
            | {"place": place}
            | {
                key: None if text is None else _capped(text)
                for key, text in (("excerpt", self.excerpt), ("suggestion", self.suggestion))
            }
        )


def respelled(found: Finding, name: str, near: str | None) -> Finding:
    """The finding with its line, ``near`` in the place of ``name``; as it is where that is not sure."""
    written, at = found.excerpt or "", found.place.column - 1
    at += written[at : at + 1] in ('"', "'")
    start = at if written.startswith(name, at) else written.find(name) if written.count(name) == 1 else -1
    if near is None or start < 0:
        return found
    return replace(found, suggestion=written[:start] + near + written[start + len(name) :])


@dataclass(frozen=True)
class Problem:
    """A mistake inside one value, before its position in the file is known.

    ``line`` counts from 0 in the value (a literal block's first line is 0), ``column`` from 0 in that line as the
    value holds it, without the block's indent. The loader turns a Problem into a Finding.
    """

    code: str
    message: str
    line: int = 0
    column: int = 0
    severity: Severity = Severity.ERROR
    suggestion: str | None = None


class _Edit(NamedTuple):
    start: int
    end: int
    new: str


#: Codes that suggest something else than their line corrected: a line to add, the name of the file.
_NOT_THE_LINE = ("missing-key", "file-name")


def united(findings: Sequence[Finding]) -> list[Finding]:
    """Merge the suggestions of several findings on one line, where their edits do not overlap."""
    lines: dict[tuple[str, int], set[str]] = {}
    excerpts: dict[tuple[str, int], str] = {}
    for each in findings:
        if each.excerpt is not None and each.suggestion is not None and _rewrites_its_line(each):
            lines.setdefault(_line(each), set()).add(each.suggestion)
            excerpts[_line(each)] = each.excerpt
    whole = {line: _united(excerpts[line], suggestions) for line, suggestions in lines.items() if len(suggestions) > 1}
    return [
        replace(each, suggestion=better)
        if (better := whole.get(_line(each))) and each.suggestion is not None and _rewrites_its_line(each)
        else each
        for each in findings
    ]


def _line(finding: Finding) -> tuple[str, int]:
    return finding.place.file, finding.place.line


def _rewrites_its_line(finding: Finding) -> bool:
    return finding.code not in _NOT_THE_LINE and "\n" not in (finding.suggestion or "")


def _united(line: str, suggestions: set[str]) -> str | None:
    edits = sorted(_edit(line, suggestion) for suggestion in suggestions)
    if any(two.start < one.end or two.start == one.start for one, two in pairwise(edits)):
        return None
    for start, end, new in reversed(edits):
        line = line[:start] + new + line[end:]
    return line


def _edit(line: str, suggestion: str) -> _Edit:
    """The smallest replacement that turns ``line`` into ``suggestion``."""
    shorter = min(len(line), len(suggestion))
    start = next((n for n in range(shorter) if line[n] != suggestion[n]), shorter)
    after = next((n for n in range(shorter - start) if line[-1 - n] != suggestion[-1 - n]), shorter - start)
    return _Edit(start, len(line) - after, suggestion[start : len(suggestion) - after])
