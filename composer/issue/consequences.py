"""Filter the findings on a partly readable issue: keep those that would hold without its loading errors too."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Set

from composer.issue.checks import named
from composer.issue.model import Issue
from composer.source.document import Partial
from composer.source.finding import Finding
from composer.source.quoting import split_lines

#: Codes that report something missing: it may be what could not be read, if the same block has an error.
#: A check that reports that a block lacks something adds its code here.
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
        "lost-picture",
        "picture-shape",
        "dead-end",
        "no-question",
        "missing-ai-credit",
        "quote-not-compared",
    }
)

_ID = re.compile(r"\bid\b[ \t]*:[ \t]*[\"']?([a-z0-9][a-z0-9_-]*)")


def independent(partial: Partial[Issue], findings: Iterable[Finding]) -> Iterator[Finding]:
    """The ``findings`` on ``partial`` that are not mere consequences of a loading error.

    Left out are findings on an invalid value, and on something missing that may be what could not be read.
    """
    blocks = sorted(mark.line for loc, mark in partial.whole.marks.items() if len(loc) == 2 and loc[0] == "blocks")
    broken = {bisect_right(blocks, mistake.place.line) for mistake in partial.mistakes}
    lost = set(_ID.findall(partial.whole.text)) - {name for name, _loc, _line in named(partial.remains)}
    for finding in findings:
        if finding.place in partial.damaged:
            continue
        if finding.code in ABSENCES and bisect_right(blocks, finding.place.line) in broken:
            continue
        if finding.code == "empty-preheader":  # it may be made of what could not be read
            continue
        if finding.code == "no-masthead" and any(broken):  # it may be one of the blocks that could not be read
            continue
        if finding.code == "unknown-id" and _names(finding, lost, partial.whole.text):
            continue
        yield finding


def _names(unknown: Finding, ids: Set[str], text: str) -> bool:
    """True if the line of ``unknown`` contains one of ``ids``."""
    return not ids.isdisjoint(re.findall(r"[a-z0-9_-]+", split_lines(text)[unknown.place.line - 1]))
