"""Words of a draft that have no place yet: a letter does not leave with them."""

from __future__ import annotations

from collections.abc import Iterator

from composer.issue.model import Issue
from composer.issue.typography.sentences import typeset_texts
from composer.issue.unplaced import UNPLACED
from composer.locale import gettext as _
from composer.proofreading.typed import typed_remark
from composer.source.finding import Finding, Severity


def unplaced_words(issue: Issue) -> Iterator[Finding]:
    """An error for each mark of a draft's import that is still in ``issue``."""
    for text in typeset_texts(issue.front):
        for line, words in enumerate(text.text.split("\n")):
            for mark in UNPLACED.finditer(words):
                message = _(
                    "these words of a draft have no place yet ({what}): place them, or take them out, and the mark"
                )
                said = message.format(what=mark["what"].strip())
                yield typed_remark(
                    issue, "unplaced", said, text.loc, line, [(mark.start(), mark[0], None)], Severity.ERROR
                )
