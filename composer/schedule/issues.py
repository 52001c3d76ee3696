"""The issue of a due date: its file, and whether it may be sent."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path

from composer.approval.model import Sealed
from composer.approval.translations import whole_verdict
from composer.errors import FiligraneError
from composer.issue import find_issues, issue_path, key_of
from composer.issue.model import IssueKey
from composer.issue.welcome import is_welcome
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import unread_publications, unread_sentence
from composer.schedule.decision import Hold


def issue_due(newsroom: Newsroom, publication: str, date: Date, slug: str = "") -> Path | Hold:
    """The file of the issue due on ``date``: the one without a slug, or else the only one of that date.

    With ``slug``, the one with that slug. A ``Hold`` says why there is none.
    """
    if (unread := unread_publications(newsroom).get(publication)) is not None:
        return Hold("publication-unread", unread_sentence(unread))
    if slug and (path := issue_path(newsroom, IssueKey(publication, date, slug))).is_file():
        return path
    found = [file for file in find_issues(newsroom, publication, date) if not is_welcome(newsroom, file.key)]
    own = newsroom.publications[publication].language
    files = [file for file in found if file.key.language in (None, own)]
    plain = [file for file in files if not file.key.slug]
    if len(plain or files) == 1 and not slug:
        return (plain or files)[0].path
    if files and not slug:
        names = ", ".join(sorted(file.path.name for file in files))
        sentence = _("several issues have this date, and none is the one without a name: {names}. Name one {date}.yaml")
        return Hold("several-files", sentence.format(names=names, date=date))
    sentence = _("there is no issue of that date. To begin it: filigrane new {publication} --date {date}")
    return Hold("no-file", sentence.format(publication=publication, date=date))


def key_due(newsroom: Newsroom, publication: str, date: Date, slug: str = "") -> IssueKey:
    """The key of that issue, whether its file exists or not."""
    path = issue_due(newsroom, publication, date, slug)
    return IssueKey(publication, date, slug) if isinstance(path, Hold) else key_of(path, newsroom)


def look(newsroom: Newsroom, publication: str, date: Date, slug: str = "") -> Sealed | Hold:
    """The approved issue of ``date`` in all its languages, or why there is none to send."""
    try:
        path = issue_due(newsroom, publication, date, slug)
        if isinstance(path, Hold):
            return path
        found = whole_verdict(path, newsroom)
    except FiligraneError as error:
        return Hold("unreadable", str(error))
    return found if isinstance(found, Sealed) else Hold(found.reason, found.sentence)
