"""The theme's paper for the dark: neither black nor bright."""

from __future__ import annotations

from collections.abc import Iterator

from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.colour import contrast
from composer.newsroom.model import Newsroom
from composer.newsroom.theme import Theme
from composer.source.finding import Finding, Severity
from composer.source.vocabulary import key_name

#: Contrast with black of a paper for the dark: least, and most.
_BLACKEST, _BRIGHTEST = 1.03, 5.0


def findings(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """A warning on a paper for the dark that is black, on which letters glow, or bright, which glows itself."""
    name = issue.key.publication
    source = newsroom.sources.get(f"config/publications/{name}.yaml", issue.source)
    paper = newsroom.publications[name].theme.paper_dark
    ratio = contrast(paper, "#000000")
    if _BLACKEST <= ratio <= _BRIGHTEST:
        return
    message = _("{token} {colour}: on black, letters glow at night; a little lighter, they are read")
    if ratio > _BRIGHTEST:
        message = _("{token} {colour}: this is no paper for the dark, and the letter glows at night")
    token = key_name("paper_dark", newsroom.settings.keys)
    message = message.format(token=token, colour=paper)
    line = f'  {token}: "{Theme().paper_dark}"' if ("theme", "paper_dark") in source.marks else None
    yield source.finding("night-paper", message, ("theme", "paper_dark"), severity=Severity.WARNING, suggestion=line)
