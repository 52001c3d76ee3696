"""Send an approved issue off schedule, at once or at a given instant, at the request of a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from composer.approval.model import Seal, Unsealed
from composer.approval.translations import whole_verdict
from composer.database import read_only
from composer.delivery.ledger import readers
from composer.delivery.ledger.enqueue import open_mailing
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import find
from composer.delivery.state import NOT_OVER, MailingState
from composer.errors import Refused
from composer.issue import key_of
from composer.issue.files import language_of
from composer.issue.model import IssueKey
from composer.issue.welcome import is_welcome
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import publication_named
from composer.schedule.calendar import due_between, instant
from composer.schedule.issues import key_due
from composer.schedule.occurrences import (
    Occurrence,
    mailed,
    mailing_of,
    occurrences_of,
    plan,
    settle_occurrence,
    skipped,
)
from composer.schedule.pictures import publish
from composer.source.vocabulary import key_name


def sendable(path: Path, newsroom: Newsroom, engine: Engine) -> Seal:
    """The seal of the issue at ``path``, where ``open_now`` would send it. Raises ``Refused`` otherwise."""
    _original(path, newsroom)
    found = whole_verdict(path, newsroom)
    if isinstance(found, Unsealed):
        raise Refused(found.sentence)
    key = found.seal.key
    with read_only(engine).begin() as connection:
        if (opened := mailing_of(connection, key)) is not None:
            raise _sent(connection, key, opened)
        why = readers.missing(connection, newsroom, key.publication)
    if why is not None:  # before the pictures are published and requested
        raise readers.NoReaders(_("{issue} was not sent: {why}").format(issue=key, why=why))
    return found.seal


def open_now(now: datetime, path: Path, newsroom: Newsroom, engine: Engine, secret: bytes) -> int:
    """Open the mailing of the issue at ``path``, in all its languages, whether due, held or missed; returns its id.

    Under ``only_to`` it is a rehearsal, which settles no due date: the issue still leaves at its hour.
    Raises ``Refused`` where it is not approved as it stands, has a mailing already, or has no reader (``NoReaders``);
    ``OutsideWorld`` where its pictures cannot be published or are not served.
    """
    seal = sendable(path, newsroom, engine)
    publish(seal, newsroom)
    with engine.begin() as connection:
        mailing = open_mailing(
            connection,
            seal=seal,
            newsroom=newsroom,
            publication_id=seal.key.publication,
            key=seal.key,
            dated=now,
            secret=secret,
        )
        if mailing is None:
            raise _sent(connection, seal.key, mailing_of(connection, seal.key))
        if not newsroom.settings.only_to:
            _settle(connection, newsroom, seal.key, mailing)
    return mailing


def _sent(connection: Connection, key: IssueKey, mailing: int | None) -> Refused:
    if mailing is not None and find(connection, mailing).state == MailingState.CANCELLED:
        message = _(
            "{issue} is mailing {id}, which was cancelled, and an issue is sent once: filigrane mailings {id} says how "
            "many have it. A copy of its file under another name, {date}-name.yaml, can be approved and sent: those "
            "who have it get that too"
        )
        return Refused(message.format(issue=key, id=mailing, date=key.date))
    message = _("{issue} was sent already, or is being sent: filigrane mailings {id}")
    return Refused(message.format(issue=key, id=mailing))


def open_later(now: datetime, path: Path, newsroom: Newsroom, engine: Engine, at: datetime) -> str | None:
    """Plan the issue at ``path`` for ``at`` instead of its scheduled time; what is approved at that instant is sent.

    Returns why it would be held, as the list of readers stands now; None where it has a reader. Raises ``Refused``
    where ``at`` is past, or the issue is not approved as it stands, or has a mailing.
    """
    if at <= now:
        raise Refused(_("that is over: without --at it leaves now"))
    key, found = _original(path, newsroom), whole_verdict(path, newsroom)
    if isinstance(found, Unsealed):
        raise Refused(found.sentence)
    plain = key_due(newsroom, key.publication, key.date) == key
    with engine.begin() as connection:
        mailing = mailing_of(connection, key)
        if mailing is not None or not plan(connection, replace(key, slug="") if plain else key, at):
            raise _sent(connection, key, mailing)
        return readers.missing(connection, newsroom, key.publication)


def skip(now: datetime, newsroom: Newsroom, engine: Engine, publication: str, date: Date, slug: str = "") -> None:
    """Record that the issue due on ``date`` is not to be sent: its readers have had it, or never will.

    Raises ``Refused`` where there is no such due date, where it has not come yet, or where the issue has a mailing.
    """
    schedule, zone = publication_named(newsroom, publication).schedule, ZoneInfo(newsroom.settings.timezone)
    with engine.begin() as connection:
        row = next(
            (row for row in occurrences_of(connection, publication) if (row.due_date, row.slug) == (date, slug)), None
        )
        if row is None:
            noon = instant(date, time(12), zone)
            near = due_between(schedule, zone, noon - timedelta(days=1), noon + timedelta(days=1))
            due = next((due for due in near if due.date == date and not slug), None)
            if due is None:
                message = _("{publication} is not due on {date}: nothing is to be skipped")
                raise Refused(message.format(publication=publication, date=date))
            if due.skipped:
                message = _("{date} is under “{key}” of the publication's schedule: nothing leaves by itself that day")
                raise Refused(message.format(date=date, key=key_name("skip", newsroom.settings.keys)))
            if due.at > now:
                message = _(
                    "the hour of {date} is still to come: so that nothing leaves, write “{key}: [{date}]” under "
                    "“{schedule}:” in config/publications/{publication}.yaml"
                )
                keys = newsroom.settings.keys
                names = {"key": key_name("skip", keys), "schedule": key_name("schedule", keys)}
                raise Refused(message.format(publication=publication, date=date, **names))
            settle_occurrence(connection, publication, due, "skipped", "by-hand", None, now)
        elif row.state == "mailed":
            raise Refused(_sent_already(connection, row))
        else:
            skipped(connection, row.id)


def _sent_already(connection: Connection, row: Occurrence) -> str:
    """Why there is nothing to skip, and what can still be done about the mailing of ``row``."""
    state = None if row.mailing_id is None else find(connection, row.mailing_id).state
    message = _("{publication} of {date} is mailing {id}, which is {state}: there is nothing left to skip")
    if state in NOT_OVER:
        message = _("{publication} of {date} is mailing {id}, which is {state}: filigrane mailings cancel {id} ends it")
    said = "–" if state is None else state_word(state)
    return message.format(publication=row.publication, date=row.due_date, id=row.mailing_id, state=said)


def _original(path: Path, newsroom: Newsroom) -> IssueKey:
    """The issue's key. Raises ``Refused`` where the file is a translation, which is sent with its original."""
    key = key_of(path, newsroom)
    if language_of(newsroom, key) != newsroom.publications[key.publication].language:
        message = _("{file} is an edition of {original}, and leaves with it: filigrane send {original}")
        raise Refused(message.format(file=path.name, original=replace(key, language=None)))
    if is_welcome(newsroom, key):
        message = _(
            "{issue} is a letter of the welcome path: it leaves by itself, for each reader who joins. To send it to "
            "everybody, take it out of “{key}” in config/publications/{publication}.yaml"
        )
        word = key_name("welcome", newsroom.settings.keys)
        raise Refused(message.format(issue=key, key=word, publication=key.publication))
    return key


def _settle(connection: Connection, newsroom: Newsroom, key: IssueKey, mailing: int) -> None:
    """Mark as mailed the occurrences that were held or missed for want of this issue."""
    for row in occurrences_of(connection, key.publication):
        if row.due_date == key.date and key_due(newsroom, key.publication, key.date, row.slug) == key:
            mailed(connection, row.id, mailing)
