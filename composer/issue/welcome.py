"""Whether an issue is a letter that welcomes: it has no date, no page on the web, and leaves for new readers alone."""

from __future__ import annotations

from composer.issue.key import IssueKey
from composer.newsroom.model import Newsroom


def letter_name(key: IssueKey) -> str:
    """What the issue is called in its publication, as a welcome path names it."""
    return f"{key.date.isoformat()}-{key.slug}" if key.slug else key.date.isoformat()


def is_welcome(newsroom: Newsroom, key: IssueKey) -> bool:
    """Whether ``key``, in whatever language, is a step of its publication's welcome path."""
    publication = newsroom.publications.get(key.publication)
    return publication is not None and any(step.letter == letter_name(key) for step in publication.welcome)
