"""Dates and hours as people say them, in the newsroom's language and by its clocks."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_time, format_timedelta

from composer.clock import now
from composer.locale import gettext as _
from composer.locale import language
from composer.locale.dates import dated
from composer.newsroom.model import Newsroom

if TYPE_CHECKING:
    from composer.approval.model import Seal
    from composer.issue.model import IssueKey


def day(date: Date) -> str:
    """« vendredi 27 novembre 2026 »."""
    return dated(date, "full", language())


def hour(instant: datetime, newsroom: Newsroom) -> str:
    """« 07:00 »."""
    return format_time(instant.astimezone(ZoneInfo(newsroom.settings.timezone)), "short", locale=language())


def day_and_hour(instant: datetime, newsroom: Newsroom) -> str:
    """« vendredi 27 novembre 2026 à 07:00 »."""
    local = instant.astimezone(ZoneInfo(newsroom.settings.timezone))
    return _("{date} at {hour}").format(date=day(local.date()), hour=hour(instant, newsroom))


def short_hour(instant: datetime, zone: ZoneInfo) -> str:
    """The time of day in ``zone``; with its date, where that is not today."""
    today, local = now().astimezone(zone).date(), instant.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def letter_words(key: IssueKey, newsroom: Newsroom) -> str:
    """A letter as people say it: « Le Jalon, vendredi 4 décembre 2026 », with its name or language where it has one."""
    publication = newsroom.publications.get(key.publication)
    more = " · ".join(filter(None, [key.slug, key.language or ""]))
    named = f"{publication.title if publication else key.publication}, {day(key.date)}"
    return f"{named} ({more})" if more else named


def approved_words(seal: Seal) -> str:
    """That an issue is approved, by whom, and its subject."""
    return _("{issue} is approved by {by}: “{subject}”").format(issue=seal.key, by=seal.by, subject=seal.subject)


def unapproved_words(path: Path) -> str:
    """That the issue at ``path`` is not approved any more."""
    return _("{file} is not approved any more").format(file=path.name)


def wait_words(after: timedelta) -> str:
    """How long after a reader has joined: « 3 jours après l’inscription »."""
    if not after:
        return _("once a reader has confirmed")
    length = format_timedelta(after, threshold=1, locale=language())
    return _("{length} after a reader has confirmed").format(length=length)


def state_of_due_date(code: str) -> str:
    """The state of a due date in words, or why it is held or was missed; the code itself, if it is not known."""
    words = {
        "rehearsed": _("rehearsal only"),
        "sealed": _("approved"),
        "not-sealed": _("not approved"),
        "source-changed": _("changed after its approval"),
        "media-changed": _("a picture changed after the approval"),
        "sponsor-changed": _("an advertisement changed after the approval"),
        "sponsor-unread": _("its advertiser's file has mistakes"),
        "publication-unread": _("its publication's file has mistakes"),
        "other-issue": _("what is approved beside it is another issue"),
        "damaged": _("its approval is damaged"),
        "empty": _("nothing to read in it"),
        "translation": _("its translation is not approved as it stands"),
        "no-file": _("no file yet"),
        "off-schedule": _("no letter is due that day: it leaves by filigrane send alone"),
        "second": _("another issue leaves on that day: this one by filigrane send alone"),
        "several-files": _("several issues have this date"),
        "unreadable": _("its file cannot be read"),
        "held": _("held"),
        "missed": _("missed"),
        "skipped": _("no issue"),
        "too-late": _("nothing ran at the hour"),
        "refused": _("it could not be sent"),
        "no-readers": _("no reader in this database"),
        "media-unreachable": _("its pictures cannot be seen at public_url"),
        "public-url-changed": _("public_url changed after its approval"),
        "approved-before": _("approved before it was a letter that welcomes"),
        "long-gap": _("somebody says whether it left already"),
        "restored": _("the database was restored: somebody says whether it left already"),
        "copied": _("a copy of the newsroom: somebody says whether it left from the other one"),
        "past": _("its hour is past; whether it left is not known here"),
        "planned": _("it leaves when somebody asked for"),
        "outside-window": _("it waits for the hours of sending"),
    }
    return words.get(code, code)
