"""The welcome path at a tick: each step that is approved leaves for the readers that are due, each reader once.

A step that cannot leave holds up the steps after it, for its readers alone, and no other letter; what waited for a week
does not leave any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from composer.approval.model import Seal, Sealed
from composer.database import DatabaseUnavailable, read_only
from composer.delivery.ledger.welcome import LATE, count_due, due, give_up, mailing_of_day, send_step
from composer.delivery.tables import welcomed
from composer.errors import FiligraneError
from composer.issue.files import date_and_name
from composer.issue.online import online_address
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom
from composer.schedule.decision import Hold
from composer.schedule.downtime import Tick
from composer.schedule.issues import look
from composer.schedule.notifications import STANDING, Notification
from composer.schedule.occurrences import Event
from composer.schedule.pictures import publish

#: How long it is told that letters were given up, for they may have left from elsewhere.
_TOLD = timedelta(days=1)

#: How long an approved letter may wait before that is told.
_PATIENCE = timedelta(hours=1)

_log = structlog.get_logger()


@dataclass(frozen=True)
class WelcomeStep:
    """A step of a welcome path."""

    publication: str
    number: int  #: from 0
    letter: str
    after: timedelta


def path_steps(newsroom: Newsroom) -> Iterator[WelcomeStep]:
    """Every step of every path, in order."""
    for name, publication in newsroom.publications.items():
        for number, each in enumerate(publication.welcome):
            yield WelcomeStep(name, number, each.letter, each.after)


def step_letter(newsroom: Newsroom, step: WelcomeStep) -> Sealed | Hold:
    """The issue of ``step``, approved, or why it cannot leave."""
    publication, letter = step.publication, step.letter
    named = date_and_name(letter)
    if named is None:
        return Hold("no-file", _("{letter} is no day of the calendar").format(letter=letter))
    found = look(newsroom, publication, *named)
    if isinstance(found, Hold) and found.reason == "no-file":
        sentence = _("there is no such issue. To begin it: filigrane new {publication}/{letter}")
        return Hold("no-file", sentence.format(publication=publication, letter=letter))
    if isinstance(found, Sealed) and _says_online(newsroom, found.seal):
        sentence = _(
            "it was approved before it was a letter that welcomes, and says where it is read online: approve it again"
        )
        return Hold("approved-before", sentence)
    return found


def _says_online(newsroom: Newsroom, seal: Seal) -> bool:
    address = online_address(newsroom, seal.key)
    return any("paid_copy" in each.slots or address in each.text for each in seal.editions.values())


def welcome_readers(
    now: datetime, newsroom: Newsroom, engine: Engine, secret: bytes, silent_since: Tick | None, *, leave: bool = True
) -> list[Event]:
    """Send each step to the readers that are due. ``silent_since``: the last tick, where the database may be an older
    copy: what fell due since then may have left, and is given up. Raises what the database raises; an error about a
    step is logged. Without ``leave`` no step is sent.
    """
    events: list[Event] = []
    if silent_since is not None:
        for name in newsroom.publications:
            with engine.begin() as connection:
                if number := give_up(connection, newsroom, name, silent_since.at, now):
                    _log.warning("welcome-given-up", publication=name, readers=number)
    for step in path_steps(newsroom) if leave else ():
        try:
            mailing = _leave(now, newsroom, engine, secret, step)
        except (DatabaseUnavailable, SQLAlchemyError, MemoryError):
            raise
        except FiligraneError as error:
            _log.warning("welcome-held", publication=step.publication, letter=step.letter, why=type(error).__name__)
        except Exception:  # noqa: BLE001 # reason: a defect of ours on one letter must not keep the others from leaving
            _log.exception("issue-failed", publication=step.publication, letter=step.letter)
        else:
            if mailing is not None:
                today = now.astimezone(ZoneInfo(newsroom.settings.timezone)).date()
                events.append(Event(step.publication, today, "welcomed", step.letter, mailing))
    return events


def _leave(now: datetime, newsroom: Newsroom, engine: Engine, secret: bytes, step: WelcomeStep) -> int | None:
    """The mailing of today that the step left in; None where it left for no reader."""
    local = now.astimezone(ZoneInfo(newsroom.settings.timezone))
    if not _awake(newsroom, step, now):
        return None
    with read_only(engine).begin() as connection:
        people = due(newsroom, step.publication, step.number, now)
        if connection.execute(people.limit(1)).first() is None:
            return None
    found = step_letter(newsroom, step)
    if not isinstance(found, Sealed):
        return None
    seal, today = found.seal, mailing_of_day(found.seal.key, local.date(), rehearsal=bool(newsroom.settings.only_to))
    with read_only(engine).begin() as connection:
        row = connection.execute(today).one_or_none()
    if row is None or row.seal != seal.digest:
        publish(seal, newsroom)
    with engine.connect() as connection:
        mailing, given = send_step(
            connection, seal=seal, newsroom=newsroom, step=step.number, day=local.date(), now=now, secret=secret
        )
        if not given:  # the readers have left, or another host was first: no empty mailing
            connection.rollback()
            return None
        connection.commit()
    return mailing


def _awake(newsroom: Newsroom, step: WelcomeStep, now: datetime) -> bool:
    """Whether the step may leave at that hour: the first one always, for a reader that has just confirmed is awake."""
    local = now.astimezone(ZoneInfo(newsroom.settings.timezone)).time().replace(second=0, microsecond=0)
    return not step.after or local in newsroom.publications[step.publication].schedule.window


def _stands_still() -> str:
    return _(
        "it is approved, and did not leave within an hour: today’s mailing of it was cancelled, or `welcome-held` in "
        "the log of filigrane run says why"
    )


def welcome_notices(connection: Connection, newsroom: Newsroom, now: datetime) -> Iterator[Notification]:
    """Steps that cannot leave and for which readers wait; and letters that were given up."""
    for step in path_steps(newsroom):
        waiting = count_due(connection, newsroom, step.publication, step.number, now)
        if not waiting:
            continue
        found = step_letter(newsroom, step)
        if isinstance(found, Sealed):
            waiting = count_due(connection, newsroom, step.publication, step.number, now - _PATIENCE)
            if not waiting or not _awake(newsroom, step, now):
                continue
            found = Hold("not-sent", _stands_still())
        title = newsroom.publications[step.publication].title
        text = ngettext(
            "{n} reader who joined {title} waits for the letter {letter}, which cannot leave.\n\n{why}\n\n"
            "It leaves by itself as soon as that is put right, for whom it fell due in the last {days} days.",
            "{n} readers who joined {title} wait for the letter {letter}, which cannot leave.\n\n{why}\n\n"
            "It leaves by itself as soon as that is put right, for whom it fell due in the last {days} days.",
            waiting,
        )
        facts = {"n": waiting, "title": title, "letter": step.letter, "why": found.sentence, "days": LATE.days}
        subject = _("{title}: a welcome letter is held").format(title=title)
        what = f"{STANDING}welcome:{step.publication}:{step.letter}:{found.reason}"
        yield Notification(what, "welcome", subject, text.format(**facts), step.publication)
    lost = select(welcomed.c.publication, func.count().label("number")).where(
        welcomed.c.mailing_id.is_(None), welcomed.c.at > now - _TOLD
    )
    for row in connection.execute(lost.group_by(welcomed.c.publication)):
        publication = newsroom.publications.get(row.publication)
        title = row.publication if publication is None else publication.title
        text = ngettext(
            "Nothing ran for a long time, or the database went back: {n} welcome letter of {title} may have left "
            "meanwhile, and is not sent again.",
            "Nothing ran for a long time, or the database went back: {n} welcome letters of {title} may have left "
            "meanwhile, and are not sent again.",
            row.number,
        )
        subject = _("{title}: welcome letters were given up").format(title=title)
        said = text.format(n=row.number, title=title)
        yield Notification(f"{STANDING}welcome-given-up:{row.publication}", "welcome", subject, said, row.publication)
