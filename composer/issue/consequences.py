"""Of what is found in an issue that could be read in part only, what would hold without its mistakes too."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Set

from composer.issue.checks import named
from composer.issue.model import Issue
from composer.source.document import Partial
from composer.source.finding import Finding
from composer.source.quoting import split_lines

#: Findings that something is not there. It may be what could not be read, where a mistake stands in the same block.
#: A check that says of a block that it lacks something adds its code here.
ABSENCES = frozenset(
    {
        "missing-teaser",
        "teaser-without-cut",
        "label-without-cut",
        "empty-paid-part",
        "no-edition",
        "own-edition",
        "no-preheader",
        "translation",
        "unbooked-slot",
    }
)

_ID = re.compile(r"\bid\b[ \t]*:[ \t]*[\"']?([a-z0-9][a-z0-9_-]*)")


def independent(partial: Partial[Issue], findings: Iterable[Finding]) -> Iterator[Finding]:
    """Those of ``findings``, on ``partial``, that are not the mere consequence of a mistake that loading names.

    Left out is what is said of a value that was found wrong, and that something is missing where it may be what could
    not be read.
    """
    blocks = sorted(mark.line for loc, mark in partial.whole.marks.items() if len(loc) == 2 and loc[0] == "blocks")
    broken = {bisect_right(blocks, mistake.place.line) for mistake in partial.mistakes}
    lost = set(_ID.findall(partial.whole.text)) - {name for name, _loc, _line in named(partial.remains)}
    for finding in findings:
        if finding.place in partial.damaged:
            continue
        if finding.code in ABSENCES and bisect_right(blocks, finding.place.line) in broken:
            continue
        if finding.code == "no-masthead" and any(broken):  # one of the blocks may be it
            continue
        if finding.code == "unknown-id" and _names(finding, lost, partial.whole.text):
            continue
        yield finding


def _names(unknown: Finding, ids: Set[str], text: str) -> bool:
    """Whether the line of ``unknown`` names one of ``ids``."""
    return not ids.isdisjoint(re.findall(r"[a-z0-9_-]+", split_lines(text)[unknown.place.line - 1]))
