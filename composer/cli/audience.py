"""Say to how many readers a publication's letter goes, where this machine can know it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from composer import clock
from composer.database import exists, open_database, read_only
from composer.delivery.ledger.readers import ReaderCount, count_readers, readers_words
from composer.errors import FiligraneError
from composer.issue.model import IssueKey
from composer.locale import gettext as _
from composer.newsroom.environment import database_url
from composer.newsroom.model import Newsroom
from composer.schedule.calendar import Due, due_now
from composer.schedule.issues import key_due
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


def outlook_lines(newsroom: Newsroom, key: IssueKey) -> Iterator[str]:
    """What becomes of an issue that was approved just now: when it leaves, and to how many readers.

    Without a database here it says so: the one of the server knows. Nothing where the issue has its mailing already.
    """

    def question(connection: Connection) -> tuple[int | None, Sequence[Occurrence]]:
        return mailing_of(connection, key), occurrences_of(connection, key.publication)

    mailing, rows = _ask(newsroom, question) or (None, ())
    if mailing is not None:
        return
    count = count_here(newsroom, key.publication)
    readers = _("how many readers is not known on this machine") if count is None else readers_words(count)
    due = _due(newsroom, key, rows)
    if due is None or due.skipped:
        yield _("it is beside the schedule: filigrane send sends it; {readers}").format(readers=readers)
    elif due.at > clock.now():
        yield _("it leaves on {when}; {readers}").format(when=day_and_hour(due.at, newsroom), readers=readers)
    else:
        yield _("its hour was {when}; {readers}").format(when=day_and_hour(due.at, newsroom), readers=readers)


def _due(newsroom: Newsroom, key: IssueKey, rows: Sequence[Occurrence]) -> Due | None:
    schedule, zone = newsroom.publications[key.publication].schedule, ZoneInfo(newsroom.settings.timezone)
    for row in rows:
        if (row.due_date, row.slug) == (key.date, key.slug):
            return row.due(schedule, zone)
    own = key_due(newsroom, key.publication, key.date)
    found = due_now(schedule, zone, key.date) if (own.date, own.slug) == (key.date, key.slug) else None
    return None if found is None or found.moved else found


def rehearsal_line(newsroom: Newsroom, publication: str | None = None) -> str:
    """That ``only_to`` is set, and how many readers of ``publication`` it leaves."""
    count = None if publication is None else count_here(newsroom, publication)
    if count is not None:
        return readers_words(count)
    return _("rehearsal: only the addresses of “{key}” in config/newsroom.yaml are written to").format(
        key=key_name("only_to", newsroom.settings.keys)
    )
