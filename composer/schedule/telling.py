"""The notifications still to be sent after a tick.

They are computed from the database and the folder each time, so there is no queue to lose: what one process had not
sent when it ended, the next one finds again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from composer.database import DatabaseUnavailable, read_only
from composer.newsroom.model import Newsroom
from composer.schedule.alerts import explain
from composer.schedule.decision import ASKS
from composer.schedule.health import troubles
from composer.schedule.notifications import Notification, ended, rearm, told
from composer.schedule.occurrences import Occurrence, occurrences_of
from composer.schedule.reminders import reminders
from composer.schedule.tick import Ticked, decide_on, unexpected
from composer.schedule.unread import unread_notices

_log = structlog.get_logger()


#: What rooms above this one have to tell now: notices from a connection.
RoomsAbove = Callable[[Connection], Iterable[Notification]]


def pending(
    ticked: Ticked, newsroom: Newsroom, engine: Engine, beside: RoomsAbove = lambda _: ()
) -> list[Notification]:
    """What at least one channel has not sent: issues held and missed, trouble in the sending and ``beside`` it,
    reminders.

    An unexpected error about one publication is logged, and the others' notifications are made. Raises what the
    database raises.
    """
    notices = [*_news(ticked, newsroom, engine), *_standing(ticked, newsroom, engine, beside)]
    for notice in (*unread_notices(newsroom, engine), *reminders(ticked.at, newsroom, engine)):
        _log.warning("notice", kind=notice.kind, publication=notice.publication, mailing=notice.mailing)
        notices.append(notice)
    return notices


def _news(ticked: Ticked, newsroom: Newsroom, engine: Engine) -> Iterator[Notification]:
    """What is held or missed, and was not notified for this reason."""
    for name in newsroom.publications:
        with read_only(engine).begin() as connection:
            rows = [row for row in occurrences_of(connection, name) if row.news is not None]
        heard = told(engine, [row.news for row in rows if row.news])
        for row in rows:
            if (news := row.news) is None or news in heard:
                continue
            _log.warning("occurrence", publication=name, due=str(row.due_date), state=row.state, reason=row.reason)
            subject, text = explain(newsroom, row, _why(ticked, newsroom, engine, row))
            yield Notification(news, row.state, subject, text, publication=name, date=row.due_date)


def _why(ticked: Ticked, newsroom: Newsroom, engine: Engine, row: Occurrence) -> str:
    """The sentence of this tick; for a decision of an earlier one, decide again from what is known now."""
    if (sentence := ticked.why.get((row.publication, row.due_date, row.slug))) is not None:
        return sentence
    zone, asked = ZoneInfo(newsroom.settings.timezone), row.reason if row.reason in ASKS else None
    due = row.due(newsroom.publications[row.publication].schedule, zone)
    try:
        found = decide_on(ticked.at, newsroom, engine, row.publication, due, known=True, asked=asked, was=row.reason)
    except (DatabaseUnavailable, SQLAlchemyError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 # reason: a defect of ours on one issue must not keep the others from being told
        _log.exception("issue-failed", publication=row.publication, due=row.due_date.isoformat())
        return unexpected()
    return getattr(found, "sentence", "")


def _standing(ticked: Ticked, newsroom: Newsroom, engine: Engine, beside: RoomsAbove) -> Iterator[Notification]:
    """What is wrong with the sending. What is over is rearmed: it is notified again where it comes back."""
    with read_only(engine).begin() as connection:
        standing = [*troubles(connection, newsroom, ticked.at, steady=ticked.steady), *beside(connection)]
        past = ended(connection, {notice.what for notice in standing})
    if past:
        with engine.begin() as connection:
            rearm(connection, past)
    heard = told(engine, [notice.what for notice in standing])
    for notice in standing:
        if notice.what not in heard:
            _log.warning("notice", kind=notice.kind, publication=notice.publication, mailing=notice.mailing)
            yield notice
