"""Mailings in the ledger: finding one, counting its deliveries, giving back claims, closing what is done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, or_, select, update

from composer.database import db_now, read_only
from composer.delivery.ledger.claims import stale
from composer.delivery.ledger.folded import counted
from composer.delivery.state import LIVE, OPEN, MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.locale import gettext as _


def find(connection: Connection, mailing_id: int) -> Row[Any]:
    """The mailing's row. Raises ``Refused`` where there is none."""
    row = connection.execute(select(mailings).where(mailings.c.id == mailing_id)).one_or_none()
    if row is None:
        raise Refused(_("there is no mailing {id}; `filigrane mailings` lists them").format(id=mailing_id))
    return row


def how_many(connection: Connection) -> int:
    """Mailings that there are."""
    return connection.execute(select(func.count()).select_from(mailings)).scalar_one()


def outcomes(engine: Engine, mailing_id: int) -> dict[str, int]:
    """How many deliveries are in each state; states with none are left out."""
    with read_only(engine).connect() as connection:
        return counts(connection, [mailing_id]).get(mailing_id, {})


def counts(connection: Connection, mailing_ids: list[int]) -> dict[int, dict[str, int]]:
    """The same for several mailings, with the rows that retention folded."""
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


def give_back(connection: Connection, mailing_id: int) -> int:
    """Queue again what workers of any host have claimed of a mailing, and not marked; how many.

    Whoever holds one finds at the last look that it is not theirs any more: the attempt says so.
    """
    # A row that is being marked at this moment answers for itself: waiting for it could be waiting for each other.
    held = select(deliveries.c.id).where(deliveries.c.mailing_id == mailing_id, deliveries.c.state == State.CLAIMED)
    claimed = (
        update(deliveries)
        .where(deliveries.c.id.in_(held.with_for_update(skip_locked=True)))
        .values(state=State.QUEUED, worker_id=None, changed_at=db_now())
    )
    return connection.execute(claimed).rowcount


def sweep(connection: Connection) -> list[int]:
    """What waits in cancelled mailings is cancelled, in stale ones expired; then those in which nothing is open any
    more are closed; the ids of these."""
    cancelled = mailings.c.state == MailingState.CANCELLED
    late = and_(mailings.c.state.in_((*LIVE, MailingState.PAUSED)), stale())
    for condition, becomes in ((cancelled, State.CANCELLED), (late, State.EXPIRED)):
        connection.execute(
            update(deliveries)
            .where(
                deliveries.c.mailing_id.in_(select(mailings.c.id).where(condition)),
                deliveries.c.state.in_((State.QUEUED, State.DEFERRED)),
            )
            .values(state=becomes, changed_at=db_now())
        )
    still = select(deliveries.c.id).where(deliveries.c.mailing_id == mailings.c.id, deliveries.c.state.in_(OPEN))
    # Settled again after all, by a late reply or a person, while the last of the others closed the mailing.
    connection.execute(
        update(mailings)
        .where(mailings.c.state == MailingState.DONE, still.exists())
        .values(state=MailingState.SENDING, closed_at=None)
    )
    done = (
        update(mailings)
        .where(or_(mailings.c.state == MailingState.SENDING, late), ~still.exists())
        .values(state=MailingState.DONE, closed_at=db_now())
        .returning(mailings.c.id)
    )
    return list(connection.execute(done).scalars())


def waiting(connection: Connection) -> bool:
    """Whether any mailing is still being sent."""
    return connection.execute(select(mailings.c.id).where(mailings.c.state.in_(LIVE))).first() is not None
