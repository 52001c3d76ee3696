"""The transitions of single messages: claim, mark, settle, as in the ledger (docs/delivery.md), one statement each.

A claimed row belongs to one (worker, attempt). Whether a worker lives is for the delivery to say: it gives the
condition.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, text, update

from composer.database import advisory_lock, db_now
from composer.outbox.queue import left_within
from composer.outbox.state import UNSETTLED, SingleState
from composer.outbox.tables import WAITS, outbox

#: Seconds over which the cap is counted.
AN_HOUR = 3600.0

#: Seconds for which a message that waits has a mailing leave it a place at its provider (``asked_for``).
_JUST_NOW = 60.0


@dataclass(frozen=True)
class DueMessage:
    """A message that may leave now."""

    id: int
    provider: str


@dataclass(frozen=True)
class ClaimedMessage:
    """A claimed message, and the (worker, attempt) that fences its row."""

    id: int
    kind: str
    publication: str
    email: str
    provider: str
    content: bytes
    attempt: int
    deferrals: int
    worker_id: int


@dataclass(frozen=True)
class MessageOutcome:
    """What became of an attempt. ``delay``: seconds after which it is tried again, where it is ``deferred``."""

    state: SingleState
    code: int | None = None
    status: str | None = None
    words: str | None = None
    delay: float = 0.0
    counted: bool = True


def any_message_due(connection: Connection) -> bool:
    """Whether something waits, and its time has come or is over."""
    return connection.execute(select(outbox.c.id).where(_is_due()).limit(1)).first() is not None


def due_messages(connection: Connection, most: int, per_hour: int) -> list[DueMessage]:
    """Up to ``most`` messages that may leave now, the oldest first, and no more than ``per_hour`` allows.

    Those that expired become ``expired``. Locks them: ``claim_messages`` follows in the same transaction.
    """
    advisory_lock(connection, "outbox")
    stale = update(outbox).where(text(WAITS), outbox.c.expires_at <= db_now())
    connection.execute(stale.values(state=SingleState.EXPIRED, content=None, changed_at=db_now()))
    claimed = select(func.count()).select_from(outbox).where(outbox.c.state == SingleState.CLAIMED)
    room = per_hour - left_within(connection, AN_HOUR) - int(connection.execute(claimed).scalar_one())
    if room <= 0:
        return []
    waiting = select(outbox.c.id, outbox.c.provider).where(_is_due()).order_by(outbox.c.id).limit(min(most, room))
    rows = connection.execute(waiting.with_for_update(skip_locked=True))
    return [DueMessage(row.id, row.provider) for row in rows]


def claim_messages(
    connection: Connection, ids: Collection[int], worker_id: int, alive: ColumnElement[bool]
) -> list[ClaimedMessage]:
    """Claim those of ``ids`` that still wait, for a worker that is ``alive``."""
    if not ids:
        return []
    statement = (
        update(outbox)
        .where(outbox.c.id.in_(ids), text(WAITS), alive)
        .values(
            state=SingleState.CLAIMED,
            worker_id=worker_id,
            attempt=outbox.c.attempt + 1,
            not_before=None,
            changed_at=db_now(),
        )
        .returning(*(outbox.c[name] for name in ClaimedMessage.__dataclass_fields__))
    )
    return sorted((ClaimedMessage(*row) for row in connection.execute(statement)), key=lambda one: one.id)


def mark_message(connection: Connection, claimed: ClaimedMessage, alive: ColumnElement[bool]) -> bool:
    """The last look, before the final dot: set ``in_flight``. False where the row is another's, or gone."""
    statement = (
        update(outbox)
        .where(*_ours(claimed), outbox.c.state == SingleState.CLAIMED, alive)
        .values(state=SingleState.IN_FLIGHT, left_at=db_now(), changed_at=db_now())
    )
    return connection.execute(statement).rowcount == 1


def unclaim_messages(connection: Connection, claimed: Collection[ClaimedMessage]) -> None:
    """Queue again those that were not begun and are still ours."""
    for one in claimed:
        ours = update(outbox).where(*_ours(one), outbox.c.state == SingleState.CLAIMED)
        connection.execute(ours.values(state=SingleState.QUEUED, changed_at=db_now()))


def settle_message(connection: Connection, claimed: ClaimedMessage, outcome: MessageOutcome) -> bool:
    """Record the outcome; whether the row was still of this attempt. The content goes once the message is over.

    A row in doubt may still be settled by a definite reply to the attempt that is in doubt.
    """
    settled = [SingleState.CLAIMED, SingleState.IN_FLIGHT]
    values: dict[str, object] = {
        "state": outcome.state,
        "reply_code": outcome.code,
        "reply_status": outcome.status,
        "reply_text": outcome.words,
        "changed_at": db_now(),
    }
    if outcome.state is SingleState.DEFERRED:
        values |= {"not_before": db_now(outcome.delay), "deferrals": outbox.c.deferrals + int(outcome.counted)}
    if outcome.state not in UNSETTLED:
        values["content"] = None
        settled.append(SingleState.IN_DOUBT)
    found = update(outbox).where(*_ours(claimed), outbox.c.state.in_(settled))
    return connection.execute(found.values(values)).rowcount == 1


def take_over_messages(connection: Connection, dead: Select[tuple[int]], why: str) -> tuple[int, int]:
    """Queue again what ``dead`` workers had claimed, and put what they had in flight in doubt; return how many of
    each."""
    theirs = outbox.c.worker_id.in_(dead)
    queued = update(outbox).where(outbox.c.state == SingleState.CLAIMED, theirs)
    given_back = connection.execute(queued.values(state=SingleState.QUEUED, changed_at=db_now())).rowcount
    return given_back, _doubt(connection, and_(outbox.c.state == SingleState.IN_FLIGHT, theirs), why)


def doubt_messages(connection: Connection, why: str, older_than: float = 0.0) -> int:
    """Put in doubt every message that is not over and was added more than ``older_than`` seconds ago: this database may
    be a copy, and the message may have left from elsewhere. It can be asked for again."""
    is_old = outbox.c.created_at <= db_now(-older_than)
    return _doubt(connection, and_(outbox.c.state.in_(UNSETTLED), is_old), why)


def asked_for(connection: Connection) -> tuple[dict[str, int], frozenset[str]]:
    """By provider, how many messages are under way; and the providers to which one has just begun to wait."""
    under_way = (
        select(outbox.c.provider, func.count())
        .where(outbox.c.state.in_((SingleState.CLAIMED, SingleState.IN_FLIGHT)))
        .group_by(outbox.c.provider)
    )
    fresh = or_(outbox.c.changed_at > db_now(-_JUST_NOW), outbox.c.not_before > db_now(-_JUST_NOW))
    waiting = select(outbox.c.provider).where(_is_due(), fresh).distinct()
    counted = {provider: int(number) for provider, number in connection.execute(under_way)}
    return counted, frozenset(connection.execute(waiting).scalars())


def _doubt(connection: Connection, which: ColumnElement[bool], why: str) -> int:
    doubtful = {"state": SingleState.IN_DOUBT, "content": None, "reply_text": why, "changed_at": db_now()}
    return connection.execute(update(outbox).where(which).values(doubtful)).rowcount


def _is_due() -> ColumnElement[bool]:
    return and_(text(WAITS), or_(outbox.c.not_before.is_(None), outbox.c.not_before <= db_now()))


def _ours(claimed: ClaimedMessage) -> tuple[ColumnElement[bool], ...]:
    return (
        outbox.c.id == claimed.id,
        outbox.c.attempt == claimed.attempt,
        outbox.c.worker_id == claimed.worker_id,
    )
