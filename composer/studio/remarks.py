"""Findings as the studio shows them: the place, the line around the mistake, and the corrected line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from composer.issue.revision.model import digest_of
from composer.locale import gettext as _
from composer.source.document import Source
from composer.source.finding import Finding, Severity
from composer.source.fixes import is_correctable

#: Characters of a line shown before and after the mistake: a paragraph of YAML is often one line of 800.
_BEFORE, _AFTER = 44, 40
_WORD = re.compile(r"[\w’'-]*")
#: How a line begins that is not the next one of a paragraph: an item, a crosshead, a box, the paywall, a key.
_BEGINS = re.compile(r"\s*(?:[-*>:=]|#|\d+[.)] |[\w-]+:(?: |$))")


@dataclass(frozen=True)
class ShownFinding:
    """``before`` + ``at`` + ``after`` is the line, shortened; ``at``, a word or a sign, is where the finding stands.
    ``mended`` is the corrected line in three parts, the second of which differs; None where it has several lines,
    ``suggestion``, or there is none.

    ``line``: the finding's in the issue's file, from 1; None where it is of another file. ``start``: the line at which
    its sentence begins, ``word`` the word at the caret. ``mendable``: its suggestion has a place in the file; asked
    for by ``code``, ``line`` and ``digest``, of the line's words.
    """

    code: str
    error: bool
    severity: str
    place: str
    message: str
    before: str = ""
    at: str = ""
    after: str = ""
    suggestion: str | None = None
    mended: tuple[str, str, str] | None = None
    line: int | None = None
    start: int | None = None
    word: str = ""
    mendable: bool = False
    digest: str = ""


def remark(finding: Finding, source: Source | None = None) -> ShownFinding:
    """``finding`` as it is shown beside the letter of ``source``."""
    names = {Severity.ERROR: _("Mistake"), Severity.WARNING: _("Warning"), Severity.NOTE: _("Note")}
    place, column = str(finding.place), finding.place.column - 1
    line = (finding.excerpt or "").replace("\t", " ")
    word = _WORD.match(line, max(0, column))
    wide = len(word[0]) if word is not None and 1 <= len(word[0]) <= _AFTER else 1
    before, at, after = _shortened(line, column, column + wide)
    here = source if source is not None and finding.place.file == source.file else None
    return ShownFinding(
        finding.code,
        finding.severity is Severity.ERROR,
        names[finding.severity],
        place,
        finding.message,
        before=before,
        at=at,
        after=after,
        suggestion=finding.suggestion,
        mended=_mended(line, finding.suggestion or "\n"),
        line=finding.place.line if here else None,
        start=_start(here.lines, finding.place.line) if here else None,
        word=at if word is not None and word[0] == at else "",
        mendable=here is not None and is_correctable(finding, here.text),
        digest=digest_of(finding.excerpt or ""),
    )


def _shortened(line: str, start: int, end: int) -> tuple[str, str, str]:
    """``line`` before, from and after ``start`` to ``end``, without its indent, and with « … » for what is left out."""
    first = 0 if start <= _BEFORE else start - _BEFORE + 1
    before, after = line[first:start], line[end:]
    before = "…" + before if first else before.lstrip()
    return before, line[start:end], after[: _AFTER - 1] + "…" if len(after) > _AFTER else after


def _mended(line: str, suggestion: str) -> tuple[str, str, str] | None:
    """The one line of ``suggestion``, with what differs from ``line`` at whole words."""
    if "\n" in suggestion:
        return None
    shorter = min(len(line), len(suggestion))
    start = next((n for n in range(shorter) if line[n] != suggestion[n]), shorter)
    kept = next((n for n in range(shorter - start) if line[-1 - n] != suggestion[-1 - n]), shorter - start)
    end = len(suggestion) - kept
    while start > 0 and not suggestion[start - 1].isspace():
        start -= 1
    while end < len(suggestion) and not suggestion[end].isspace():
        end += 1
    return _shortened(suggestion, start, end)


def _start(lines: Sequence[str], line: int) -> int:
    """The line, from 1, at which the paragraph of ``line`` begins."""
    while 1 < line <= len(lines) and lines[line - 2].strip() and not _BEGINS.match(lines[line - 1]):
        if lines[line - 2].rstrip().endswith((": |", ": >")):
            break
        line -= 1
    return line
