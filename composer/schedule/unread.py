"""Hold, and report, due dates of publications that have mistakes in their files: nothing is sent, no date is lost.

Only what may still leave is held: whether a date was missed or skipped is decided once the file can be read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date as Date
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_time
from sqlalchemy import Engine

from composer.database import read_only
from composer.issue import issue_path
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.locale import language
from composer.locale.dates import dated
from composer.newsroom.model import Newsroom, Schedule
from composer.newsroom.unread import title_of, unread_publications, unread_sentence
from composer.schedule.calendar import Due, due_between, leaves
from composer.schedule.notifications import Notification, told
from composer.schedule.occurrences import Occurrence, occurrences_of, settle_occurrence

REASON = "publication-unread"


def hold_unread(now: datetime, newsroom: Newsroom, engine: Engine, asks: str | None) -> Iterator[tuple[str, Date, str]]:
    """Hold what is due; yields publication, date, reason. ``asks`` is the reason where a person must decide."""
    for name, unread in unread_publications(newsroom).items():
        with read_only(engine).begin() as connection:
            rows = occurrences_of(connection, name)
        for due, planned in _owed(now, newsroom, name, unread.schedule, rows):
            reason = asks or REASON
            with engine.begin() as connection:
                if settle_occurrence(connection, name, due, "held", reason, planned, now) is not None:
                    yield name, due.date, reason


def _owed(
    now: datetime, newsroom: Newsroom, name: str, schedule: Schedule | None, rows: Sequence[Occurrence]
) -> Iterator[tuple[Due, Occurrence | None]]:
    for row in rows:
        if row.state == "planned" and row.due_at <= now:
            yield Due(row.due_at, row.due_date, slug=row.slug, asked=True), row
    if schedule is None:
        return
    zone, known = ZoneInfo(newsroom.settings.timezone), {row.due_date for row in rows if not row.slug}
    seen = [row.due_date for row in rows if not row.asked]
    for due in due_between(schedule, zone, now - schedule.catch_up, now):
        if due.date in known or due.skipped or leaves(schedule, zone, due, now) is None:
            continue
        if min(seen) < due.date if seen else issue_path(newsroom, IssueKey(name, due.date)).is_file():
            yield due, None


def unread_notices(newsroom: Newsroom, engine: Engine) -> Iterator[Notification]:
    """The notifications not sent yet about what is held this way."""
    zone = ZoneInfo(newsroom.settings.timezone)
    for name, unread in unread_publications(newsroom).items():
        with read_only(engine).begin() as connection:
            rows = [row for row in occurrences_of(connection, name) if row.state == "held"]
        whats = {row.id: f"{row.news}:unread" for row in rows}
        heard = told(engine, list(whats.values()))
        for row in rows:
            if whats[row.id] in heard:
                continue
            facts = {
                "title": title_of(newsroom, name),
                "date": dated(row.due_date, "full", language()),
                "hour": format_time(row.due_at.astimezone(zone), "short", locale=language()),
                "why": unread_sentence(unread),
            }
            subject = _("{title}, {date}: held, nothing was sent")
            text = _(
                "{title} was due on {date} at {hour}. It is held: nothing was sent.\n\n{why}.\n\n"
                "Once that is put right, it is decided anew."
            )
            words = subject.format(**facts), text.format(**facts)
            yield Notification(whats[row.id], "held", *words, publication=name, date=row.due_date)
