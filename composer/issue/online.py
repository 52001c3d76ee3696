"""The web addresses of a letter's two editions.

That of the free one follows from publication, date, name and language alone, so that it can be printed in the letter
before there is a page. This is the one place that knows it. That of a paid copy ends with a reader's token.
"""

from __future__ import annotations

from composer.issue.model import Issue, IssueKey
from composer.issue.welcome import is_welcome, letter_name
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import COPY, absolute

#: The folder of all pages, below ``public_url``.
ONLINE = "a"


def online_path(publication: str, name: str = "", language: str | None = None) -> str:
    """A page's folder below ``public_url``: of the publication, or of what is called ``name`` in it.

    ``name`` is ``2026-11-28`` or ``2026-11-28-slug`` of a letter, ``2026`` of a year. ``language`` is given where it
    is not the publication's own.

    >>> online_path("samedi", "2026-11-28"), online_path("samedi", "2026-11-28-rivers", "en")
    ('a/samedi/2026-11-28/', 'a/samedi/2026-11-28-rivers/en/')
    """
    return "".join(f"{part}/" for part in (ONLINE, publication, name, language) if part)


def online_name(key: IssueKey) -> str:
    """What the letter ``key`` is called in its address."""
    return letter_name(key)


def online_address(newsroom: Newsroom, key: IssueKey) -> str:
    """Where the free edition of ``key`` is read, whether or not it stands there."""
    own = newsroom.publications[key.publication].language
    language = None if key.language in (None, own) else key.language
    return f"{newsroom.settings.public_url.rstrip('/')}/{online_path(key.publication, online_name(key), language)}"


def stands_online(newsroom: Newsroom, issue: Issue) -> bool:
    """Whether ``issue`` gets a page once it is sent."""
    archive = newsroom.publications[issue.key.publication].archive
    if archive is None or is_welcome(newsroom, issue.key):
        return False
    return issue.front.online and issue.key.date >= archive.since


def paid_copy_address(newsroom: Newsroom, issue: Issue) -> str | None:
    """Where who pays reads the paid edition of ``issue``, up to the token; None where there will be no such page."""
    archive = newsroom.publications[issue.key.publication].archive
    if archive is None or not archive.paid_copies or not stands_online(newsroom, issue):
        return None
    return absolute(newsroom, COPY)
