"""One pass over every publication: what is due is mailed (rehearsed, under ``only_to``), held, missed or skipped.

A tick may come late, twice, or from several processes at once. What it decides is written in one transaction with the
mailing itself, under two UNIQUE constraints; it keeps no state in memory. It sends no notification: those are computed
from the database afterwards (``telling``), so that no due issue waits for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from composer.approval.model import Seal, Sealed
from composer.database import DatabaseUnavailable, read_only, require_whole
from composer.delivery.ledger import readers
from composer.delivery.ledger.enqueue import open_mailing
from composer.delivery.ledger.expiry import expire, spare
from composer.delivery.ledger.place import unsettled_copy
from composer.delivery.ledger.readers import NoReaders
from composer.errors import FiligraneError
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom, Schedule
from composer.schedule.calendar import Due, due_between, latest_due
from composer.schedule.decision import ASKS, Decision, Hold, Mail, Miss, Nothing, Sent, Skip, decide
from composer.schedule.downtime import Tick, asks, last_tick, lost_since, ticked
from composer.schedule.health import ALONE
from composer.schedule.issues import key_due, look
from composer.schedule.occurrences import Event, Occurrence, mailed, mailing_of, occurrences_of, settle_occurrence
from composer.schedule.pictures import PictureUnreachable, publish
from composer.schedule.unread import hold_unread
from composer.schedule.welcome import welcome_readers

#: How far beyond the catch-up a tick looks back for due dates that no tick saw, to report them as missed.
_LOOK_BACK = timedelta(days=15)

_log = structlog.get_logger()


#: Errors that are not about one issue: the tick fails, and the next one tries again.
_FATAL = (DatabaseUnavailable, SQLAlchemyError, MemoryError)


@dataclass(frozen=True)
class Ticked:
    """What a tick found at the instant ``at``.

    ``why``: publication, date and slug → the sentence that says to people why it is held or missed now. ``steady``: the
    tick before was recent, so a worker has had time to register. ``planned`` is the next instant that a person asked
    for (``filigrane send --at``), None where there is none.
    """

    at: datetime
    events: list[Event]
    why: dict[tuple[str, Date, str], str]
    steady: bool
    planned: datetime | None


def tick(now: datetime, newsroom: Newsroom, engine: Engine, secret: bytes, opened: Collection[int] = ()) -> Ticked:
    """Run one tick, at ``now``. An error about one issue is not raised: that issue is held, and the others go on.

    ``opened`` are mailings that earlier ticks of this process opened: where one is missing, the database went back.

    It requests the pictures of due issues from ``public_url``, and nothing else outside the database and the folder.
    """
    with read_only(engine).begin() as connection:
        require_whole(connection)
        before = last_tick(connection)
        lost = lost_since(connection, before, opened)
        copy = unsettled_copy(connection) and not newsroom.settings.only_to  # what is tried in a copy is rehearsed
    silence = asks(before, now, newsroom.settings.long_gap, lost)
    _expire(engine, before, silence)
    if copy and silence is None:
        silence = "copied"
    work: list[tuple[str, Due, Occurrence | None, bool]] = []
    planned: list[datetime] = []
    moved: dict[str, set[Date]] = {}
    for name, publication in newsroom.publications.items():
        try:
            with read_only(engine).begin() as connection:
                rows = occurrences_of(connection, name)
            zone, only_to = ZoneInfo(newsroom.settings.timezone), bool(newsroom.settings.only_to)
            open_dates = _open(publication.schedule, zone, rows, now, rehearsing=only_to)
            work += [(name, due, held, _seen(rows) or due.asked) for due, held in open_dates]
            moved[name] = _moved(publication.schedule, zone, rows)
            planned += [row.due_at for row in rows if row.state == "planned" and row.due_at > now]
        except _FATAL:
            raise
        except Exception:  # noqa: BLE001 # reason: a defect of ours on one publication must not keep the others from leaving
            _log.exception("issue-failed", publication=name)
    # Issues with pictures that were not served come last: requesting them may take as long as ``publish`` allows.
    work.sort(key=lambda owed: owed[2] is not None and owed[2].reason == PictureUnreachable.reason)

    def passed(due: Due) -> bool:
        return before is not None and due.at <= before.at

    events: list[Event] = []
    why: dict[tuple[str, Date, str], str] = {}
    for name, due, held, known in work:
        asked = silence if held is None else _asks(held, now) or silence
        was = None if held is None else _was(held)
        try:
            decision = decide_on(now, newsroom, engine, name, due, known=known, asked=asked, was=was)
            if isinstance(decision, Mail):
                events += _mail(now, newsroom, engine, secret, due, held, decision.seal)
        except PictureUnreachable as error:
            decision = Hold(error.reason, str(error))
        except NoReaders as error:
            decision = Hold("no-readers", str(error))
        except _FATAL:
            raise
        except FiligraneError as error:
            decision = Hold("refused", str(error))
        except Exception:  # noqa: BLE001 # reason: a defect of ours on one issue must not keep the others from leaving
            _log.exception("issue-failed", publication=name, due=due.date.isoformat())
            decision = Hold("refused", unexpected())
        if isinstance(decision, Hold | Miss) and decision.reason == "no-file" and due.date in moved[name]:
            decision = Skip("moved")  # the issue of another date leaves on this one
        if held is None and isinstance(decision, Miss) and decision.reason == "no-file" and passed(due):
            decision = Skip("moved")  # it was no due date when an earlier tick passed it: the days were changed since
        if isinstance(decision, Hold | Miss):
            why[name, due.date, due.slug] = decision.sentence
        events += _record(engine, name, due, held, decision, now)
    events += [Event(name, date, "held", reason) for name, date, reason in hold_unread(now, newsroom, engine, silence)]
    events += welcome_readers(now, newsroom, engine, secret, before if silence else None, leave=not copy)
    with engine.begin() as connection:
        ticked(connection, now)
    steady = before is not None and (now - before.at).total_seconds() < ALONE
    return Ticked(now, events, why, steady, min(planned, default=None))


def _expire(engine: Engine, before: Tick | None, silence: str | None) -> None:
    """Let stale mailings expire; after a long gap (``silence``) pause those that became stale within it."""
    with engine.begin() as connection:
        if before is None or silence is None:
            for mailing in expire(connection):
                _log.warning("mailing-expired", mailing=mailing)
            return
        why = _(
            "nothing ran for a long time, or the clock leapt ahead: by the clock its news is stale, and nobody else "
            "would get it. Look whether the clock is right; the time that it had left begins anew"
        )
        for mailing in spare(connection, before.at, why):
            _log.warning("mailing-paused", mailing=mailing, why=silence)


def unexpected() -> str:
    """The sentence shown to people for an unexpected error."""
    return _("an unexpected error; the log of `filigrane run` holds it")


def decide_on(
    now: datetime,
    newsroom: Newsroom,
    engine: Engine,
    name: str,
    due: Due,
    *,
    known: bool,
    asked: str | None,
    was: str | None,
) -> Decision:
    """Decide about the issue of publication ``name`` due at ``due``, from the folder and the database as they are.

    ``known``: an earlier tick saw the publication. ``asked`` and ``was`` are ``asks`` and ``held`` of ``decide``.
    """
    zone, key = ZoneInfo(newsroom.settings.timezone), key_due(newsroom, name, due.date, due.slug)
    found: Sealed | Hold = look(newsroom, name, due.date, due.slug)
    with read_only(engine).begin() as connection:
        mailing = mailing_of(connection, key)
        if mailing is None and isinstance(found, Sealed):
            unread = readers.missing(connection, newsroom, name)
            found = found if unread is None else Hold("no-readers", unread)
    schedule = newsroom.publications[name].schedule
    return decide(now, due, schedule, zone, found, mailing=mailing, known=known, asks=asked, held=was)


def _was(held: Occurrence) -> str | None:
    """``held`` of ``decide``: why the occurrence did not leave before, or that it was a rehearsal."""
    return held.state if held.state == "rehearsed" else held.reason


def _open(
    schedule: Schedule, zone: ZoneInfo, rows: Sequence[Occurrence], now: datetime, *, rehearsing: bool
) -> Iterator[tuple[Due, Occurrence | None]]:
    """Due dates on which there is something left to decide. What left in rehearsal is, once ``only_to`` was taken out.

    A publication seen for the first time owes at most its latest date, which then gets a row: from then on every later
    date is owed, and no earlier one is.
    """
    for row in rows:
        due = row.due(schedule, zone)
        open_ = row.state in ("held", "planned") or row.by_a_wrong_clock(now)
        if row.state == "rehearsed" and not rehearsing:
            open_ = due.at > now - schedule.catch_up - _LOOK_BACK
        if open_ and due.at <= now:
            yield due, row
    known = {row.due_date for row in rows if not row.slug}
    latest = latest_due(schedule, zone, now)
    if not _seen(rows) and latest.date not in known:
        yield latest, None
    first = min((row.due_date for row in rows if not row.asked), default=latest.date)
    for due in due_between(schedule, zone, now - schedule.catch_up - _LOOK_BACK, now):
        if due.date not in known and due.date > first:
            yield due, None


def _moved(schedule: Schedule, zone: ZoneInfo, rows: Sequence[Occurrence]) -> set[Date]:
    """Days on which the issue of an earlier date leaves, or left, because the schedule's days were changed."""
    found = set()
    for row in rows:
        if not row.asked and row.state in ("held", "mailed", "rehearsed"):
            at = row.due(schedule, zone).at if row.state == "held" else row.due_at
            found |= {at.astimezone(zone).date()} - {row.due_date}
    return found


def _asks(held: Occurrence, now: datetime) -> str | None:
    """The reason why a person must decide about what is held, one of ``ASKS``.

    A gap that a wrong clock made is none: no more than it was did the daemon stand still.
    """
    if held.reason == "long-gap" and held.by_a_wrong_clock(now):
        return None
    return held.reason if held.reason in ASKS else None


def _seen(rows: Sequence[Occurrence]) -> bool:
    """Whether an earlier tick looked at the schedule; occurrences that a person asked for do not count."""
    return any(not row.asked for row in rows)


def _mail(
    now: datetime,
    newsroom: Newsroom,
    engine: Engine,
    secret: bytes,
    due: Due,
    held: Occurrence | None,
    seal: Seal,
) -> list[Event]:
    name, state = seal.key.publication, "rehearsed" if newsroom.settings.only_to else "mailed"
    publish(seal, newsroom)
    with engine.begin() as connection:
        occurrence = settle_occurrence(connection, name, due, state, None, held, now)
        if occurrence is None:
            return []
        mailing = open_mailing(
            connection, seal=seal, newsroom=newsroom, publication_id=name, key=seal.key, dated=now, secret=secret
        ) or mailing_of(connection, seal.key)  # sent by hand since the decision
        mailed(connection, occurrence, mailing, state)
    return [Event(name, due.date, state, None, mailing)]


def _record(
    engine: Engine, name: str, due: Due, held: Occurrence | None, decision: Decision, now: datetime
) -> list[Event]:
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
    if held is not None and (held.state, held.reason) == (state, reason) and not held.by_a_wrong_clock(now):
        return []
    with engine.begin() as connection:
        occurrence = settle_occurrence(connection, name, due, state, reason, held, now)
        if occurrence is None:
            return []
        if mailing is not None:
            mailed(connection, occurrence, mailing)
    return [Event(name, due.date, state, reason, mailing)]
