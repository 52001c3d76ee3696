"""Begin an issue: the skeleton of a publication's next one, or of the one of a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from composer import clock
from composer.errors import Refused, WrongUsage
from composer.issue import find_issues, issue_path
from composer.issue.files import date_and_name, day_of
from composer.issue.model import IssueKey
from composer.issue.offers import FILE_KINDS, stock_of
from composer.issue.skeleton import errata_before, skeleton
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.schema_files import SCHEMAS, old_schemas, write_schemas
from composer.newsroom.starting import write_new
from composer.newsroom.unread import publication_named
from composer.newsroom.weekdays import comes_out
from composer.schedule.calendar import due_between, instant
from composer.source.scalars import guessed_date
from composer.source.vocabulary import key_name


def begin_issue(newsroom: Newsroom, publication: str, written: str | None) -> tuple[Path, tuple[str, ...]]:
    """Write the skeleton of the issue of ``written``, a date or a date and a name; of the next due date without one,
    where that is None. Its file, and why it would not leave by itself.

    Raises ``Refused`` where there is no such publication or the file is there, ``WrongUsage`` for what is no date.
    """
    publication_named(newsroom, publication)
    date, slug = (next_free(newsroom, publication), "") if written is None else _date(written)
    path = issue_path(newsroom, IssueKey(publication, date, slug))
    write_new(path, skeleton(newsroom, publication, date, errata_before(newsroom, publication, date)))
    return path, tuple(_not_leaving(newsroom, publication, date))


def next_free(newsroom: Newsroom, publication: str) -> Date:
    """The next due date without an issue. Raises ``Refused`` where two years of dates have one."""
    schedule, zone = newsroom.publications[publication].schedule, ZoneInfo(newsroom.settings.timezone)
    written = {file.key.date for file in find_issues(newsroom, publication)}
    now = clock.now()
    for due in due_between(schedule, zone, now, now + timedelta(days=731)):
        if not due.skipped and due.date not in written:
            return due.date
    raise Refused(_("no date of the next two years is free: give one with --date"))


def _not_leaving(newsroom: Newsroom, publication: str, date: Date) -> Iterator[str]:
    """Why an issue of ``date`` would not leave by itself."""
    schedule, zone = newsroom.publications[publication].schedule, ZoneInfo(newsroom.settings.timezone)
    if instant(date, schedule.at, zone) <= clock.now():
        yield _("its hour is past: it does not leave by itself any more")
    elif not comes_out(schedule, date):
        yield _("{publication} does not come out on that day: it leaves by filigrane send alone").format(
            publication=publication
        )
    elif date in schedule.skip:
        message = _("{date} is under “{key}” of the publication's schedule: nothing leaves by itself that day")
        yield message.format(date=date, key=key_name("skip", newsroom.settings.keys))


def renew_schemas(newsroom: Newsroom) -> bool:
    """Write the schemas that the skeleton names, and those there are; whether they were missing or old."""
    folder, keys = newsroom.root / SCHEMAS, newsroom.settings.keys
    told = not (folder / f"issue.{keys}.json").is_file() or bool(old_schemas(folder, FILE_KINDS))
    offers = stock_of(newsroom).offered
    for language in get_args(Language):
        if language == keys or (folder / f"issue.{language}.json").is_file():
            write_schemas(folder, FILE_KINDS, language, offers)
    return told


def _date(text: str) -> tuple[Date, str]:
    """The date, and the name after it where there is one."""
    if (found := date_and_name(text)) is not None:
        return found
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise WrongUsage(_("there is no day {date} in the calendar").format(date=text))
    if day_of(text[:10]) is not None:
        message = _(
            "after the date may stand a name, in small letters, digits and hyphens: 2026-12-15-special. A translation "
            "begins as a copy of its original, named 2026-12-15.en.yaml"
        )
        raise WrongUsage(message)
    guessed = guessed_date(text) or "2026-12-15"
    raise WrongUsage(_("a date is written year-month-day: {date}").format(date=guessed))
