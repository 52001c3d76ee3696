"""Say to how many readers a publication's letter goes, where this machine can know it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from composer import clock
from composer.database import exists, open_database, read_only
from composer.delivery.ledger.readers import ReaderCount, count_readers, readers_words
from composer.errors import FiligraneError
from composer.issue import key_of
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.schedule.calendar import Due, due_now, last_departure
from composer.schedule.decision import Hold
from composer.schedule.issues import issue_due, look
from composer.schedule.occurrences import Occurrence, mailing_of, occurrences_of
from composer.schedule.wording import day_and_hour
from composer.source.vocabulary import key_name

_Answer = TypeVar("_Answer")


def _ask(newsroom: Newsroom, question: Callable[[Connection], _Answer]) -> _Answer | None:
    """What this machine's database answers; None where it has none, as a laptop may, or it does not answer."""
    try:
        url = database_url(newsroom)
        if not exists(url, newsroom.root):
            return None
        engine = open_database(url, newsroom.root)
        try:
            with read_only(engine).connect() as connection:
                return question(connection)
        finally:
            engine.dispose()
    except FiligraneError:
        return None


def count_here(newsroom: Newsroom, publication: str) -> ReaderCount | None:
    """The readers in this machine's database; None where it has none."""
    if publication not in newsroom.publications:
        return None
    return _ask(newsroom, lambda connection: count_readers(connection, newsroom, publication))


def outlook_lines(newsroom: Newsroom, key: IssueKey, *, before: bool = False) -> Iterator[str]:
    """What becomes of an issue that was approved just now: when it leaves, and to how many readers. ``before``: of one
    that is about to be approved.

    Without a database here it says so: the one of the server knows. Nothing where the issue has its mailing already.
    """

    def question(connection: Connection) -> tuple[int | None, Sequence[Occurrence]]:
        return mailing_of(connection, key), occurrences_of(connection, key.publication)

    mailing, rows = _ask(newsroom, question) or (None, ())
    if mailing is not None:
        return
    count = count_here(newsroom, key.publication)
    readers = _("how many readers is not known on this machine") if count is None else readers_words(count)
    row = next((row for row in rows if (row.due_date, row.slug) == (key.date, key.slug)), None)
    found = look(newsroom, key.publication, key.date, key.slug)
    due, first = _due(newsroom, key, row), issue_due(newsroom, key.publication, key.date)
    if not before and isinstance(found, Hold) and found.reason in ("translation", "not-sealed", "source-changed"):
        yield found.sentence  # of its other language
    elif isinstance(first, Hold) and first.reason == "several-files":
        yield first.sentence
    elif row is not None and row.state == "skipped":
        yield _("it was taken back by filigrane skip: filigrane send sends it; {readers}").format(readers=readers)
    elif due is not None and due.skipped:
        told = _("its date is under “{key}” of the schedule: filigrane send sends it; {readers}")
        yield told.format(key=key_name("skip", newsroom.settings.keys), readers=readers)
    elif due is not None and row is None and isinstance(first, Path) and key_of(first, newsroom).slug != key.slug:
        told = _("{file} is what leaves on its date: filigrane send sends this one; {readers}")
        yield told.format(file=first.name, readers=readers)
    elif due is None:
        yield _("its date is no day of the schedule: filigrane send sends it; {readers}").format(readers=readers)
    elif due.at > clock.now():
        yield _("it leaves on {when}; {readers}").format(when=day_and_hour(due.at, newsroom), readers=readers)
    elif clock.now() > last_departure(newsroom.publications[key.publication].schedule, _zone(newsroom), due):
        told = _("its hour was {when}, and it does not leave by itself any more: filigrane send sends it; {readers}")
        yield told.format(when=day_and_hour(due.at, newsroom), readers=readers)
    else:
        yield _("its hour was {when}; {readers}").format(when=day_and_hour(due.at, newsroom), readers=readers)


def _zone(newsroom: Newsroom) -> ZoneInfo:
    return ZoneInfo(newsroom.settings.timezone)


def _due(newsroom: Newsroom, key: IssueKey, row: Occurrence | None) -> Due | None:
    schedule, zone = newsroom.publications[key.publication].schedule, _zone(newsroom)
    if row is not None:
        return row.due(schedule, zone)
    found = due_now(schedule, zone, key.date)
    return None if found is None or found.moved else found


def rehearsal_line(newsroom: Newsroom, publication: str | None = None) -> str:
    """That ``only_to`` is set, and how many readers of ``publication`` it leaves."""
    count = None if publication is None else count_here(newsroom, publication)
    if count is not None:
        return readers_words(count)
    return _("rehearsal: only the addresses of “{key}” in config/newsroom.yaml are written to").format(
        key=key_name("only_to", newsroom.settings.keys)
    )
