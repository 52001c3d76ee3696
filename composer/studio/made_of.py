"""Changes of what an issue is made of, its elements and blocks: none leaves the file with a mistake that it had not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.model import Revision, Unwritable
from composer.source.document import Document
from composer.source.finding import Severity
from composer.studio.act import Writing
from composer.studio.saving.actor import Actor
from composer.studio.saving.keeper import Saved


def remade(writing: Writing, actor: Actor, change: Callable[[Document[Issue]], Revision]) -> Saved:
    """Save the file as ``change`` makes it.

    Raises ``Unwritable`` with the first new mistake; what ``change`` raises, and ``Keeper.save``.
    """

    def revised(text: str) -> Revision:
        document = reread(writing, text)
        revision = change(document)
        left = _mistakes(document)
        for mistake in _mistakes(reread(writing, revision.text)).elements():
            left[mistake] -= 1
            if left[mistake] < 0:
                raise Unwritable(mistake)
        return revision

    return writing.keeper.save(writing.path, revised, actor)


def reread(writing: Writing, text: str) -> Document[Issue]:
    """The issue, where its file holds ``text``."""
    return load_issue(writing.path, writing.newsroom, content=text.encode())


def _mistakes(document: Document[Issue]) -> Counter[str]:
    return Counter(each.message for each in document.findings if each.severity is Severity.ERROR)
