"""What is said before and after a letter is sent, planned or skipped at the request of a person."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from composer import clock
from composer.errors import WrongUsage
from composer.issue.files import day_of
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.schedule.wording import day, day_and_hour

#: « 15h », « 7 h 30 », at the end.
_FRENCH_HOUR = re.compile(r"\b(\d{1,2}) ?h ?(\d\d)?$", re.IGNORECASE)


def leaving_words(key: IssueKey, readers: str, newsroom: Newsroom) -> str:
    """What ``send`` is about to do: which issue, of which date where that is not today's, to how many readers."""
    today = clock.now().astimezone(ZoneInfo(newsroom.settings.timezone)).date()
    if key.date == today:
        return _("{issue} would leave now; {readers}").format(issue=key, readers=readers)
    dated = _("{issue}, dated {date} (today is {today}), would leave now; {readers}")
    return dated.format(issue=key, date=day(key.date), today=day(today), readers=readers)


def planned_words(issue: str, at: datetime, newsroom: Newsroom) -> str:
    """That ``issue``, publication/date, leaves at the instant ``at``."""
    when = day_and_hour(at, newsroom)
    return _("{issue} leaves on {when}: “filigrane run” sends it").format(issue=issue, when=when)


def held_then_words(why: str) -> str:
    """That what was planned would be held as things stand."""
    return _("As things stand it would be held then: {why}").format(why=why)


def skipped_words(issue: str) -> str:
    """That ``issue``, publication/date, is skipped."""
    return _("{issue} is skipped: nothing of it leaves by itself").format(issue=issue)


def instant_typed(written: str, zone: ZoneInfo) -> datetime:
    """An instant in the time zone ``zone``; a time of day alone is today's. Raises ``WrongUsage`` otherwise."""
    plain = _FRENCH_HOUR.sub(lambda match: f"{int(match[1]):02}:{match[2] or '00'}", written.strip())
    try:
        hour = time.fromisoformat(plain)
        return datetime.combine(clock.now().astimezone(zone).date(), hour, zone).astimezone(UTC)
    except ValueError:
        pass
    try:
        if day_of(plain) is not None:  # midnight is not what a date alone means
            raise ValueError(plain)
        found = datetime.fromisoformat(plain)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WrongUsage(_('a time is written "15:00" or "2026-11-27 15:00"')) from error
