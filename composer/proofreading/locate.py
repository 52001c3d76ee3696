"""Locate in an issue what its letter shows."""

from __future__ import annotations

import re

from composer.issue.model import Issue
from composer.issue.text_iter import written
from composer.source.document import Loc

#: A Markdown link: its words.
_LINK = re.compile(r"\[([^\[\]]+)\]\(")


def whereabouts(issue: Issue, words: str) -> tuple[Loc, int, int]:
    """The value, the line and the column (from 0) of ``words``: of a link with these words, or of a line that has them.

    The beginning of the issue where it lacks them: they are its publication's, an advertiser's or a template's.
    """
    wanted = _folded(words)
    lines = [(loc, number, line) for loc, text in written(issue.front) for number, line in enumerate(text.split("\n"))]
    for loc, number, line in lines:
        for link in _LINK.finditer(line):
            if _folded(link[1]) == wanted:
                return loc, number, link.start()
    for loc, number, line in lines:
        if wanted and wanted in _folded(line):
            return loc, number, max(0, line.casefold().find(words.casefold()))
    return (), 0, 0


def _folded(words: str) -> str:
    return " ".join(re.sub(r"[*_`\u00a0\u202f]", " ", words).casefold().split())
