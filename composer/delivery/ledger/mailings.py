"""Mailings in the ledger: finding one, counting its deliveries, giving back claims, closing finished ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, or_, select, update

from composer.database import db_now, read_only
from composer.delivery.ledger.editions import unsent
from composer.delivery.ledger.folded import counted
from composer.delivery.ledger.refusal_runs import end_in_refusals, forget_runs
from composer.delivery.ledger.workers import claimed_before_a_loss
from composer.delivery.state import LIVE, OPEN, MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.locale import gettext as _


def find(connection: Connection, mailing_id: int) -> Row[Any]:
    """The mailing's row. Raises ``Refused`` if there is none."""
    row = connection.execute(select(mailings).where(mailings.c.id == mailing_id)).one_or_none()
    if row is None:
        raise Refused(_("there is no mailing {id}; `filigrane mailings` lists them").format(id=mailing_id))
    return row


def how_many(connection: Connection) -> int:
    """Number of mailings in the ledger, without those of welcome paths."""
    return connection.execute(select(func.count()).where(mailings.c.rehearsal >= 0)).scalar_one()


def being_sent(connection: Connection) -> list[int]:
    """The ids of the mailings that are being sent, without those of welcome paths."""
    moving = select(mailings.c.id).where(mailings.c.state.in_(LIVE), mailings.c.rehearsal >= 0)
    return list(connection.execute(moving.order_by(mailings.c.id)).scalars())


def outcomes(engine: Engine, mailing_id: int) -> dict[str, int]:
    """Number of deliveries by state; states with none are left out."""
    with read_only(engine).connect() as connection:
        return counts(connection, [mailing_id]).get(mailing_id, {})


def counts(connection: Connection, mailing_ids: list[int]) -> dict[int, dict[str, int]]:
    """Number of deliveries by mailing and state, including rows that retention turned into counts."""
    rows = connection.execute(
        select(deliveries.c.mailing_id, deliveries.c.state, func.count())
        .where(deliveries.c.mailing_id.in_(mailing_ids))
        .group_by(deliveries.c.mailing_id, deliveries.c.state)
    )
    found: dict[int, dict[str, int]] = {}
    for mailing_id, state, number in (*rows, *counted(connection, mailing_ids)):
        of = found.setdefault(mailing_id, {})
        of[state] = of.get(state, 0) + number
    return found


def unclaim_mailing(connection: Connection, mailing_id: int) -> int:
    """Queue again what workers of any host have claimed of a mailing, and not marked; return how many. Claims made
    before the ledger went back are left (``workers.take_over``).

    ``claims.mark`` refuses such a claim afterwards, because its row is no longer the worker's.
    """
    # A row that is being marked at this moment is skipped: waiting for its lock could deadlock.
    theirs = deliveries.c.mailing_id == mailing_id, deliveries.c.state == State.CLAIMED
    held = select(deliveries.c.id).where(*theirs, ~claimed_before_a_loss())
    claimed = (
        update(deliveries)
        .where(deliveries.c.id.in_(held.with_for_update(skip_locked=True)))
        .values(state=State.QUEUED, worker_id=None, changed_at=db_now())
    )
    return connection.execute(claimed).rowcount


def to_come(connection: Connection, mailing_id: int, worker_id: int) -> int:
    """Number of deliveries that the relay may still accept while the mailing is being sent, as far as this worker
    knows: what another one has claimed may be held there, as the answers about unknown mailboxes are here."""
    open_ = or_(
        deliveries.c.state.in_((State.QUEUED, State.DEFERRED, State.IN_FLIGHT)),
        and_(deliveries.c.state == State.CLAIMED, deliveries.c.worker_id == worker_id),
    )
    live = select(mailings.c.id).where(mailings.c.id == mailing_id, mailings.c.state.in_(LIVE)).exists()
    these = select(func.count()).where(deliveries.c.mailing_id == mailing_id, open_, live)
    return connection.execute(these).scalar_one()


def sweep(connection: Connection) -> list[int]:
    """Cancel what waits in cancelled mailings, expire what waits in those that a tick found stale (of a second message:
    ``editions.unsent``), then close the mailings with no open delivery; return the ids of the closed ones.

    One that ends in refusals that may be the relay's is paused instead (``refusal_runs.end_in_refusals``)."""
    cancelled = mailings.c.state == MailingState.CANCELLED
    late = and_(mailings.c.state.in_((*LIVE, MailingState.PAUSED)), mailings.c.expired_at.is_not(None))
    for condition, becomes in ((cancelled, State.CANCELLED), (late, State.EXPIRED)):
        connection.execute(
            update(deliveries)
            .where(
                deliveries.c.mailing_id.in_(select(mailings.c.id).where(condition)),
                deliveries.c.state.in_((State.QUEUED, State.DEFERRED)),
            )
            .values(state=unsent(becomes), changed_at=db_now())
        )
    still = select(deliveries.c.id).where(deliveries.c.mailing_id == mailings.c.id, deliveries.c.state.in_(OPEN))
    # A late reply or the operator may have opened a delivery again while the last of the others closed the mailing.
    connection.execute(
        update(mailings)
        .where(mailings.c.state == MailingState.DONE, still.exists())
        .values(state=MailingState.SENDING, closed_at=None)
    )
    ending = mailings.c.state == MailingState.SENDING, mailings.c.expired_at.is_(None), ~still.exists()
    for mailing_id in connection.execute(select(mailings.c.id).where(*ending)).scalars().all():
        end_in_refusals(connection, mailing_id)
    done = (
        update(mailings)
        .where(or_(mailings.c.state == MailingState.SENDING, late), ~still.exists())
        .values(state=MailingState.DONE, closed_at=db_now())
        .returning(mailings.c.id)
    )
    closed = list(connection.execute(done).scalars())
    forget_runs(connection)
    return closed


def waiting(connection: Connection) -> bool:
    """Whether any mailing is still being sent."""
    return connection.execute(select(mailings.c.id).where(mailings.c.state.in_(LIVE))).first() is not None
