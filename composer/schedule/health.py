"""Notifications about the sending itself: paused mailings, blocked relays, in-doubt deliveries, no worker.

Each is sent once while its cause lasts, and again where the cause comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from composer.database import db_now
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import counts
from composer.delivery.ledger.progress import progress
from composer.delivery.ledger.workers import heard
from composer.delivery.limits.connection_quota import nobody_answers
from composer.delivery.limits.rate_limits import quiet_rates
from composer.delivery.state import LIVE, NOT_OVER, TAKEN, MailingState, State
from composer.delivery.tables import deliveries, mailings, workers
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom
from composer.outbox.queue import left_within, outbox_depth
from composer.outbox.state import SingleState
from composer.outbox.transitions import AN_HOUR
from composer.schedule.gone import gone_notices
from composer.schedule.notifications import STANDING, Notification
from composer.schedule.rolled_back import rolled_back_notices
from composer.schedule.welcome import welcome_notices
from composer.schedule.wording import day, day_and_hour
from composer.source.vocabulary import key_name
from composer.subscribers.signups import count_waiting, hourly_cap, mailed_within_hour

#: Seconds without any worker's heartbeat that raise an alert. A restart takes less; so does one missed heartbeat.
ALONE = 120.0

#: Seconds for which a claimed delivery may stay unsent. Normally a worker prefetches a second's worth of them.
HELD = 900.0

#: Seconds without an answer of any relay to any worker that raise an alert.
AWAY = 300.0

#: Times a delivery may return to the queue undecided (a lost connection, a crash) before it counts as stuck.
RETURNS = 3

#: Days after a mailing is done for which its deliveries in doubt, and expired ones, are notified.
RECENT = 30

#: Seconds before its news is stale from which a mailing that cannot be done in time is notified, at the earliest.
WARNED_BEFORE = 3 * 3600.0


def troubles(connection: Connection, newsroom: Newsroom, now: datetime, *, steady: bool) -> Iterator[Notification]:
    """Yield what is wrong now. ``steady``: the tick before was recent, so a worker has had time to register."""
    for mailing in connection.execute(select(mailings).where(mailings.c.state == MailingState.PAUSED)):
        if mailing.reason is not None and not mailing.rollback_id:  # no reason: paused by hand, so it is known
            yield _paused(newsroom, mailing)
    yield from rolled_back_notices(connection, newsroom.root)
    yield from gone_notices(connection, newsroom)
    yield from _in_doubt(connection, newsroom)
    yield from _growing_stale(connection, newsroom)
    yield from _expired(connection, newsroom)
    yield from _blocked(connection, now.date())
    yield from _outbox_full(connection, newsroom)
    yield from _signups_wait(connection, newsroom)
    yield from welcome_notices(connection, newsroom, now)
    yield from _no_relay_answers(connection, newsroom) or chain(
        _stuck(connection, newsroom), _put_off(connection, newsroom)
    )
    if steady:
        yield from _no_worker(connection, newsroom)


def _paused(newsroom: Newsroom, mailing: Row[Any]) -> Notification:
    subject = _("{title}, {date}: the sending is paused")
    text = _(
        "Mailing {id} ({subject}) is paused: nothing of it leaves.\n\n{why}\n\n"
        "Once that is put right: filigrane mailings resume {id}\n"
        "To give up what has not left: filigrane mailings cancel {id}"
    )
    return _about(newsroom, mailing, "mailing-paused", subject, text, why=mailing.reason)


def _in_doubt(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
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


def _growing_stale(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    """Open mailings with news that will be stale soon, before all that waits in them can have left.

    Soon is a fifth of the time that it had, three hours at most. Deferred deliveries of a running mailing wait for
    their own retries, and count for nothing.
    """
    present: datetime = connection.execute(select(db_now())).scalar_one()
    soon = (
        mailings.c.expired_at.is_(None),
        mailings.c.expires_at > db_now(),
        mailings.c.expires_at < db_now(WARNED_BEFORE),
    )
    rows = connection.execute(select(mailings.c.id).where(mailings.c.state.in_(NOT_OVER), *soon)).scalars().all()
    for found in (progress(connection, mailing_id)[0] for mailing_id in rows):
        mailing, left = found.mailing, (found.mailing.expires_at - present).total_seconds()
        if left > (mailing.expires_at - mailing.opened_at).total_seconds() / 5:
            continue
        waiting = found.open - (found.counts.get(State.DEFERRED, 0) if found.under_way else 0)
        if not waiting or (found.under_way and found.per_minute * left / 60 >= waiting):
            continue
        subject = _("{title}, {date}: soon stale")
        text = ngettext(
            "Mailing {id} ({subject}) is {state}, and {count} reader of {total} has not got it. From {when} on its "
            "news is stale, and that reader does not get it any more.\n\n"
            "To see what holds it up: filigrane mailings {id}, and filigrane doctor. To go on where it is paused: "
            "filigrane mailings resume {id}",
            "Mailing {id} ({subject}) is {state}, and {count} readers of {total} have not got it. From {when} on its "
            "news is stale, and these readers do not get it any more.\n\n"
            "To see what holds it up: filigrane mailings {id}, and filigrane doctor. To go on where it is paused: "
            "filigrane mailings resume {id}",
            waiting,
        )
        facts = {"count": waiting, "total": found.total, "state": state_word(mailing.state)}
        when = day_and_hour(mailing.expires_at, newsroom)
        yield _about(newsroom, mailing, "expiring", subject, text, when=when, **facts)


def _expired(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    over = (mailings.c.expired_at.is_not(None), mailings.c.state == MailingState.DONE)
    recent = mailings.c.closed_at > db_now(-RECENT * 86400)
    rows = connection.execute(select(mailings).where(*over, recent)).all()
    by_mailing = counts(connection, [row.id for row in rows])
    for mailing in rows:
        counted = by_mailing.get(mailing.id, {})
        if (lost := counted.get(State.EXPIRED, 0)) == 0:
            continue
        subject = _("{title}, {date}: not every reader got it")
        text = ngettext(
            "Mailing {id} ({subject}) is over: its news was stale on {when}. {count} reader of {total} did not get it."
            "\n\nTo send it all the same: filigrane deliveries {id} --resend --state expired --force",
            "Mailing {id} ({subject}) is over: its news was stale on {when}. {count} readers of {total} did not get it."
            "\n\nTo send it to them all the same: filigrane deliveries {id} --resend --state expired --force",
            lost,
        )
        when, total = day_and_hour(mailing.expires_at, newsroom), sum(counted.values())
        yield _about(newsroom, mailing, "expired", subject, text, when=when, count=lost, total=total)


def _blocked(connection: Connection, today: Date) -> Iterator[Notification]:
    for rate in quiet_rates(connection):
        target = rate.provider or _("everybody")
        text = _(
            "Nothing leaves through {relay} for {whom}: what it answers is about us, not about readers.\n\n"
            "{why}\n\nWhat waits for it stays queued. Once it is put right, filigrane mailings resume asks at once."
        )
        # At most once a day: each retry may get the same answer with other words or numbers, so they are no key.
        yield Notification(
            f"quiet:{_digest(rate.relay, rate.provider, rate.means)}:{today}",
            "quiet",
            _("{relay}: quiet for {whom}").format(relay=rate.relay, whom=target),
            text.format(relay=rate.relay, whom=target, why=rate.reason),
        )


def _outbox_full(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    """Where single messages wait for the cap an hour. Once while it holds."""
    most = newsroom.settings.outbox_per_hour
    if left_within(connection, AN_HOUR) < most or not (waiting := outbox_depth(connection)[SingleState.QUEUED]):
        return
    text = ngettext(
        "{most} single messages (confirmations, links) left within an hour, as many as may: {n} waits. Each leaves as "
        "soon as there is room, or expires after a day.\n\n"
        "If so many are asked for in earnest, raise {key} in config/newsroom.yaml, and systemctl reload filigrane. If "
        "not, somebody plays with a form: close it where it is opened.",
        "{most} single messages (confirmations, links) left within an hour, as many as may: {n} wait. Each leaves as "
        "soon as there is room, or expires after a day.\n\n"
        "If so many are asked for in earnest, raise {key} in config/newsroom.yaml, and systemctl reload filigrane. If "
        "not, somebody plays with a form: close it where it is opened.",
        waiting,
    )
    key = key_name("outbox_per_hour", newsroom.settings.keys)
    said = text.format(most=most, n=waiting, key=key)
    yield Notification(f"{STANDING}outbox-full", "outbox-full", _("single messages wait: the hour is full"), said)


def _signups_wait(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    """Where sign-ups of a publication wait because its hour is full. Once while some do."""
    for name, publication in newsroom.publications.items():
        most = hourly_cap(connection, name)
        if mailed_within_hour(connection, name) < most or not (waiting := count_waiting(connection, name)):
            continue
        text = ngettext(
            "{count} sign-up for {title} waits: {most} were written to within an hour, ten times what is usual. "
            "Each is written to as soon as there is room, the oldest first.\n\n"
            "To see how many: filigrane subscribers count. If somebody plays with the form, close it: {key}: false in "
            "config/publications/{id}.yaml, and systemctl reload filigrane.",
            "{count} sign-ups for {title} wait: {most} were written to within an hour, ten times what is usual. "
            "Each is written to as soon as there is room, the oldest first.\n\n"
            "To see how many: filigrane subscribers count. If somebody plays with the form, close it: {key}: false in "
            "config/publications/{id}.yaml, and systemctl reload filigrane.",
            waiting,
        )
        key = key_name("join", newsroom.settings.keys)
        said = text.format(count=waiting, title=publication.title, most=most, key=key, id=name)
        subject = _("{title}: sign-ups wait").format(title=publication.title)
        yield Notification(f"{STANDING}sign-ups:{name}", "sign-ups", subject, said, name)


def _no_worker(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    if connection.execute(select(workers.c.id).where(heard(seconds=ALONE)).limit(1)).first() is not None:
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


def _no_relay_answers(connection: Connection, newsroom: Newsroom) -> list[Notification]:
    """One for each running mailing, where every worker reports that no relay answers."""
    why = nobody_answers(connection, AWAY)
    if why is None:
        return []
    sending = (mailings.c.state.in_(LIVE), mailings.c.opened_at < db_now(-AWAY))
    subject = _("{title}, {date}: the sending stands still")
    text = _(
        "Mailing {id} ({subject}) is being sent, and for {minutes} minutes no relay has answered, or taken "
        "anything.\n\n{why}\n\n"
        "To try yourself: filigrane doctor. It goes on by itself once a relay takes it."
    )
    return [
        _about(newsroom, mailing, "held-up", subject, text, why=why, minutes=int(AWAY // 60))
        for mailing in connection.execute(select(mailings).where(*sending))
    ]


def _stuck(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    """Running mailings with deliveries that stay claimed, or return to the queue again and again, and none settled.

    The search for settled deliveries reads more rows, so it runs only where the first query found such.
    """
    kept = deliveries.c.changed_at < db_now(-HELD)
    returning = deliveries.c.attempt > deliveries.c.deferrals + RETURNS
    claimed = (deliveries.c.mailing_id == mailings.c.id, deliveries.c.state == State.CLAIMED, or_(kept, returning))
    live = (mailings.c.state.in_(LIVE), mailings.c.opened_at < db_now(-HELD))
    for mailing in connection.execute(select(mailings).where(*live, select(deliveries.c.id).where(*claimed).exists())):
        settled = select(deliveries.c.id).where(
            deliveries.c.mailing_id == mailing.id,
            deliveries.c.state.in_((*TAKEN, State.REJECTED, State.DEFERRED, State.IN_DOUBT)),
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


def _put_off(connection: Connection, newsroom: Newsroom) -> Iterator[Notification]:
    """Running mailings of which the relay accepted nothing lately, and has put off more readers twice than it took.

    Between two tries no delivery is claimed, and no worker finds the relay away: fewer than ten readers, say.
    """
    live = (mailings.c.state.in_(LIVE), mailings.c.opened_at < db_now(-HELD))
    for mailing in connection.execute(select(mailings).where(*live)):
        of = deliveries.c.mailing_id == mailing.id
        again = of, deliveries.c.state == State.DEFERRED, deliveries.c.attempt > 1
        count = connection.execute(select(func.count()).where(*again)).scalar_one()
        some = select(deliveries.c.changed_at).where(of, deliveries.c.state.in_(TAKEN)).limit(count).subquery()
        lately = func.coalesce(func.max(some.c.changed_at) > db_now(-HELD), False)
        taken = connection.execute(select(func.count().label("number"), lately.label("lately")).select_from(some)).one()
        if taken.number >= count or taken.lately:
            continue
        words = (deliveries.c.reply_code, deliveries.c.reply_status, deliveries.c.reply_text)
        said = connection.execute(select(*words).where(*again).order_by(deliveries.c.changed_at.desc()).limit(1)).one()
        subject = _("{title}, {date}: the sending stands still")
        text = ngettext(
            "Mailing {id} ({subject}) is being sent, and for {minutes} minutes no reader was accepted. {count} reader "
            "was put off more than once, and is tried again until the delays of “{key}” are used up.\n\n"
            "The last reply: {reply}\n\n"
            "Find out what the relay has against us. To see that reader: filigrane deliveries {id} --state deferred\n"
            "To try at once: filigrane deliveries {id} --resend --state deferred",
            "Mailing {id} ({subject}) is being sent, and for {minutes} minutes no reader was accepted. {count} readers "
            "were put off more than once, and are tried again until the delays of “{key}” are used up.\n\n"
            "The last reply: {reply}\n\n"
            "Find out what the relay has against us. To see them: filigrane deliveries {id} --state deferred\n"
            "To try at once: filigrane deliveries {id} --resend --state deferred",
            count,
        )
        more = {"minutes": int(HELD // 60), "count": count, "reply": " ".join(str(part) for part in said if part)}
        key = key_name("retry", newsroom.settings.keys)
        yield _about(newsroom, mailing, "held-up", subject, text, key=key, **more)


def _about(newsroom: Newsroom, mailing: Row[Any], kind: str, subject: str, text: str, **more: object) -> Notification:
    publication = newsroom.publications.get(mailing.publication)
    title = mailing.publication if publication is None else publication.title
    facts = {"id": mailing.id, "subject": mailing.subject, "title": title, "date": day(mailing.date), **more}
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
