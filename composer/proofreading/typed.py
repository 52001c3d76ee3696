"""Findings on words as typed: at their place, with their line corrected."""

from __future__ import annotations

from collections.abc import Sequence

from composer.issue.model import Issue
from composer.source.document import Loc
from composer.source.finding import Finding, Severity

#: Column in the line of the text, what stands there, and what is typed instead; None where that is not known.
Replacement = tuple[int, str, str | None]


def typed_remark(
    issue: Issue,
    code: str,
    message: str,
    loc: Loc,
    line: int,
    edits: Sequence[Replacement],
    severity: Severity = Severity.WARNING,
) -> Finding:
    """A finding at the first of ``edits``, in ``line`` of the text at ``loc`` (from 0), with all of them made.

    Without a suggestion where the file holds the line in other letters, as between quotes with escapes.
    """
    place = issue.source.finding(code, message, loc, line=line, column=edits[0][0], severity=severity)
    better = place.excerpt or ""
    for column, wrong, new in reversed(edits):
        start = issue.source.place(loc, line, column).column - 1
        if new is None or not better.startswith(wrong, start):
            return place
        better = better[:start] + new + better[start + len(wrong) :]
    return Finding(code, severity, place.place, message, place.excerpt, None if better == place.excerpt else better)
