"""A remark on a file: what, where, how bad, and what to type instead."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from composer.locale import gettext as _


class Severity(StrEnum):
    ERROR = "error"  #: the issue cannot be composed or sent like this
    WARNING = "warning"  #: it can, and somebody will probably regret it
    NOTE = "note"  #: worth a look


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file. ``line`` and ``column`` count from 1; ``file`` is relative to the newsroom."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


#: Characters of the faulty line around its column that the terminal shows.
WIDTH = 160

#: Characters of a line to type: a paragraph fits.
CAP = 2_000


#: In a message, a quotation longer than a key or a usual name: its first letters, and its end.
_QUOTED = re.compile(r"([“«]\s?[^”»]{12})[^”»]{21,}(\s?[”»])")


def _capped(text: str) -> str:
    return text if len(text) <= CAP else text[:CAP] + "…"


@dataclass(frozen=True)
class Finding:
    """One remark. ``code`` is a stable kebab-case name (``unknown-key``) that scripts and ``ignore:`` may rely on.

    ``excerpt`` is the faulty line as it stands in the file; ``suggestion`` is that line (or those lines) corrected.
    """

    code: str
    severity: Severity
    place: Place
    message: str
    excerpt: str | None = None
    suggestion: str | None = None

    def brief(self) -> str:
        """Place, how bad where it is no error, message and code: what logs, mails and webhooks may hold.

        No line of the file, and of what the message quotes from it a few letters: the file may be another one than it
        should, and who reads a log is not always who may read the newsroom's files.
        """
        return self._head(_QUOTED.sub(lambda quote: f"{quote[1]}…{quote[2]}", self.message))

    def _head(self, message: str) -> str:
        weight = "" if self.severity is Severity.ERROR else f"{_(self.severity.value)}: "
        return f"{self.place}: {weight}{message} [{self.code}]"

    def __str__(self) -> str:
        """The form the terminal shows: what ``brief`` says, whole, and the line, a caret, the corrected line."""
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
        """Plain data. A line too long to be anybody's paragraph is cut."""
        return asdict(self) | {
            key: None if text is None else _capped(text)
            for key, text in (("excerpt", self.excerpt), ("suggestion", self.suggestion))
        }


@dataclass(frozen=True)
class Problem:
    """A mistake inside one value, before its place in the file is known.

    ``line`` counts from 0 in the value (a literal block's first line is 0), ``column`` from 0 in that line as the
    value holds it, without the block's indent. The loader turns a Problem into a Finding.
    """

    code: str
    message: str
    line: int = 0
    column: int = 0
    severity: Severity = Severity.ERROR
    suggestion: str | None = None
