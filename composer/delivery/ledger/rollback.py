"""What happens when the ledger went back: a failover that lost its last commits, or an older database file put back.

Deliveries that this database shows as waiting may be out. All open mailings are paused, and each worker that lives
records again what it remembers. Claims made before the loss are not queued again but become in doubt
(``workers.take_over``), except those that their own worker still holds and has not begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    String,
    Text,
    Update,
    func,
    insert,
    or_,
    select,
    update,
)

from composer.database import BulkUpdate, Given, Types, advisory_lock, db_now
from composer.delivery.ledger.recovery import pause_restored
from composer.delivery.ledger.workers import SILENCE, WENT_BACK
from composer.delivery.state import LIVE, TAKEN, MailingState, State
from composer.delivery.tables import deliveries, mailings, rollbacks, workers
from composer.locale import gettext as _
from composer.subscribers.suppression import suppress
from composer.subscribers.tables import subscribers

#: Seconds for which several workers that notice a loss are taken to speak of the same one.
_SAME = 2 * SILENCE


class Remembered(NamedTuple):
    """What a worker remembers of one delivery. ``code``: of the reply, 0 without one. ``unknown``: it said that the
    mailbox does not exist."""

    delivery: int
    attempt: int
    state: State
    code: int = 0
    unknown: bool = False


@dataclass(frozen=True)
class Rollback:
    """A loss of commits that was noticed. ``paused``: ids of the mailings that were paused now; ``recorded`` and
    ``doubts``: see ``rollbacks``. ``first``: no other worker had noticed it before."""

    id: int
    paused: tuple[int, ...]
    recorded: int
    doubts: int
    first: bool


def reason() -> str:
    """Why the mailings are paused, for people."""
    return _("the database went back: it lost its last commits, or an older copy was put in its place")


def of_a_copy() -> str:
    """Why the mailings of a database that was copied are paused, for people."""
    return _("this database is a copy, or was moved: readers may have had it from where it was before")


def went_back(
    connection: Connection, worker_id: int, remembered: Iterable[Remembered] = (), why: str | None = None
) -> Rollback:
    """Pause every open mailing, and record what the worker remembers. The worker must take a new row afterwards.

    The first call also declares all workers dead: each takes a new row, and marks nothing under the old one.
    ``why`` is told to people, ``reason()`` unless it is given.
    """
    advisory_lock(connection, "rollback")
    latest = select(rollbacks.c.id).where(rollbacks.c.noticed_at > db_now(-_SAME)).order_by(rollbacks.c.id.desc())
    known: int | None = connection.execute(latest.limit(1)).scalar()
    if known is None:
        number: int = connection.execute(insert(rollbacks).values().returning(rollbacks.c.id)).scalar_one()
        holding = select(deliveries.c.worker_id).where(deliveries.c.state.in_((State.CLAIMED, State.IN_FLIGHT)))
        theirs = or_(workers.c.stopped_at.is_(None), workers.c.id.in_(holding))
        connection.execute(update(workers).where(theirs).values(rolled_back=True))
        paused = pause_restored(connection, why or reason())
    else:
        number = known
        live = update(mailings).where(mailings.c.state.in_(LIVE)).returning(mailings.c.id)
        found = connection.execute(live.values(state=MailingState.PAUSED, reason=why or reason()))
        paused = tuple(sorted(found.scalars()))
        own = update(workers).where(workers.c.id == worker_id)
        connection.execute(own.values(rolled_back=True, stopped_at=func.coalesce(workers.c.stopped_at, db_now())))
    connection.execute(update(mailings).where(mailings.c.id.in_(paused)).values(rollback_id=number))
    recorded, doubts = _record(connection, remembered)
    counts = {"recorded": rollbacks.c.recorded + recorded, "doubts": rollbacks.c.doubts + doubts}
    connection.execute(update(rollbacks).where(rollbacks.c.id == number).values(counts))
    return Rollback(number, paused, recorded, doubts, known is None)


def last_rollback(connection: Connection) -> datetime | None:
    """Time at which a loss was noticed last; None if there never was one."""
    noticed: datetime | None = connection.execute(select(func.max(rollbacks.c.noticed_at))).scalar_one()
    return noticed


@dataclass(frozen=True)
class AfterRollback:
    """Numbers of deliveries of a mailing that was paused for ``reason``, because the database lost commits or may be an
    older copy: ``accepted``; ``unknown`` (claimed, in flight or in doubt); ``waiting`` (queued or deferred: they are
    sent on resume)."""

    reason: str
    accepted: int
    unknown: int
    waiting: int


def after_rollback(connection: Connection, mailing_id: int) -> AfterRollback | None:
    """What a person must know before resuming the mailing; None where it is not paused for that."""
    is_back = select(mailings.c.reason).where(
        mailings.c.id == mailing_id, mailings.c.rollback_id.is_not(None), mailings.c.state == MailingState.PAUSED
    )
    if (paused := connection.execute(is_back).first()) is None:
        return None
    each = select(deliveries.c.state, func.count()).where(deliveries.c.mailing_id == mailing_id)
    by_state: dict[str, int] = dict(map(tuple, connection.execute(each.group_by(deliveries.c.state))))
    return AfterRollback(
        paused.reason or reason(),
        sum(by_state.get(state, 0) for state in TAKEN),
        sum(by_state.get(state, 0) for state in (State.CLAIMED, State.IN_FLIGHT, State.IN_DOUBT)),
        sum(by_state.get(state, 0) for state in (State.QUEUED, State.DEFERRED)),
    )


def _record(connection: Connection, remembered: Iterable[Remembered]) -> tuple[int, int]:
    """Apply what a worker remembers, oldest first; return the numbers of recorded outcomes and of doubts."""
    recorded = doubts = 0
    left = iter(remembered)
    while some := list(islice(left, 1000)):
        final = (State.ACCEPTED, State.REJECTED)
        recorded += _changed(_FINAL, connection, [one for one in some if one.state in final])
        doubts += _changed(_UNKNOWN, connection, [one for one in some if one.state is State.IN_DOUBT])
        _changed(_UNSENT, connection, [one for one in some if one.state not in (*final, State.IN_DOUBT)])
        _suppress(connection, {one.delivery: one for one in some if one.unknown})
    return recorded, doubts


def _suppress(connection: Connection, unknown: Mapping[int, Remembered]) -> None:
    """Suppress again the readers whose mailbox does not exist, if the ledger has no later attempt of them."""
    of = select(deliveries.c.id, deliveries.c.attempt, subscribers.c.address_key).join(
        subscribers, subscribers.c.id == deliveries.c.subscriber_id
    )
    rejected = deliveries.c.id.in_(unknown), deliveries.c.state == State.REJECTED
    for row in connection.execute(of.where(*rejected)).all() if unknown else ():
        if row.attempt == unknown[row.id].attempt:
            suppress(connection, row.address_key, "hard-bounce", str(unknown[row.id].code))


def _changed(statement: BulkUpdate, connection: Connection, some: list[Remembered]) -> int:
    if not some:
        return 0
    rows: list[dict[str, Any]] = [
        {
            "delivery": one.delivery,
            "of_attempt": one.attempt,
            "to_state": (State.QUEUED if statement is _UNSENT else one.state).value,
            "code": one.code or None,
            "words": WENT_BACK if statement is _UNKNOWN else None,
        }
        for one in some
    ]
    return sum(1 for answer in statement.run(connection, rows)() if answer)


def _among(*states: State) -> ColumnElement[bool]:
    return or_(*(func.coalesce(deliveries.c.state, "") == state for state in states))


def _again(given: Given, over: ColumnElement[bool]) -> Update:
    """Set the state and the attempt, so that a reply that is still to come finds its row. Not if a later attempt was
    made."""
    return (
        update(deliveries)
        .where(
            deliveries.c.id == given("delivery"),
            deliveries.c.attempt <= given("of_attempt"),
            over,
        )
        .values(
            state=given("to_state"),
            attempt=given("of_attempt"),
            not_before=None,
            reply_code=given("code"),
            reply_status=None,
            reply_text=given("words"),
            changed_at=db_now(),
        )
    )


_ROW: Types = {
    "delivery": BigInteger(),
    "of_attempt": Integer(),
    "to_state": String(),
    "code": Integer(),
    "words": Text(),
}
#: Accepted or rejected: whatever the row says.
_FINAL = BulkUpdate(lambda given: _again(given, deliveries.c.state != given("to_state")), _ROW)
_UNKNOWN = BulkUpdate(
    lambda given: _again(given, _among(State.QUEUED, State.DEFERRED, State.CLAIMED, State.IN_FLIGHT)), _ROW
)
#: Given back or refused for now: nothing was delivered.
_UNSENT = BulkUpdate(lambda given: _again(given, _among(State.CLAIMED, State.IN_FLIGHT)), _ROW)
