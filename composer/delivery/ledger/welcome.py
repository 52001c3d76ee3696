"""The mailings of a welcome path: one a step and day, which takes in the readers that fall due that day.

A mailing of a day has a number of its own in the column ``rehearsal``, below 0, under the key of the step's issue: so
UNIQUE(publication, date, slug, rehearsal) lets one be opened a day, and nothing takes it for the sending of an issue.
``welcomed`` holds the steps that each reader was given, over all days. A row there and its delivery are written in one
transaction.
"""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from composer.approval.messages import messages
from composer.database import UTCDateTime, db_now, insert_or_ignore
from composer.delivery.ledger.allowlist import allowed
from composer.delivery.ledger.editions import freeze
from composer.delivery.ledger.enqueue import enqueue, insert_mailing
from composer.delivery.ledger.messages import MailingTemplates, signer
from composer.delivery.state import MailingState
from composer.delivery.tables import deliveries, mailing_editions, mailings, welcomed
from composer.newsroom.environment import dkim_key
from composer.newsroom.model import Newsroom
from composer.subscribers.recipients import recipients
from composer.subscribers.tables import consents, subscribers, subscriptions

if TYPE_CHECKING:
    from composer.approval.model import Seal
    from composer.issue.key import IssueKey

#: How late a step may still leave: where it fell due before that, the reader does not get it any more.
LATE = timedelta(days=7)

#: Between two steps at least, where one waited that was to leave days before the other.
_APART = timedelta(days=1)

#: The consents that begin a path: given at a door and confirmed. Lists and readers added by hand begin none.
_JOINED = "join"


def day_number(day: Date, *, rehearsal: bool = False) -> int:
    """The number of the mailing of ``day`` in the column ``rehearsal``; that of a rehearsal is odd.

    >>> day_number(Date(2026, 12, 1)), day_number(Date(2026, 12, 1), rehearsal=True)
    (-1479172, -1479173)
    """
    return -(2 * day.toordinal() + rehearsal)


def day_of_number(number: int) -> Date | None:
    """The day of a mailing by its number; None of any other mailing.

    >>> day_of_number(-1479173), day_of_number(1)
    (datetime.date(2026, 12, 1), None)
    """
    return Date.fromordinal(-number // 2) if number < 0 else None


def mailing_of_day(key: IssueKey, day: Date, *, rehearsal: bool) -> Select[Any]:
    """Select the row of the step ``key``'s mailing of ``day``."""
    of_step = mailings.c.publication == key.publication, mailings.c.date == key.date, mailings.c.slug == key.slug
    return select(mailings).where(*of_step, mailings.c.rehearsal == day_number(day, rehearsal=rehearsal))


def due(newsroom: Newsroom, publication: str, step: int, now: datetime, after: datetime | None = None) -> Select[Any]:
    """Readers that are to get this step now, as ``recipients`` selects them: confirmed as long ago as it says, not
    given it before, not waiting for a step before it, nor given one just now. ``after``: only where it fell due later
    than that.
    """
    steps, rehearsal = newsroom.publications[publication].welcome, bool(newsroom.settings.only_to)
    theirs = consents.c.subscription_id == subscriptions.c.id, consents.c.source == _JOINED
    joined = select(func.max(consents.c.at)).where(*theirs).correlate(subscriptions).scalar_subquery()
    wait, since = steps[step].after, max(now - LATE, after or now - LATE)
    first, last = literal(since - wait, UTCDateTime), literal(now - wait, UTCDateTime)
    lately = select(consents.c.subscription_id).where(
        consents.c.source == _JOINED, consents.c.at > first, consents.c.at <= last
    )
    owed = [
        and_(joined > literal(now - LATE - earlier.after, UTCDateTime), ~_given(publication, earlier.letter, rehearsal))
        for earlier in steps[:step]
    ]
    if step:
        apart = min(wait - steps[step - 1].after, _APART)
        recent = [_given(publication, each.letter, rehearsal, now - apart) for each in steps[:step]]
        owed += recent
    people = recipients(publication, now).where(
        subscriptions.c.id.in_(lately),
        joined > first,
        joined <= last,
        ~_given(publication, steps[step].letter, rehearsal),
        *([~or_(*owed)] if owed else []),
    )
    return people.where(allowed(newsroom.settings.only_to, subscribers.c.email)) if rehearsal else people


def _given(publication: str, letter: str, rehearsal: bool, after: datetime | None = None) -> ColumnElement[bool]:
    return exists().where(
        true() if after is None else welcomed.c.at > literal(after, UTCDateTime),
        welcomed.c.publication == publication,
        welcomed.c.letter == letter,
        welcomed.c.subscriber_id == subscribers.c.id,
        welcomed.c.rehearsal == rehearsal,
    )


def give_up(connection: Connection, newsroom: Newsroom, publication: str, after: datetime, now: datetime) -> int:
    """Write down as given what fell due later than ``after``, when the letters may have left from elsewhere; how many.

    Sent at most once: where nothing was sent, nothing is.
    """
    steps = newsroom.publications[publication].welcome
    return sum(
        _give(connection, newsroom, publication, step, due(newsroom, publication, step, now, after), None, now)
        for step in range(len(steps))
    )


def _give(
    connection: Connection,
    newsroom: Newsroom,
    publication: str,
    step: int,
    people: Select[Any],
    mailing_id: int | None,
    now: datetime,
) -> int:
    chosen = people.order_by(None).subquery("chosen")
    row = select(
        literal(publication, String),
        literal(newsroom.publications[publication].welcome[step].letter, String),
        chosen.c.subscriber_id,
        literal(bool(newsroom.settings.only_to), Boolean),
        literal(mailing_id, mailings.c.id.type),
        literal(now, UTCDateTime),
    ).where(chosen.c.subscriber_id.is_not(None))  # SQLite takes ON CONFLICT after a SELECT only where that has a WHERE
    into = ["publication", "letter", "subscriber_id", "rehearsal", "mailing_id", "at"]
    new = insert_or_ignore(connection, welcomed).from_select(into, row)
    return connection.execute(new).rowcount


def send_step(
    connection: Connection,
    *,
    seal: Seal,
    newsroom: Newsroom,
    step: int,
    day: Date,
    now: datetime,
    secret: bytes,
) -> tuple[int, int]:
    """Give the step to the readers that are due, in the caller's transaction: in the mailing of ``day``, opened
    where there is none; its id, and to how many. A day's mailing that was cancelled takes no reader in: (id, 0).

    ``seal`` is the step's issue, approved; after it was approved anew the newer one is given. Their Date is ``now``.
    Raises as ``open_mailing``; where no reader is due, the caller rolls back.
    """
    key, rehearsal = seal.key, bool(newsroom.settings.only_to)
    people = due(newsroom, key.publication, step, now)
    numbered: dict[str, object] = {"rehearsal": day_number(day, rehearsal=rehearsal)}
    if rehearsal:
        everybody = recipients(key.publication, now).order_by(None).subquery()
        numbered["readers"] = connection.execute(select(func.count()).select_from(everybody)).scalar_one()
    opened = insert_mailing(connection, seal, newsroom, key, now, secret, numbered)
    if opened is not None:
        mailing_id, common = opened
        editions = _freeze(connection, mailing_id, 1, seal, newsroom, common, secret)
    else:
        row = connection.execute(mailing_of_day(key, day, rehearsal=rehearsal).with_for_update()).one()
        mailing_id = row.id
        if row.state == MailingState.CANCELLED:
            return mailing_id, 0
        editions = _editions(connection, mailing_id, row.version)
        if row.seal != seal.digest and editions.keys() <= seal.editions.keys():  # else the day ends as it began
            newer = {"seal": seal.digest, "subject": seal.subject, "version": row.version + 1, "amended_at": db_now()}
            connection.execute(update(mailings).where(mailings.c.id == mailing_id).values(newer))
            common = MailingTemplates(
                row.return_domain, signer(row.dkim_domain, row.dkim_selector, dkim_key(newsroom)), {}
            )
            editions = _freeze(connection, mailing_id, row.version + 1, seal, newsroom, common, secret)
    if not _give(connection, newsroom, key.publication, step, people, mailing_id, now):
        return mailing_id, 0
    there = exists().where(deliveries.c.mailing_id == mailing_id, deliveries.c.subscriber_id == subscribers.c.id)
    given = exists().where(welcomed.c.mailing_id == mailing_id, welcomed.c.subscriber_id == subscribers.c.id)
    new = recipients(key.publication, now).where(given, ~there)
    number = connection.execute(select(func.count()).select_from(new.order_by(None).subquery())).scalar_one()
    enqueue(connection, mailing_id, new, editions, key, newsroom, now)
    done = update(mailings).where(mailings.c.id == mailing_id, mailings.c.state == MailingState.DONE)
    connection.execute(done.values(state=MailingState.SENDING, closed_at=None))
    return mailing_id, number


def _freeze(
    connection: Connection,
    mailing_id: int,
    version: int,
    seal: Seal,
    newsroom: Newsroom,
    common: MailingTemplates,
    secret: bytes,
) -> dict[tuple[str, str], int]:
    templates = messages(seal, newsroom, seal.key.publication, seal.key, None)
    return freeze(connection, mailing_id, version, seal.digest, templates, common, secret)


def _editions(connection: Connection, mailing_id: int, version: int) -> dict[tuple[str, str], int]:
    columns = mailing_editions.c.audience, mailing_editions.c.language, mailing_editions.c.id
    mine = mailing_editions.c.mailing_id == mailing_id, mailing_editions.c.version == version
    return {
        (audience, language): number for audience, language, number in connection.execute(select(*columns).where(*mine))
    }


def count_due(connection: Connection, newsroom: Newsroom, publication: str, step: int, now: datetime) -> int:
    """How many are to get this step now."""
    people = due(newsroom, publication, step, now).order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(people)).scalar_one())
