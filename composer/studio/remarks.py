"""Findings as the studio shows them: the place, the line around the mistake, and the corrected line."""

from __future__ import annotations

from dataclasses import dataclass

from composer.locale import gettext as _
from composer.source.finding import Finding, Severity

#: Characters of a line shown before and after the mistake: a paragraph of YAML is often one line of 800.
_BEFORE, _AFTER = 44, 40


@dataclass(frozen=True)
class ShownFinding:
    """``before`` + ``at`` + ``after`` is the line, shortened; ``at`` is the character above the caret.

    ``line``: the finding's in the file of the letter that is shown, from 1; None where it is of another file.
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
    line: int | None = None

    @property
    def caret(self) -> str:
        return " " * len(self.before) + "^"


def remark(finding: Finding, file: str | None = None) -> ShownFinding:
    """``finding`` as it is shown beside the letter of ``file``."""
    names = {Severity.ERROR: _("Mistake"), Severity.WARNING: _("Warning"), Severity.NOTE: _("Note")}
    place, column = str(finding.place), finding.place.column - 1
    line = (finding.excerpt or "").replace("\t", " ")
    start = 0 if column <= _BEFORE else column - _BEFORE + 1
    rest = line[column + 1 :]
    return ShownFinding(
        finding.code,
        finding.severity is Severity.ERROR,
        names[finding.severity],
        place,
        finding.message,
        before=("…" if start else "") + line[start:column],
        at=line[column : column + 1],
        after=rest[: _AFTER - 1] + "…" if len(rest) > _AFTER else rest,
        suggestion=finding.suggestion,
        line=finding.place.line if finding.place.file == file else None,
    )
