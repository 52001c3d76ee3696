"""What is checked beside an issue's own words, and what no check looks at: for the command line and the studio."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date as Date
from itertools import chain
from pathlib import Path

from composer.approval.digests import sponsors_printed
from composer.issue.files import day_of
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.advertising import is_unexamined
from composer.newsroom.model import Newsroom
from composer.newsroom.placeholders import placeholders
from composer.source.document import Document
from composer.source.finding import Finding
from composer.source.vocabulary import value_name


def model_findings(newsroom: Newsroom, paths: Sequence[Path], printed: Collection[str] = ()) -> list[Finding]:
    """What ``init`` wrote as a model and the issues at ``paths`` would print, once each; ``printed``: advertisers."""
    dates: dict[str, set[Date]] = {}
    for path in paths:
        dates.setdefault(path.parent.name, set()).update(filter(None, [day_of(path.name[:10])]))
    found = (placeholders(newsroom, name, dates[name], printed) for name in sorted(dates))
    return list(dict.fromkeys(chain.from_iterable(found)))


def categories_printed(document: Document[Issue], newsroom: Newsroom) -> Iterable[tuple[str, Date]]:
    """The category of each advertisement that an issue prints, with the issue's date."""
    issue = document.value or (document.partial.remains if document.partial else None)
    if issue is None:
        return
    for each in sponsors_printed(issue, newsroom):
        sponsor = newsroom.sponsors.get((each.creative or "").partition("/")[0])
        if sponsor is not None:
            yield sponsor.category, issue.key.date


def unexamined_categories(advertisements: Iterable[tuple[str, Date]]) -> list[str]:
    """The advertising categories, each once, in which `check` does not examine the legal words."""
    return sorted({category for category, day in advertisements if is_unexamined(category, day)})


def unexamined_sentence(categories: Sequence[str], newsroom: Newsroom) -> str:
    """What is said of ``unexamined_categories``."""
    named = ", ".join(value_name(each, newsroom.settings.keys) for each in categories)
    return _("the legal words of advertisements in these categories are not examined: {names}").format(names=named)


def unread_language() -> str:
    """What no check of an issue reads."""
    return _("Spelling, grammar and agreement are not looked at: read the letter for them.")
