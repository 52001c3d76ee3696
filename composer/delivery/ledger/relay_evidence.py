"""What a relay's log may settle, what it is checked against, and the settling (``composer.returns.reconcile``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import BigInteger, Connection, Engine, Integer, String, Text, Update, func, or_, select, update

from composer.database import db_now, read_only
from composer.database.bulk import BulkUpdate, Given, Types
from composer.delivery.ledger.listing import PAGE, parts
from composer.delivery.ledger.mailings import find
from composer.delivery.ledger.resend import assumable
from composer.delivery.ledger.workers import WENT_BACK
from composer.delivery.state import MailingState, State
from composer.delivery.tables import deliveries, mailings, workers

#: The text in the row of a delivery that a relay's log settled; after a colon, what the next hop said.
KEPT_BY_LOG = "kept, says the relay's log"

#: Longest time from a dot to the row's "in doubt": ten minutes for the reply, ten with the database away.
LONGEST_WAIT = timedelta(minutes=20)


@dataclass(frozen=True)
class Unsettled:
    """A delivery that a log may settle. Where it is in doubt, its dot was written, if it was, between ``since`` and
    ``until``, by the database's clock; to one of ``relays`` (``Relay.key``), empty where that is not known."""

    id: int
    subscriber_id: int
    state: State
    since: datetime
    until: datetime
    relays: frozenset[str]


@dataclass(frozen=True)
class AcceptedLetter:
    """A delivery with the relay's 2xx, read and recorded at ``at``: a complete log holds it."""

    mailing_id: int
    subscriber_id: int
    at: datetime


@dataclass(frozen=True)
class KeptDelivery:
    """A delivery that a relay kept, and the next hop's answer where the log has it (``text`` without addresses)."""

    id: int
    code: int | None = None
    status: str | None = None
    text: str = ""


def unsettled(engine: Engine, mailing_id: int) -> Iterator[Unsettled]:
    """A mailing's deliveries in doubt; of one that is paused because the ledger went back, or may be an older copy,
    also those that wait. Raises ``Refused`` if there is no such mailing."""
    with read_only(engine).connect() as connection:
        mailing = find(connection, mailing_id)
    states = _settled_by_log(mailing.state, mailing.rollback_id)
    columns = (
        *(deliveries.c.id, deliveries.c.subscriber_id, deliveries.c.state, deliveries.c.changed_at),
        *(deliveries.c.reply_text, workers.c.started_at, workers.c.heartbeat_at, workers.c.connections),
    )
    query = (
        select(*columns)
        .outerjoin(workers, workers.c.id == deliveries.c.worker_id)
        .where(deliveries.c.mailing_id == mailing_id, deliveries.c.state.in_(states))
        .order_by(deliveries.c.id)
        .limit(PAGE)
    )
    after = 0
    while True:
        with read_only(engine).connect() as connection:
            page = connection.execute(query.where(deliveries.c.id > after)).all()
        for row in page:
            since = row.started_at or mailing.opened_at
            if row.started_at is not None and row.reply_text != WENT_BACK:
                since = max(since, min(row.changed_at, row.heartbeat_at) - LONGEST_WAIT)
            relays = frozenset(row.connections or ())
            yield Unsettled(row.id, row.subscriber_id, State(row.state), since, row.changed_at, relays)
        if len(page) < PAGE:
            return
        after = page[-1].id


def _settled_by_log(mailing_state: str, rollback_id: int | None) -> tuple[State, ...]:
    """Only where commits were lost is a delivery that waits perhaps out: another pause changes nothing for it."""
    lost = mailing_state == MailingState.PAUSED and rollback_id is not None
    return assumable(MailingState.PAUSED if lost else MailingState.SENDING)


def accepted_letters(engine: Engine, mailing_id: int) -> Iterator[AcceptedLetter]:
    """A mailing's deliveries that the relay accepted in its reply to us, and that were sent once. What was sent a
    second time, assumed, or settled by a log does not say when a log must name it."""
    query = (
        select(deliveries.c.subscriber_id, deliveries.c.changed_at)
        .where(
            deliveries.c.mailing_id == mailing_id,
            deliveries.c.state == State.ACCEPTED,
            deliveries.c.reply_code.between(200, 299),
            ~deliveries.c.pinned,
            ~func.coalesce(deliveries.c.reply_text, "").startswith(KEPT_BY_LOG, autoescape=True),
        )
        .order_by(deliveries.c.subscriber_id)
        .limit(PAGE)
    )
    after = 0
    while True:
        with read_only(engine).connect() as connection:
            page = connection.execute(query.where(deliveries.c.subscriber_id > after)).all()
        for row in page:
            yield AcceptedLetter(mailing_id, row.subscriber_id, row.changed_at)
        if len(page) < PAGE:
            return
        after = page[-1].subscriber_id


def known_mailings(connection: Connection, numbers: Sequence[int]) -> list[int]:
    """Those of ``numbers`` that are mailings of this ledger."""
    found: list[int] = []
    for some in parts(numbers):
        found += connection.execute(select(mailings.c.id).where(mailings.c.id.in_(some))).scalars()
    return found


def settle_kept(engine: Engine, mailing_id: int, kept: Iterable[KeptDelivery]) -> int:
    """Set those of ``kept`` that are still unsettled to accepted, with the next hop's answer; return how many."""
    changed, left = 0, iter(kept)
    while some := list(islice(left, PAGE)):  # each in its own transaction, so that workers can write in between
        with engine.begin() as connection:
            of = select(mailings.c.state, mailings.c.rollback_id).where(mailings.c.id == mailing_id).with_for_update()
            states = _settled_by_log(*connection.execute(of).one())
            rows = [{"delivery": one.id, "code": one.code, "status": one.status, "words": _words(one)} for one in some]
            changed += sum(map(bool, _settling(mailing_id, states).run(connection, rows)()))
    return changed


def _words(kept: KeptDelivery) -> str:
    return f"{KEPT_BY_LOG}: {kept.text}" if kept.text else KEPT_BY_LOG


def _settling(mailing_id: int, states: Sequence[State]) -> BulkUpdate:
    def statement(given: Given) -> Update:
        return (
            update(deliveries)
            .where(
                deliveries.c.id == given("delivery"),
                deliveries.c.mailing_id == mailing_id,
                or_(*(deliveries.c.state == state for state in states)),  # an IN's values are not compiled
            )
            .values(
                state=State.ACCEPTED,
                not_before=None,
                reply_code=given("code"),
                reply_status=given("status"),
                reply_text=given("words"),
                changed_at=db_now(),
            )
        )

    types: Types = {"delivery": BigInteger(), "code": Integer(), "status": String(), "words": Text()}
    return BulkUpdate(statement, types)
