"""One look at every publication: what is due is mailed, held, missed or skipped, and somebody is told.

A tick may come late, twice, or from several processes at once. What it decides is written in one transaction with the
mailing itself, under two UNIQUE constraints; it holds no state of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from composer.approval import Seal
from composer.database import DatabaseUnavailable, reading
from composer.delivery.opening import open_mailing
from composer.errors import FiligraneError
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom, Schedule
from composer.schedule.alerts import explain
from composer.schedule.calendar import Due, due_between, latest_due
from composer.schedule.decision import ASKS, Decision, Hold, Mail, Miss, Nothing, Sent, Skip, decide
from composer.schedule.gap import asks, last_tick, ticked
from composer.schedule.issues import key_due, look
from composer.schedule.notices import Notice, over, rearm, tell, told
from composer.schedule.occurrences import Occurrence, mailed, mailing_of, occurrences_of, settle
from composer.schedule.pictures import Unreachable, publish
from composer.schedule.reminders import reminders
from composer.schedule.unread import hold_unread, unread_notices
from composer.schedule.watch import ALONE, troubles

#: Beyond what catch-up allows, a tick looks back this far for due dates that nobody saw, to say that they were missed.
_LOOK_BACK = timedelta(days=15)

_log = structlog.get_logger()


@dataclass(frozen=True)
class Event:
    """What a tick changed. ``state`` is mailed, held, missed, skipped or alerted."""

    publication: str | None
    due_date: Date | None
    state: str
    reason: str | None = None
    mailing_id: int | None = None


def tick(now: datetime, newsroom: Newsroom, engine: Engine, secret: bytes) -> list[Event]:
    """Look once, at ``now``. Raises nothing about one issue: that issue is held, and the others go on.

    Not to be called from a running event loop: it speaks to the relay where somebody is to be alerted.
    """
    events: list[Event] = []
    sentences: dict[tuple[str, Date, str], str] = {}
    with reading(engine).begin() as connection:
        before = last_tick(connection)
    silence = asks(before, now, newsroom.settings.long_gap)
    for name, publication in newsroom.publications.items():
        with reading(engine).begin() as connection:
            rows = occurrences_of(connection, name)
        for due, held in _open(publication.schedule, ZoneInfo(newsroom.settings.timezone), rows, now):
            try:
                asked = held.reason if held is not None and held.reason in ASKS else silence
                decision = _decide(now, newsroom, engine, name, due, known=_seen(rows) or due.asked, asked=asked)
                if isinstance(decision, Mail):
                    events += _mail(now, newsroom, engine, secret, due, held, decision.seal)
            except Unreachable as error:
                decision = Hold("media-unreachable", str(error))
            except (DatabaseUnavailable, SQLAlchemyError, MemoryError):
                raise  # about the whole house, not about this issue
            except FiligraneError as error:
                decision = Hold("refused", str(error))
            except Exception:  # noqa: BLE001 # reason: a defect of ours on one issue must not keep the others from leaving
                _log.exception("issue-failed", publication=name, due=due.date.isoformat())
                decision = Hold("refused", _("an unexpected error; the log of `filigrane run` holds it"))
            if isinstance(decision, Hold | Miss):
                sentences[name, due.date, due.slug] = decision.sentence
            events += _record(engine, name, due, held, decision)
    events += [Event(name, date, "held", why) for name, date, why in hold_unread(now, newsroom, engine, silence)]
    with engine.begin() as connection:
        ticked(connection, now)
    events += _tell(now, newsroom, engine, sentences)
    steady = before is not None and (now - before.at).total_seconds() < ALONE
    return events + _warn(now, newsroom, engine, steady=steady)


def _open(
    schedule: Schedule, zone: ZoneInfo, rows: Sequence[Occurrence], now: datetime
) -> Iterator[tuple[Due, Occurrence | None]]:
    """Due dates on which there is something left to decide.

    Seen for the first time, a publication owes at most its latest date, which thereby gets a row: from then on every
    later date is owed, and no earlier one is.
    """
    for row in rows:
        if row.state in ("held", "planned") and row.due_at <= now:
            yield row.due(schedule), row
    known = {row.due_date for row in rows if not row.slug}
    latest = latest_due(schedule, zone, now)
    if not _seen(rows) and latest.date not in known:
        yield latest, None
    first = min((row.due_date for row in rows if not row.asked), default=latest.date)
    for due in due_between(schedule, zone, now - schedule.catch_up - _LOOK_BACK, now):
        if due.date not in known and due.date > first:
            yield due, None


def _seen(rows: Sequence[Occurrence]) -> bool:
    """Whether the schedule has been looked at: what a person asked for says nothing of it."""
    return any(not row.asked for row in rows)


def _decide(
    now: datetime, newsroom: Newsroom, engine: Engine, name: str, due: Due, *, known: bool, asked: str | None
) -> Decision:
    zone, key = ZoneInfo(newsroom.settings.timezone), key_due(newsroom, name, due.date, due.slug)
    with reading(engine).begin() as connection:
        mailing = mailing_of(connection, key)
    schedule, found = newsroom.publications[name].schedule, look(newsroom, name, due.date, due.slug)
    return decide(now, due, schedule, zone, found, mailing=mailing, known=known, asks=asked)


def _mail(
    now: datetime,
    newsroom: Newsroom,
    engine: Engine,
    secret: bytes,
    due: Due,
    held: Occurrence | None,
    seal: Seal,
) -> list[Event]:
    name = seal.key.publication
    publish(seal, newsroom)
    with engine.begin() as connection:
        occurrence = settle(connection, name, due, "mailed", None, held)
        if occurrence is None:
            return []
        mailing = open_mailing(
            connection, seal=seal, newsroom=newsroom, publication_id=name, key=seal.key, dated=now, secret=secret
        ) or mailing_of(connection, seal.key)  # sent by hand since we looked
        mailed(connection, occurrence, mailing)
    return [Event(name, due.date, "mailed", None, mailing)]


def _record(engine: Engine, name: str, due: Due, held: Occurrence | None, decision: Decision) -> list[Event]:
    reason: str | None = None
    mailing: int | None = None
    match decision:
        case Mail() | Nothing():
            return []
        case Sent(mailing_id=mailing):
            state = "mailed"
        case Hold(reason=reason):
            state = "held"
        case Miss(reason=reason):
            state = "missed"
        case Skip(reason=reason):
            state = "skipped"
    if held is not None and (held.state, held.reason) == (state, reason):
        return []
    with engine.begin() as connection:
        occurrence = settle(connection, name, due, state, reason, held)
        if occurrence is None:
            return []
        if mailing is not None:
            mailed(connection, occurrence, mailing)
    return [Event(name, due.date, state, reason, mailing)]


def _tell(
    now: datetime, newsroom: Newsroom, engine: Engine, sentences: dict[tuple[str, Date, str], str]
) -> list[Event]:
    """Alert about what is new. It counts as told once a relay accepted it: until then, every tick tries again."""
    events = []
    for name, publication in newsroom.publications.items():
        with reading(engine).begin() as connection:
            rows = [row for row in occurrences_of(connection, name) if row.news is not None]
        heard = told(engine, [row.news for row in rows if row.news])
        for row in rows:
            if (news := row.news) is None or news in heard:
                continue
            if (sentence := sentences.get((name, row.due_date, row.slug))) is None:  # decided at an earlier tick
                due, asked = row.due(publication.schedule), row.reason if row.reason in ASKS else None
                decision = _decide(now, newsroom, engine, name, due, known=True, asked=asked)
                sentence = getattr(decision, "sentence", "")
            _log.warning("occurrence", publication=name, due=str(row.due_date), state=row.state, reason=row.reason)
            subject, text = explain(newsroom, row, sentence)
            notice = Notice(news, row.state, subject, text, publication=name, date=row.due_date)
            if tell(engine, newsroom, now, notice):
                events.append(Event(name, row.due_date, "alerted", news.partition(f":{row.id}:")[2]))
    return events


def _warn(now: datetime, newsroom: Newsroom, engine: Engine, *, steady: bool) -> list[Event]:
    """Reminders of what is not ready, and what is wrong with the sending."""
    with reading(engine).begin() as connection:
        standing = list(troubles(connection, newsroom, now, steady=steady))
        ended = over(connection, {notice.what for notice in standing})
    if ended:
        with engine.begin() as connection:
            rearm(connection, ended)
    heard = told(engine, [notice.what for notice in standing])
    fresh = [notice for notice in standing if notice.what not in heard]
    events = []
    for notice in (*reminders(now, newsroom, engine), *unread_notices(newsroom, engine), *fresh):
        _log.warning("notice", kind=notice.kind, publication=notice.publication, mailing=notice.mailing)
        if tell(engine, newsroom, now, notice):
            events.append(Event(notice.publication, notice.date, "alerted", notice.kind, notice.mailing))
    return events
