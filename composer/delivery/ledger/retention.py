"""Retention: erases a closed mailing's addresses and reply texts, later turns its delivery rows into counts.

Only for mailings that are over, with no delivery open or in doubt: to settle a doubt, the operator needs the address.
Each step is one transaction of at most ``BATCH`` rows, reached through UNIQUE(mailing_id, subscriber_id), so that
sending does not wait for it. A row is deleted and counted in the same transaction: a sweep killed anywhere loses no
count, and the next one goes on.

Frozen editions are deleted once their rows are folded into counts and their approval is complete in the newsroom's
folder; workers once they have been dead for ``DEAD`` and no row names them; single messages
30 days after their end, sign-ups and links to choices with their link. Readers that left long ago are forgotten by
``composer.doors.forgetting``, after all of this.
Suppressions, consents, seals, published pictures and mailings are never deleted.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, func, insert, or_, select, update

from composer.approval.kept import kept
from composer.database import db_now, insert_or_ignore, read_only
from composer.delivery.state import LIVE, OPEN, MailingState, State
from composer.delivery.tables import (
    deliveries,
    mailing_counts,
    mailing_editions,
    mailing_retention,
    mailings,
    sweeps,
    swept_workers,
    workers,
)
from composer.issue.model import IssueKey
from composer.newsroom.model import Newsroom
from composer.newsroom.retention import Retention
from composer.outbox.queue import purge_messages, purgeable_messages
from composer.subscribers.former import count_former_readers
from composer.subscribers.links import purge_links, purgeable_links
from composer.subscribers.signups import purge_signups, purgeable_signups

#: Maximum rows a transaction.
BATCH = 500

#: Seconds for which nothing is swept after an upgrade or a restore, unless the operator asks for it: 30 days.
NOTICE_PERIOD = 30 * 86400.0

#: Seconds after which a dead worker's row may be deleted: 30 days.
DEAD = 30 * 86400.0

#: A delivery in one of these keeps its mailing from being swept.
_HELD = (*OPEN, State.IN_DOUBT)
_SETTLED = tuple(state for state in State if state not in _HELD)

#: ``coalesce`` keeps the index on (mailing, state) from being used: it would be read whole for each batch.
_IS_SETTLED = func.coalesce(deliveries.c.state, "").in_(_SETTLED)

#: Rows with personal data: the address, or the relay's reply, which may be about it.
_NAMED = or_(deliveries.c.email.is_not(None), deliveries.c.reply_text.is_not(None))

#: Counts by kind: addresses, rows, mailings, editions, workers, messages (single ones), signups, links, former readers.
Swept = Counter[str]


@dataclass(frozen=True)
class Times:
    """``begins``: nothing is swept before it; ``swept``: end of the last complete sweep; ``now``: database's time."""

    begins: datetime
    swept: datetime | None
    now: datetime

    @property
    def begun(self) -> bool:
        return self.begins <= self.now


def times(connection: Connection) -> Times | None:
    """The recorded times; None if no upgrade has recorded them, and then nothing is swept."""
    row = connection.execute(select(sweeps.c.begins_at, sweeps.c.swept_at, db_now())).one_or_none()
    return None if row is None else Times(*row)


def begin(connection: Connection, after: float = 0) -> None:
    """Let sweeping begin in ``after`` seconds: 0 when the operator asks for it, ``NOTICE_PERIOD`` after a restore."""
    connection.execute(insert_or_ignore(connection, sweeps).values(id=1, seen_at=db_now(), begins_at=db_now(after)))
    connection.execute(update(sweeps).values(begins_at=db_now(after), swept_at=None))


def finished(connection: Connection) -> None:
    """Record that a sweep is complete."""
    connection.execute(update(sweeps).values(swept_at=db_now()))


def must_wait(connection: Connection) -> bool:
    """Whether messages are being sent now. Deferred ones, which wait for their retry, do not count."""
    leaving = (State.QUEUED, State.CLAIMED, State.IN_FLIGHT)
    under_way = exists().where(deliveries.c.mailing_id == mailings.c.id, deliveries.c.state.in_(leaving))
    return connection.execute(select(mailings.c.id).where(mailings.c.state.in_(LIVE), under_way)).first() is not None


def due(connection: Connection, newsroom: Newsroom) -> Swept:
    """What a sweep would take now: addresses (with their replies), rows, mailings folded, editions, workers, messages,
    sign-ups, links, former readers.

    ``doubtful`` counts mailings that are due but skipped because a delivery is in doubt. Reads one index entry a row
    that is due.
    """
    found: Swept = Counter()
    retention = newsroom.settings.retention
    erased, folded = _due(connection, retention)
    for mailing in (*erased, *folded):
        found["addresses"] += _count(connection, mailing, _NAMED)
    for mailing in folded:
        found["rows"] += _count(connection, mailing)
        found["mailings"] += 1
    found["doubtful"] = len(_expired(connection, retention.addresses, mailing_retention.c.erased_at, in_doubt=True))
    found["editions"] = sum(len(ids) for ids in _editions(connection, newsroom).values())
    found["workers"] = len(_dead_workers(connection, None))
    found["messages"] = purgeable_messages(connection)
    found["signups"] = purgeable_signups(connection)
    found["links"] = purgeable_links(connection)
    if (before := former_before(connection, newsroom)) is not None:
        found["former"] = count_former_readers(connection, before)
    return +found


def former_before(connection: Connection, newsroom: Newsroom) -> datetime | None:
    """Readers with a last letter that ended before this are forgotten, by the database's clock; None where none is."""
    months = newsroom.settings.retention.former_readers
    present: datetime = connection.execute(select(db_now())).scalar_one()
    return None if months is None else months_before(present, months)


def steps(engine: Engine, newsroom: Newsroom) -> Iterator[Swept]:
    """Sweep what is due, one transaction a step; yield what each one took.

    The caller checks that sweeping may begin (``Times.begun``) and decides how long to wait between two steps.
    """
    with read_only(engine).connect() as connection:
        erased, folded = _due(connection, newsroom.settings.retention)
    for mailing, step in (*((one, _erase) for one in erased), *((one, _fold) for one in folded)):
        after: int | None = 0
        while after is not None:
            with engine.begin() as connection:
                after, swept = step(connection, mailing, after)
            yield swept
    with read_only(engine).connect() as connection:
        editions = _editions(connection, newsroom)
    for ids in editions.values():
        with engine.begin() as connection:
            gone = delete(mailing_editions).where(mailing_editions.c.id.in_(ids), ~_used())
            swept = Counter(editions=connection.execute(gone).rowcount)
        yield swept
    while True:
        with engine.begin() as connection:
            ids = _dead_workers(connection, BATCH)
            if ids:
                note = insert_or_ignore(connection, swept_workers)
                connection.execute(note, [{"id": worker} for worker in ids])
            gone = delete(workers).where(workers.c.id.in_(ids))
            swept = Counter(workers=connection.execute(gone).rowcount if ids else 0)
        yield swept
        if len(ids) < BATCH:
            break
    for what, purge in (("messages", purge_messages), ("signups", purge_signups), ("links", purge_links)):
        purged = BATCH
        while purged == BATCH:
            with engine.begin() as connection:
                purged = purge(connection, BATCH)
            yield Counter({what: purged})


def _erase(connection: Connection, mailing: int, after: int) -> tuple[int | None, Swept]:
    """Erase addresses and replies of the next ``BATCH`` readers after id ``after``; return the last id (None at the
    end) and the counts."""
    if not _over(connection, mailing):
        return None, Counter()
    connection.execute(insert_or_ignore(connection, mailing_retention).values(mailing_id=mailing, begun_at=db_now()))
    upto = _next(connection, mailing, after)
    if upto is None:
        record = update(mailing_retention).where(mailing_retention.c.mailing_id == mailing)
        connection.execute(record.values(erased_at=db_now()))
        return None, Counter()
    statement = update(deliveries).where(_between(mailing, after, upto), _IS_SETTLED, _NAMED)
    return upto, Counter(addresses=connection.execute(statement.values(email=None, reply_text=None)).rowcount)


def _fold(connection: Connection, mailing: int, after: int) -> tuple[int | None, Swept]:
    """Like ``_erase``, but delete the rows and add them to the counts by state."""
    if not _over(connection, mailing):
        return None, Counter()
    connection.execute(insert_or_ignore(connection, mailing_retention).values(mailing_id=mailing, begun_at=db_now()))
    upto = _next(connection, mailing, after)
    if upto is None:
        record = update(mailing_retention).where(mailing_retention.c.mailing_id == mailing)
        whole = ~exists().where(deliveries.c.mailing_id == mailing)
        folded = connection.execute(record.where(whole).values(folded_at=db_now(), erased_at=db_now())).rowcount
        return None, Counter(mailings=folded)
    gone = delete(deliveries).where(_between(mailing, after, upto), _IS_SETTLED)
    rows = connection.execute(gone.returning(deliveries.c.state, deliveries.c.email, deliveries.c.reply_text)).all()
    states = Counter(row.state for row in rows)
    for state, number in states.items():
        here = and_(mailing_counts.c.mailing_id == mailing, mailing_counts.c.state == state)
        more = update(mailing_counts).where(here).values(number=mailing_counts.c.number + number)
        if connection.execute(more).rowcount == 0:
            connection.execute(insert(mailing_counts).values(mailing_id=mailing, state=state, number=number))
    named = sum(row.email is not None or row.reply_text is not None for row in rows)
    return upto, Counter(rows=len(rows), addresses=named)


def _over(connection: Connection, mailing: int) -> bool:
    """Whether the mailing is still over, with no delivery open or in doubt. It stays so until the transaction ends: on
    PostgreSQL its row is locked, and a row that a resend changes meanwhile is not ``_IS_SETTLED`` any more."""
    closed = mailings.c.state.in_((MailingState.DONE, MailingState.CANCELLED))
    row = select(mailings.c.id).where(mailings.c.id == mailing, closed, ~_holding()).with_for_update()
    return connection.execute(row).first() is not None


def _holding(*states: State) -> ColumnElement[bool]:
    return exists().where(deliveries.c.mailing_id == mailings.c.id, deliveries.c.state.in_(states or _HELD))


def _between(mailing: int, after: int, upto: int) -> ColumnElement[bool]:
    reader = deliveries.c.subscriber_id
    return and_(deliveries.c.mailing_id == mailing, reader > after, reader <= upto)


def _next(connection: Connection, mailing: int, after: int) -> int | None:
    """Subscriber id of the last of the next ``BATCH`` readers of ``mailing``; None if there are no more."""
    readers = select(deliveries.c.subscriber_id).where(
        deliveries.c.mailing_id == mailing, deliveries.c.subscriber_id > after
    )
    found = connection.execute(readers.order_by(deliveries.c.subscriber_id).limit(BATCH)).scalars().all()
    return found[-1] if found else None


def _due(connection: Connection, retention: Retention) -> tuple[list[int], list[int]]:
    """Ids of mailings due to lose only their addresses, and of those due to lose their rows as well."""
    folded = _expired(connection, retention.rows, mailing_retention.c.folded_at)
    erased = _expired(connection, retention.addresses, mailing_retention.c.erased_at)
    return [mailing for mailing in erased if mailing not in set(folded)], folded


def _expired(
    connection: Connection, months: int | None, done: ColumnElement[datetime | None], *, in_doubt: bool = False
) -> list[int]:
    """Mailings that ended ``months`` ago, by the database's clock, and are not ``done``: those with a delivery in doubt
    if ``in_doubt``, else those with nothing open or in doubt."""
    if months is None:
        return []
    present: datetime = connection.execute(select(db_now())).scalar_one()
    over = (
        select(mailings.c.id)
        .join(mailing_retention, mailing_retention.c.mailing_id == mailings.c.id, isouter=True)
        .where(
            mailings.c.state.in_((MailingState.DONE, MailingState.CANCELLED)),
            mailings.c.closed_at < months_before(present, months),
            done.is_(None),
        )
    )
    held = _holding(State.IN_DOUBT) if in_doubt else ~_holding()
    return list(connection.execute(over.where(held).order_by(mailings.c.id)).scalars())


def months_before(instant: datetime, months: int) -> datetime:
    """The same day and time ``months`` earlier, or the last day of that month."""
    year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))


def _count(connection: Connection, mailing: int, *where: ColumnElement[bool]) -> int:
    rows = select(func.count()).select_from(deliveries).where(deliveries.c.mailing_id == mailing, *where)
    return int(connection.execute(rows).scalar_one())


def _used() -> ColumnElement[bool]:
    return exists().where(
        deliveries.c.mailing_id == mailing_editions.c.mailing_id, deliveries.c.edition_id == mailing_editions.c.id
    )


def _editions(connection: Connection, newsroom: Newsroom) -> dict[int, list[int]]:
    """Ids of frozen editions that may be deleted, by mailing: rows folded, approval complete in the folder."""
    folded = (
        select(mailing_editions.c.id, mailing_editions.c.seal, mailings.c.id.label("mailing"), mailings.c.publication)
        .add_columns(mailings.c.date, mailings.c.slug)
        .join(mailings, mailings.c.id == mailing_editions.c.mailing_id)
        .join(mailing_retention, mailing_retention.c.mailing_id == mailings.c.id)
        .where(mailing_retention.c.folded_at.is_not(None))
        .order_by(mailing_editions.c.id)
    )
    found: dict[int, list[int]] = {}
    digests: dict[IssueKey, str | None] = {}
    for row in connection.execute(folded):
        key = IssueKey(row.publication, row.date, row.slug)
        if key not in digests:
            digests[key] = kept(newsroom, key)
        if row.seal == digests[key]:
            found.setdefault(row.mailing, []).append(row.id)
    return found


def _dead_workers(connection: Connection, most: int | None) -> list[int]:
    """Ids of workers dead for ``DEAD`` and named by no delivery, up to ``most``. Never the worker heard last: downtime
    is computed from it."""
    last = select(func.max(workers.c.heartbeat_at)).scalar_subquery()
    silent = func.coalesce(workers.c.stopped_at, workers.c.heartbeat_at) < db_now(-DEAD)
    names = exists().where(deliveries.c.worker_id == workers.c.id)
    rows = select(workers.c.id).where(silent, workers.c.heartbeat_at < last, ~names).order_by(workers.c.id).limit(most)
    return list(connection.execute(rows).scalars())
