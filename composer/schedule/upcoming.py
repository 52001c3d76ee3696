"""The calendar as an editor sees it: what was due in the past week and is due in the weeks to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from composer.approval.model import Sealed, UnsealedReason
from composer.database import read_only
from composer.delivery.ledger import readers
from composer.delivery.ledger.readers import ReaderCount
from composer.issue import find_issues, key_of
from composer.issue.files import language_of, translations
from composer.issue.welcome import is_welcome
from composer.newsroom.model import Newsroom, Schedule
from composer.newsroom.unread import unread_publications
from composer.newsroom.weekdays import comes_out
from composer.schedule.calendar import Due, due_between, instant, last_departure
from composer.schedule.decision import ASKS, Hold
from composer.schedule.issues import issue_due, key_due, look
from composer.schedule.occurrences import Occurrence, mailings_of, occurrences_of

#: Why there is no issue to send, apart from its approval (``schedule.issues``).
_OF_FILES = ("no-file", "several-files", "unreadable", "publication-unread")


@dataclass(frozen=True)
class Booked:
    """A slot that was sold for an issue."""

    slot: str
    advertiser: str
    creative: str


@dataclass(frozen=True)
class Upcoming:
    """One due date. ``at`` is in the newsroom's time zone; ``issue`` is relative to the newsroom, None without a file.

    ``translations`` are its editions in other languages, by language.

    ``state`` is mailed where the issue has a mailing, scheduled or by hand: ``mailing_state`` is that mailing's.
    Otherwise rehearsed (``mailing`` is the rehearsal), held, missed or skipped once it was due; before that ``sealed``,
    or why it could not leave as it stands (``no-file``, ``not-sealed``, ``no-readers``...; without a database nothing
    is known of readers); ``off-schedule`` of a file on whose date nothing falls due, ``second`` of one beside the issue
    that leaves on its date. ``reason`` goes with held, missed,
    skipped and planned; it is ``past`` where nothing is recorded and the letter could not leave any more by itself.
    ``readers`` are those of a letter that may still leave.
    """

    publication: str
    date: Date
    at: datetime
    issue: str | None
    translations: dict[str, str]
    state: str
    reason: str | None
    mailing: int | None
    mailing_state: str | None
    sponsors: tuple[Booked, ...]
    readers: ReaderCount | None


def upcoming(newsroom: Newsroom, engine: Engine | None, now: datetime, weeks: int) -> list[Upcoming]:
    """Every due date from a week ago until ``weeks`` from now, what a person asked for, and what is held, in order.

    Without ``engine``: what the folder says. Past dates without a row, a mailing or an issue file are left out.
    """
    zone, past = ZoneInfo(newsroom.settings.timezone), now - timedelta(weeks=1)
    found = []
    schedules = {name: publication.schedule for name, publication in newsroom.publications.items()}
    schedules |= {name: unread.schedule for name, unread in unread_publications(newsroom).items() if unread.schedule}
    for name, schedule in schedules.items():
        known = _Known({}, {}, False, None) if engine is None else _known(newsroom, engine, name, now)
        rows = known.rows
        for due in due_between(schedule, zone, past, now + timedelta(weeks=weeks)):
            entry = _outlook(newsroom, name, due, zone, row := rows.pop((due.date, ""), None), known, now)
            if row is None and entry.mailing is None and not due.skipped and now > last_departure(schedule, zone, due):
                entry = replace(entry, reason="past")
            if due.at > now or entry.state != "no-file":
                found.append(entry)
        others = [(row, row.due(schedule, zone)) for row in rows.values() if row.asked or row.state == "held"]
        found += [_outlook(newsroom, name, due, zone, row, known, now) for row, due in others if due.at > past]
        shown = {(entry.date, entry.issue) for entry in found if entry.publication == name}
        for due in _undue(newsroom, name, schedule, zone, past, now + timedelta(weeks=weeks)):
            entry = _outlook(newsroom, name, due, zone, None, known, now)
            if (entry.date, entry.issue) not in shown and entry.issue is not None:
                state = "second" if comes_out(schedule, due.date) else "off-schedule"
                found.append(entry if entry.mailing is not None else replace(entry, state=state))
    return sorted(found, key=lambda entry: (entry.at, entry.publication))


def _undue(
    newsroom: Newsroom, publication: str, schedule: Schedule, zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[Due]:
    """The dates of issue files of which nothing falls due: a mistake in the file's name, a letter sent by hand, or the
    second issue of a date.
    """
    if publication not in newsroom.publications:
        return
    for file in find_issues(newsroom, publication):
        due = Due(instant(file.key.date, schedule.at, zone), file.key.date, slug=file.key.slug)
        if is_welcome(newsroom, file.key) or not after < due.at <= until:
            continue
        own = language_of(newsroom, file.key) == newsroom.publications[publication].language
        falls_due = comes_out(schedule, due.date)
        second = bool(due.slug) and isinstance(issue_due(newsroom, publication, due.date), Path)
        if own and (second or not falls_due):
            yield due


@dataclass(frozen=True)
class _Known:
    """What the database knows of a publication: occurrences and mailings (id, state) by date and slug of the issue."""

    rows: dict[tuple[Date, str], Occurrence]
    sent: Mapping[tuple[Date, str], tuple[int, str]]
    no_readers: bool
    readers: ReaderCount | None  #: None of a publication with mistakes in its file


def _known(newsroom: Newsroom, engine: Engine, publication: str, now: datetime) -> _Known:
    with read_only(engine).begin() as connection:
        found = [row for row in occurrences_of(connection, publication) if not row.by_a_wrong_clock(now)]
        rows = {(row.due_date, row.slug): row for row in found}
        no_readers = readers.missing(connection, newsroom, publication) is not None
        read = publication in newsroom.publications
        counted = readers.count_readers(connection, newsroom, publication) if read else None
        return _Known(rows, mailings_of(connection, publication), no_readers, counted)


def _outlook(
    newsroom: Newsroom, name: str, due: Due, zone: ZoneInfo, row: Occurrence | None, known: _Known, now: datetime
) -> Upcoming:
    file = issue_due(newsroom, name, due.date, due.slug)
    others = () if isinstance(file, Hold) else translations(newsroom, key_of(file, newsroom))
    key = key_due(newsroom, name, due.date, due.slug)
    mailing, mailing_state = known.sent.get((key.date, key.slug), (None, None))
    if mailing is not None:  # also before the due time, where it was sent by hand
        state, reason = "mailed", None
    elif row is not None and row.state == "held" and row.reason not in ASKS:
        state, reason = _held(newsroom, name, due, row, known, now)
    elif row is not None:
        state, reason, mailing = row.state, row.reason, row.mailing_id
        if state == "planned" and known.no_readers:
            reason = "no-readers"
    else:
        state, reason = _state(newsroom, name, due, known), None
    return Upcoming(
        publication=name,
        date=due.date,
        at=(row.due_at if row and row.state != "held" else due.at).astimezone(zone),
        issue=None if isinstance(file, Hold) else file.relative_to(newsroom.root).as_posix(),
        translations={
            language_of(newsroom, other.key): other.path.relative_to(newsroom.root).as_posix() for other in others
        },
        state=state,
        reason=reason,
        mailing=mailing,
        mailing_state=mailing_state,
        sponsors=_booked(newsroom, name, due.date),
        readers=None if state in ("mailed", "rehearsed", "missed", "skipped") else known.readers,
    )


def _booked(newsroom: Newsroom, name: str, date: Date) -> tuple[Booked, ...]:
    """What is sold of the issue of ``date``, in the order of the publication's slots."""
    found = [
        Booked(booking.slot, sponsor.advertiser, booking.creative)
        for sponsor in newsroom.sponsors.values()
        for booking in sponsor.bookings
        if (booking.publication, booking.date) == (name, date)
    ]
    slots = [*newsroom.publications[name].slots] if name in newsroom.publications else []
    return tuple(sorted(found, key=lambda booked: slots.index(booked.slot) if booked.slot in slots else len(slots)))


def _held(
    newsroom: Newsroom, name: str, due: Due, row: Occurrence, known: _Known, now: datetime
) -> tuple[str, str | None]:
    """The state and reason of what is held, as it stands now and not as the last tick found it."""
    present = _state(newsroom, name, due, known)
    if due.at > now:  # put off: it has yet to fall due
        return present, None
    of_the_folder = row.reason in (*get_args(UnsealedReason), *_OF_FILES, "no-readers")
    return "held", present if of_the_folder or present != "sealed" else row.reason


def _state(newsroom: Newsroom, name: str, due: Due, known: _Known) -> str:
    if due.skipped:
        return "skipped"
    found = look(newsroom, name, due.date, due.slug)
    if not isinstance(found, Sealed):
        return found.reason
    return "no-readers" if known.no_readers else "sealed"
