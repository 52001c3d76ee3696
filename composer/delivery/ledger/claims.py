"""The ledger's transitions: claim, mark, settle. Each is one or two statements in the caller's transaction.

A claimed row belongs to one (worker, attempt). Every transition checks the attempt, which grows with each claim;
mark, and settling what is only claimed, check the worker too, so that a worker that was declared dead
and comes back can change only a row in doubt, and only with a definite reply (docs/delivery.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Float,
    Integer,
    Row,
    String,
    Text,
    Update,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)

from composer.database import BulkUpdate, Given, Types, db_now, step_by_step
from composer.delivery.ledger import canary, refusal_runs
from composer.delivery.ledger.editions import newest, outdated, to_send, unsent
from composer.delivery.ledger.expiry import stale
from composer.delivery.ledger.messages import MessageInputs
from composer.delivery.ledger.refusal_runs import Effect, RefusalReport
from composer.delivery.ledger.workers import alive, claimed_before_a_loss
from composer.delivery.smtp.reply import Outcome
from composer.delivery.state import LIVE, MailingState, State
from composer.delivery.tables import DEFERRED, QUEUED, deliveries, mailing_editions, mailings
from composer.subscribers.recipients import is_recipient
from composer.subscribers.suppression import suppress
from composer.subscribers.tables import subscribers


@dataclass(frozen=True)
class Claimed:
    """A claimed delivery: the inputs of its message, and the (worker, attempt) that fences its row."""

    id: int
    inputs: MessageInputs
    publication: str
    attempt: int
    deferrals: int
    worker_id: int
    provider: str = ""
    canary: bool = False


@dataclass(frozen=True)
class Settlement:
    """A claimed delivery with its outcome; ``report`` if it is a refusal that may be the relay's."""

    claimed: Claimed
    outcome: Outcome
    report: RefusalReport | None = None


def claim(
    connection: Connection,
    worker_id: int,
    count: int,
    providers: Collection[str] | None = None,
    others: bool = False,
    *,
    fresh: bool = False,
) -> list[Claimed]:
    """Claim up to ``count`` deliveries of mailings being sent, for one live worker: canaries, then deferred ones that
    are due, then queued ones (never tried, given back or resent). Each gets the newest version of its edition.

    ``providers`` restricts them to readers at these providers, or with ``others`` to readers at all the others.
    With ``fresh`` no deferred one is claimed.
    """
    live = _live(connection)
    if any(row.state == MailingState.CANARY for row in live) and canary.lift_hold(connection):
        live = _live(connection)
    publications = {row.id: row.publication for row in live}
    sending = [row.id for row in live if row.state == MailingState.SENDING]
    held_back = [row.id for row in live if row.state == MailingState.CANARY]
    amended = [row.id for row in live if row.version > 1]
    corrected = newest(connection, amended) if amended else {}
    queued = deliveries.c.state == State.QUEUED
    due = and_(text(DEFERRED), deliveries.c.not_before <= db_now())
    among: list[ColumnElement[bool]] = []
    if providers is not None:
        # This form uses the index on (mailing, provider). It is not used without ``providers``: it would send to one
        # provider after another instead of mixing them.
        queued = and_(text(QUEUED))
        among = [deliveries.c.provider.not_in(providers) if others else deliveries.c.provider.in_(providers)]
    claimed: list[Claimed] = []
    for of, ready in (
        (held_back, and_(deliveries.c.canary, or_(queued, due))),
        (sending, due),
        (sending, queued),
    ):
        if of and len(claimed) < count and not (fresh and ready is due):
            of_these = and_(deliveries.c.mailing_id.in_(of), ready, *among)
            claimed += _claim(connection, worker_id, of_these, count - len(claimed), publications, corrected)
    return claimed


def _live(connection: Connection) -> list[Row[Any]]:
    columns = mailings.c.id, mailings.c.publication, mailings.c.state, mailings.c.version
    return list(connection.execute(select(*columns).where(mailings.c.state.in_(LIVE), ~stale())))


def _claim(
    connection: Connection,
    worker_id: int,
    ready: ColumnElement[bool],
    count: int,
    publications: Mapping[int, str],
    corrected: Mapping[int, int],
) -> list[Claimed]:
    chosen = (
        select(deliveries.c.id)
        .where(ready)
        .limit(count)
        .with_for_update(skip_locked=True)
        .cte("chosen")  # a CTE runs once; PostgreSQL may run a plain subquery again for each row, past the limit
    )
    statement = (
        update(deliveries)
        .where(deliveries.c.id.in_(select(chosen.c.id)), alive(literal(worker_id)))
        .values(
            state=State.CLAIMED,
            worker_id=worker_id,
            attempt=deliveries.c.attempt + 1,
            not_before=None,
            changed_at=db_now(),
        )
        .returning(*_HANDED)
    )
    if corrected:
        statement = statement.values(edition_id=to_send(corrected))
    found = sorted(map(tuple, connection.execute(statement)))  # RETURNING has no order: sort by id, the first column
    return [
        Claimed(
            number, MessageInputs(*inputs), publications[inputs[0]], attempt, deferrals, worker_id, provider, canary
        )
        for number, attempt, deferrals, provider, canary, *inputs in found
    ]


_HANDED = (
    *(deliveries.c.id, deliveries.c.attempt, deliveries.c.deferrals, deliveries.c.provider, deliveries.c.canary),
    *(deliveries.c[field.name] for field in fields(MessageInputs)),
)


def unclaim(connection: Connection, claims: Sequence[Claimed]) -> int:
    """Queue again those of ``claims`` that were not begun and are still ours; return how many."""
    unclaimed = 0
    for start in range(0, len(claims), 500):  # SQLite limits the parameters of a statement
        some = claims[start : start + 500]
        ours = tuple_(deliveries.c.id, deliveries.c.attempt).in_([(one.id, one.attempt) for one in some])
        statement = update(deliveries).where(ours, deliveries.c.state == State.CLAIMED)
        unclaimed += connection.execute(statement.values(state=State.QUEUED, changed_at=db_now())).rowcount
    return unclaimed


def still_held(connection: Connection, worker_id: int) -> set[tuple[int, int]]:
    """(id, attempt) of each delivery that the worker has claimed and may still send.

    Claims of mailings that are not being sent any more, or of outdated editions, go back to the queue first.
    """
    live = select(mailings.c.id).where(mailings.c.state.in_(LIVE))
    theirs = deliveries.c.worker_id == worker_id, deliveries.c.state == State.CLAIMED
    connection.execute(
        update(deliveries)
        .where(*theirs, or_(deliveries.c.mailing_id.not_in(live), outdated()), ~claimed_before_a_loss())
        .values(state=State.QUEUED, changed_at=db_now())
    )
    held = select(deliveries.c.id, deliveries.c.attempt).where(*theirs)
    return {(row.id, row.attempt) for row in connection.execute(held)}


def mark(connection: Connection, claims: Sequence[Claimed]) -> Callable[[], list[bool]]:
    """The last look (docs/delivery.md), before the final dot: sets ``in_flight``, and answers True, for each of
    ``claims`` that may be sent.

    For the others the answer is False and the row becomes ``cancelled``, ``expired``, ``suppressed`` (or what is known
    of the message before: ``editions.unsent``), or ``queued`` if the mailing is paused, was amended, or its news is
    stale and no tick has said so yet. It stays unchanged if it is
    not this worker's any more, or the worker counts as dead.
    """
    looks: list[dict[str, object]] = [
        {
            "delivery": claimed.id,
            "of_attempt": claimed.attempt,
            "by_worker": claimed.worker_id,
            "of_publication": claimed.publication,
        }
        for claimed in claims
    ]
    answers = _LAST_LOOK.run(connection, looks)
    return lambda: [state == State.IN_FLIGHT for state in answers()]


_FENCE: Types = {"delivery": BigInteger(), "of_attempt": Integer(), "by_worker": Integer()}


def _last_look(given: Given) -> Update:
    """One UPDATE that also sets, and returns, the state of a row that may not be sent. Conditions on state and worker
    are written so that no index applies: the statistics of that index date from before the sending, when it was empty,
    and with it PostgreSQL would read all of the worker's rows for each mark."""
    held = select(mailing_editions.c.version).where(mailing_editions.c.id == deliveries.c.edition_id)
    outdated_by = held.correlate(deliveries).scalar_subquery() < mailings.c.version
    of_its_mailing = (
        select(
            case(
                (mailings.c.state == MailingState.CANCELLED, State.CANCELLED),
                (mailings.c.expired_at.is_not(None), State.EXPIRED),
                (stale(), State.QUEUED),  # until a tick says that it expires
                (and_(*(mailings.c.state != live for live in LIVE)), State.QUEUED),  # an IN's values are not compiled
                (and_(~deliveries.c.pinned, outdated_by), State.QUEUED),
                else_=State.IN_FLIGHT,
            )
        )
        .where(mailings.c.id == deliveries.c.mailing_id)
        .scalar_subquery()
    )
    wanted = is_recipient(deliveries.c.subscriber_id, given("of_publication"))
    return (
        update(deliveries)
        .where(
            deliveries.c.id == given("delivery"),
            deliveries.c.attempt == given("of_attempt"),
            func.coalesce(deliveries.c.state, "") == State.CLAIMED,
            deliveries.c.worker_id + 0 == given("by_worker"),
            alive(given("by_worker")),
        )
        .values(
            state=case(
                (and_(of_its_mailing == State.IN_FLIGHT, wanted), State.IN_FLIGHT),  # first: the common case
                (of_its_mailing == State.QUEUED, State.QUEUED),
                (of_its_mailing == State.CANCELLED, unsent(State.CANCELLED)),
                (of_its_mailing == State.EXPIRED, unsent(State.EXPIRED)),
                else_=unsent(State.SUPPRESSED),
            ),
            changed_at=db_now(),
        )
    )


_LAST_LOOK = BulkUpdate(_last_look, {**_FENCE, "of_publication": String()}, answer=deliveries.c.state)


def _settle(given: Given) -> Update:
    """Fenced by attempt. A row in doubt may still be settled by the reply to the attempt that is in doubt."""
    return (
        update(deliveries)
        .where(
            deliveries.c.id == given("delivery"),
            deliveries.c.attempt == given("of_attempt"),
            or_(
                and_(deliveries.c.state == State.CLAIMED, deliveries.c.worker_id == given("by_worker")),
                deliveries.c.state == State.IN_FLIGHT,
                deliveries.c.state == State.IN_DOUBT,
            ),
        )
        .values(
            state=given("to_state"),
            reply_code=given("code"),
            reply_status=given("status"),
            reply_text=given("words"),
            changed_at=db_now(),
        )
    )


def _defer(given: Given) -> Update:
    """Settle a temporary refusal: due again (``not_before``) after the outcome's delay, by the database's clock.

    ``deferrals`` grows where the refusal counts. A bulk update too, because greylisting defers a whole list.
    """
    later = {"not_before": db_now(given("seconds")), "deferrals": deliveries.c.deferrals + given("counted")}
    return _settle(given).values(later)


_OUTCOME: Types = {**_FENCE, "to_state": String(), "code": Integer(), "status": String(), "words": Text()}
_SETTLE = BulkUpdate(_settle, _OUTCOME)
_DEFER = BulkUpdate(_defer, {**_OUTCOME, "seconds": Float(), "counted": Integer()})


def settle(connection: Connection, settlements: Sequence[Settlement]) -> list[Effect]:
    """Record the outcomes; return the effect of each on its mailing. A row that belongs to another attempt by now stays
    unchanged.

    An unknown mailbox suppresses its reader; a refusal of our configuration, and the last one of a run, pause their
    mailing; all in the same transaction as the outcome. The suppression and the run are fenced by attempt: a lost
    attempt's reply about a reader may be outdated, the relay repaired since and a later attempt accepted; if not, the
    next attempt gets the same reply. A reply about our configuration holds for the relay, whichever attempt owns the
    row, and an unneeded pause is safe.
    """
    if not any(map(_goes_further, settlements)):
        _record(connection, settlements)
        return [Effect.NONE] * len(settlements)
    settlements = _known_refusals(connection, settlements)
    held = _record(connection, settlements)
    step_by_step(connection)
    effects = []
    for settlement, was_held in zip(settlements, held(), strict=True):
        if was_held and settlement.outcome.unknown_mailbox:
            of = subscribers.c.id == settlement.claimed.inputs.subscriber_id
            key = connection.execute(select(subscribers.c.address_key).where(of)).scalar_one()
            suppress(connection, key, "hard-bounce", str(settlement.outcome.reply))
        of_mailing = settlement.claimed.inputs.mailing_id, settlement.claimed.id, settlement.outcome
        effects.append(refusal_runs.effect(connection, *of_mailing, settlement.report, bool(was_held)))
    canaries = [settlement for settlement in settlements if settlement.claimed.canary]
    canary.alarm(connection, [(settlement.claimed.id, settlement.outcome) for settlement in canaries])
    return effects


def _record(connection: Connection, settlements: Sequence[Settlement]) -> Callable[[], list[object]]:
    """Write the outcomes into their rows; the answers say which rows were theirs."""
    plain = [settlement for settlement in settlements if settlement.outcome.delay is None]
    held = _SETTLE.run(connection, [_values(settlement) for settlement in plain])
    deferred = [
        {**_values(settlement), "seconds": delay.total_seconds(), "counted": int(settlement.outcome.counted)}
        for settlement in settlements
        if (delay := settlement.outcome.delay) is not None
    ]
    later = _DEFER.run(connection, deferred)

    def answers() -> list[object]:
        those, these = iter(held()), iter(later())
        return [next(those if settlement.outcome.delay is None else these) for settlement in settlements]

    return answers


def _known_refusals(connection: Connection, settlements: Sequence[Settlement]) -> list[Settlement]:
    """``settlements``; where a refusal of that reader stopped the mailing before, with the outcome ``again``."""
    refused = {one.claimed.id for one in settlements if one.report is not None}
    if not refused:
        return list(settlements)
    step_by_step(connection)
    before = refusal_runs.doubted(connection, refused)
    return [
        replace(one, outcome=one.report.again, report=replace(one.report, counts=False))
        if one.claimed.id in before and one.report is not None and one.report.again is not None
        else one
        for one in settlements
    ]


def _goes_further(settlement: Settlement) -> bool:
    """Whether the outcome may change more than the delivery's row."""
    outcome = settlement.outcome
    return outcome.unknown_mailbox or outcome.pause or settlement.claimed.canary or settlement.report is not None


def _values(settlement: Settlement) -> dict[str, object]:
    claimed, outcome = settlement.claimed, settlement.outcome
    reply = outcome.reply
    return {
        "delivery": claimed.id,
        "of_attempt": claimed.attempt,
        "by_worker": claimed.worker_id,
        "to_state": outcome.state.value,
        "code": reply.code if reply else None,
        "status": reply.status if reply else None,
        "words": outcome.words or None,
    }
