"""What is due when, as the newsroom sees it: the past week and the weeks to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from composer.approval import Sealed
from composer.database import reading
from composer.issue import key_of
from composer.issue.files import language_of, translations
from composer.newsroom.model import Newsroom
from composer.schedule.calendar import Due, due_between
from composer.schedule.decision import Hold
from composer.schedule.issues import issue_due, look
from composer.schedule.occurrences import Occurrence, occurrences_of


@dataclass(frozen=True)
class Booked:
    """A slot that was sold for an issue."""

    slot: str
    advertiser: str
    creative: str


@dataclass(frozen=True)
class Outlook:
    """One due date. ``at`` is in the newsroom's time zone; ``issue`` is relative to the newsroom, None without a file.

    ``translations`` are its editions in other languages, by language.

    ``state`` is mailed, held, missed or skipped where the hour has come; before that ``sealed``, or why it could not
    leave as it stands (``no-file``, ``not-sealed``, ``source-changed``...). ``reason`` goes with the former.
    """

    publication: str
    date: Date
    at: datetime
    issue: str | None
    translations: dict[str, str]
    state: str
    reason: str | None
    mailing: int | None
    sponsors: tuple[Booked, ...]


def outlook(newsroom: Newsroom, engine: Engine | None, now: datetime, weeks: int) -> list[Outlook]:
    """Every due date from a week ago until ``weeks`` from now, and what somebody asked for, in order.

    Without ``engine``: what the folder says. Of the past week, not the dates that nobody saw and that never had an
    issue.
    """
    zone, past = ZoneInfo(newsroom.settings.timezone), now - timedelta(weeks=1)
    found = []
    for name, publication in newsroom.publications.items():
        rows = _rows(engine, name)
        for due in due_between(publication.schedule, zone, past, now + timedelta(weeks=weeks)):
            entry = _outlook(newsroom, name, due, zone, rows.pop((due.date, ""), None))
            if due.at > now or entry.state != "no-file":
                found.append(entry)
        asked = [row for row in rows.values() if row.asked and row.due_at > past]
        found += [_outlook(newsroom, name, row.due(publication.schedule), zone, row) for row in asked]
    return sorted(found, key=lambda entry: (entry.at, entry.publication))


def _rows(engine: Engine | None, publication: str) -> dict[tuple[Date, str], Occurrence]:
    if engine is None:
        return {}
    with reading(engine).begin() as connection:
        return {(row.due_date, row.slug): row for row in occurrences_of(connection, publication)}


def _outlook(newsroom: Newsroom, name: str, due: Due, zone: ZoneInfo, row: Occurrence | None) -> Outlook:
    file = issue_due(newsroom, name, due.date, due.slug)
    others = () if isinstance(file, Hold) else translations(newsroom, key_of(file, newsroom))
    return Outlook(
        publication=name,
        date=due.date,
        at=(row.due_at if row else due.at).astimezone(zone),
        issue=None if isinstance(file, Hold) else file.relative_to(newsroom.root).as_posix(),
        translations={
            language_of(newsroom, other.key): other.path.relative_to(newsroom.root).as_posix() for other in others
        },
        state=row.state if row else _state(newsroom, name, due),
        reason=row.reason if row else None,
        mailing=row.mailing_id if row else None,
        sponsors=tuple(
            Booked(booking.slot, sponsor.advertiser, booking.creative)
            for sponsor in newsroom.sponsors.values()
            for booking in sponsor.bookings
            if (booking.publication, booking.date) == (name, due.date)
        ),
    )


def _state(newsroom: Newsroom, name: str, due: Due) -> str:
    if due.skipped:
        return "skipped"
    found = look(newsroom, name, due.date)
    return "sealed" if isinstance(found, Sealed) else found.reason
