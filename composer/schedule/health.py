"""What somebody should hear of the sending itself: it paused, it is quiet, it left doubts, nobody does it.

Each holds for as long as it is true, is told once, and is told again where it comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from composer.database import db_now
from composer.delivery.limits.connection_quota import nobody_answers
from composer.delivery.limits.rate_limits import quiet_rates
from composer.delivery.state import LIVE, MailingState, State
from composer.delivery.tables import deliveries, mailings, workers
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom
from composer.schedule.notifications import STANDING, Notification

#: Seconds for which no worker may have been heard of. A restart takes less; so does a heartbeat that lapses.
ALONE = 120.0

#: Seconds for which a worker may hold a letter that does not leave. It holds a second's worth where all goes well.
HELD = 900.0

#: Seconds for which no relay may have answered anybody.
AWAY = 300.0

#: Times that a letter came back to the queue as it was, beyond which it is no accident.
RETURNS = 3

#: Days for which what a mailing left in doubt is news.
RECENT = 30


def troubles(connection: Connection, newsroom: Newsroom, now: datetime, *, steady: bool) -> Iterator[Notification]:
    """What is wrong now. ``steady``: the tick before was recent, so that a worker has had time to join."""
    for mailing in connection.execute(select(mailings).where(mailings.c.state == MailingState.PAUSED)):
        if mailing.reason is not None:  # a person who pauses knows
            yield _paused(newsroom, mailing)
    yield from _doubts(connection, newsroom)
    yield from _quiet(connection, now.date())
    yield from _away(connection, newsroom) or _held_up(connection, newsroom)
    if steady:
        yield from _alone(connection, newsroom)


def _paused(newsroom: Newsroom, mailing: Row[Any]) -> Notification:
    subject = _("{title}, {date}: the sending is paused")
    text = _(
        "Mailing {id} ({subject}) is paused: nothing of it leaves.\n\n{why}\n\n"
        "Once that is put right: filigrane mailings resume {id}\n"
        "To give up what has not left: filigrane mailings cancel {id}"
    )
    return _about(newsroom, mailing, "mailing-paused", subject, text, why=mailing.reason)


def _doubts(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    counted = (
        select(func.count())
        .where(deliveries.c.mailing_id == mailings.c.id, deliveries.c.state == State.IN_DOUBT)
        .scalar_subquery()
    )
    recent = (mailings.c.state == MailingState.DONE, mailings.c.closed_at > db_now(-RECENT * 86400))
    for mailing in connection.execute(select(mailings, counted.label("doubts")).where(*recent)):
        if mailing.doubts:
            subject = _("{title}, {date}: sent, with doubts")
            text = ngettext(
                "Mailing {id} ({subject}) is done. Of {count} reader nobody knows whether the relay took the "
                "letter: the connection was lost after the last dot and before its reply.\n\n"
                "To see who: filigrane deliveries {id} --in-doubt\n"
                "The relay’s log knows. Then: filigrane deliveries {id} --resend --yes, or --assume-accepted --yes",
                "Mailing {id} ({subject}) is done. Of {count} readers nobody knows whether the relay took their "
                "letter: the connection was lost after the last dot and before its reply.\n\n"
                "To see them: filigrane deliveries {id} --in-doubt\n"
                "The relay’s log knows. Then: filigrane deliveries {id} --resend --yes, or --assume-accepted --yes",
                mailing.doubts,
            )
            yield _about(newsroom, mailing, "in-doubt", subject, text, count=mailing.doubts)


def _quiet(connection: Connection, day: Date) -> Iterator[Notification]:
    for pace in quiet_rates(connection):
        whom = pace.provider or _("everybody")
        text = _(
            "Nothing leaves through {relay} for {whom}: what it answers is about us, not about readers.\n\n"
            "{why}\n\nWhat waits for it stays queued. Once it is put right, filigrane mailings resume asks at once."
        )
        # Once a day: it is asked again now and then, and says the same in other words, with another number.
        yield Notification(
            f"quiet:{_digest(pace.relay, pace.provider, pace.means)}:{day}",
            "quiet",
            _("{relay}: quiet for {whom}").format(relay=pace.relay, whom=whom),
            text.format(relay=pace.relay, whom=whom, why=pace.reason),
        )


def _alone(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    heard = select(workers.c.id).where(workers.c.stopped_at.is_(None), workers.c.heartbeat_at > db_now(-ALONE))
    if connection.execute(heard.limit(1)).first() is not None:
        return
    left = select(workers.c.id).where(workers.c.stopped_at > db_now(-ALONE))
    if connection.execute(left.limit(1)).first() is not None:
        return
    sending = (mailings.c.state.in_(LIVE), mailings.c.opened_at < db_now(-ALONE))
    for mailing in connection.execute(select(mailings).where(*sending)):
        subject = _("{title}, {date}: nobody is sending it")
        text = _(
            "Mailing {id} ({subject}) is being sent, and no worker has given a sign of life for {minutes} minutes.\n\n"
            "To start one: filigrane worker, here or on another host"
        )
        yield _about(newsroom, mailing, "no-worker", subject, text, minutes=int(ALONE // 60))


def _away(connection: Connection, newsroom: Newsroom) -> list[Notification]:
    """Every worker says that no relay answers."""
    why = nobody_answers(connection, AWAY)
    if why is None:
        return []
    sending = (mailings.c.state.in_(LIVE), mailings.c.opened_at < db_now(-AWAY))
    subject = _("{title}, {date}: the sending stands still")
    text = _(
        "Mailing {id} ({subject}) is being sent, and for {minutes} minutes no relay has answered.\n\n{why}\n\n"
        "To try yourself: filigrane doctor. It goes on by itself once a relay answers."
    )
    return [
        _about(newsroom, mailing, "held-up", subject, text, why=why, minutes=int(AWAY // 60))
        for mailing in connection.execute(select(mailings).where(*sending))
    ]


def _held_up(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    """Letters lie in a worker's hands, or come back to them again and again, and none is settled.

    The second look, which reads more, is taken only where the first one finds such.
    """
    kept = deliveries.c.changed_at < db_now(-HELD)
    returning = deliveries.c.attempt > deliveries.c.deferrals + RETURNS
    claimed = (deliveries.c.mailing_id == mailings.c.id, deliveries.c.state == State.CLAIMED, or_(kept, returning))
    live = (mailings.c.state.in_(LIVE), mailings.c.opened_at < db_now(-HELD))
    for mailing in connection.execute(select(mailings).where(*live, select(deliveries.c.id).where(*claimed).exists())):
        settled = select(deliveries.c.id).where(
            deliveries.c.mailing_id == mailing.id,
            deliveries.c.state.in_((State.ACCEPTED, State.REJECTED, State.DEFERRED, State.IN_DOUBT)),
            deliveries.c.changed_at > db_now(-HELD),
        )
        if connection.execute(settled.limit(1)).first() is not None:
            continue
        subject = _("{title}, {date}: the sending stands still")
        text = _(
            "Mailing {id} ({subject}) is being sent, and nothing of it has left for {minutes} minutes. "
            "The relay may be out of reach: refused connections, an unknown host name, "
            "a certificate that has expired, a password that is missing.\n\n"
            "To see why: filigrane doctor, and relay-unreachable in the worker’s log. "
            "It goes on by itself once the relay answers."
        )
        yield _about(newsroom, mailing, "held-up", subject, text, minutes=int(HELD // 60))


def _about(newsroom: Newsroom, mailing: Row[Any], kind: str, subject: str, text: str, **more: object) -> Notification:
    publication = newsroom.publications.get(mailing.publication)
    title = mailing.publication if publication is None else publication.title
    facts = {"id": mailing.id, "subject": mailing.subject, "title": title, "date": mailing.date, **more}
    return Notification(
        f"{STANDING}{kind}:{mailing.id}:{_digest(mailing.reason or '')}",
        kind,
        subject.format(**facts),
        text.format(**facts),
        publication=mailing.publication,
        date=mailing.date,
        mailing=mailing.id,
    )


def _digest(*words: str) -> str:
    return sha256("\0".join(words).encode()).hexdigest()[:16]
