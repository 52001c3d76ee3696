"""Names by the house's spelling (``config/lexicon.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from composer.issue.model import Issue
from composer.issue.text_iter import written
from composer.locale import gettext as _
from composer.newsroom.model import Lexicon
from composer.proofreading.typed import typed_remark
from composer.source.document import Loc
from composer.source.finding import Finding

#: An address or a file rather than words: the target of a link, a bare URL, a box's file or link.
_NOT_WORDS = re.compile(
    r"""\]\([^()\s]*\) | <[^<>\s]+> | \b(?:https?://|mailto:|tel:|www\.)\S+
    | ^:::[ ]*(?:figure|illustration)\s.* | ^:[\w ]+:\s*\S+\.\w+$""",
    re.IGNORECASE | re.VERBOSE,
)


def misspellings(issue: Issue, lexicon: Lexicon) -> Iterator[Finding]:
    """A warning for each known misspelling in the editor's words, with the line corrected. Not in advertisements."""
    right = {wrong: house for house, wrongs in lexicon.names.items() for wrong in wrongs if wrong != house}
    if not right:
        return
    # The right names come first, so that a misspelling contained in one is not reported.
    known = sorted({*right, *lexicon.names}, key=lambda name: (-len(name), name))
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in known))
    for loc, text in written(issue.front):
        if not any(wrong in text for wrong in right):  # a tenth of the time of the search
            continue
        for line, typed in enumerate(text.split("\n")):
            masked = _NOT_WORDS.sub(lambda match: "\0" * len(match[0]), typed)
            for match in pattern.finditer(masked):
                if match[0] in right:
                    yield _misspelt(issue, loc, line, match.start(), match[0], right[match[0]])


def _misspelt(issue: Issue, loc: Loc, line: int, column: int, wrong: str, house: str) -> Finding:
    message = _("“{wrong}”: the house writes “{house}”").format(wrong=wrong, house=house)
    found = typed_remark(issue, "misspelt-name", message, loc, line, [(column, wrong, house)])
    if found.suggestion is None and found.excerpt is not None and wrong in found.excerpt:
        return replace(found, suggestion=found.excerpt.replace(wrong, house, 1))
    return found
