"""Whether a text of the issue is, word for word, one of an issue before it: what a copied file still holds."""

from __future__ import annotations

from collections.abc import Iterator

from composer.errors import FiligraneError
from composer.issue.blocks.briefs import Briefs
from composer.issue.body import Body
from composer.issue.files import find_issues, language_of
from composer.issue.model import Issue
from composer.issue.welcome import is_welcome
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.document import Loc
from composer.source.finding import Finding, Severity
from composer.source.reading import read_text

#: Characters from which on two texts do not happen to be the same.
LEAST_REPEATED = 100
#: Issues before this one that are looked at.
LOOKED_AT = 3


def findings(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """A warning at the first long text that stands in one of the issues before ``issue``, in the same language."""
    key = issue.key
    own = [(loc, lines) for loc, lines in _texts(issue) if sum(map(len, lines)) >= LEAST_REPEATED]
    if not own or is_welcome(newsroom, key):
        return
    before = (
        file
        for file in find_issues(newsroom, key.publication)
        if file.key.date < key.date and language_of(newsroom, file.key) == language_of(newsroom, key)
        if not is_welcome(newsroom, file.key)
    )
    for file in sorted(before, key=lambda file: file.key.date, reverse=True)[:LOOKED_AT]:
        try:
            text, _findings = read_text(file.path, newsroom.root)
        except FiligraneError:  # that file has its own check
            continue
        again = [loc for loc, lines in own if all(line in text for line in lines)]
        if again:
            message = _("readers have had this text, word for word: it stands in {file}")
            if len(again) > 1:
                message = _("readers have had this text, and others below, word for word: they stand in {file}")
            message = message.format(file=file.path.name)
            yield issue.source.finding("sent-before", message, again[0], severity=Severity.WARNING)
            return


def _texts(issue: Issue) -> Iterator[tuple[Loc, list[str]]]:
    """The lines of each text and of each brief, with its place."""
    for number, block in enumerate(issue.front.blocks):
        loc: Loc = ("blocks", number)
        texts = [((*loc, "body"), getattr(block, "body", None))]
        if isinstance(block, Briefs):
            texts = [((*loc, "items", index, "text"), each.text) for index, each in enumerate(block.items)]
        for at, text in texts:
            if isinstance(text, Body):
                yield at, [stripped for line in text.source.split("\n") if (stripped := line.strip())]
