"""The ledger reader by reader, and what a person decides about deliveries in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from composer.database import moment
from composer.delivery.ledger import stale
from composer.delivery.mailings import find
from composer.delivery.state import MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.locale import gettext as _


def rows(
    connection: Connection, mailing_id: int, state: State | None = None, email: str | None = None
) -> Sequence[Row[Any]]:
    """The deliveries of a mailing, in order. Raises ``Refused`` where there is no such mailing."""
    find(connection, mailing_id)
    query = select(deliveries).where(deliveries.c.mailing_id == mailing_id).order_by(deliveries.c.id)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if email is not None:
        query = query.where(func.lower(deliveries.c.email) == email.strip().lower())
    return connection.execute(query).all()


def resend(engine: Engine, mailing_id: int, delivery_ids: Sequence[int]) -> int:
    """Queue these again, those still in doubt: the same bytes, the same Message-ID; how many.

    A mailing that was done goes on. Raises ``Refused`` where it was cancelled, or its news is stale.
    """
    with engine.begin() as connection:
        if find(connection, mailing_id).state == MailingState.CANCELLED:
            raise Refused(_("mailing {id} was cancelled: nothing of it is sent any more").format(id=mailing_id))
        if connection.execute(select(mailings.c.id).where(mailings.c.id == mailing_id, stale())).first():
            raise Refused(_("the news of mailing {id} is stale: nothing of it is sent any more").format(id=mailing_id))
        count = _decide(connection, mailing_id, delivery_ids, State.QUEUED)
        connection.execute(
            update(mailings)
            .where(mailings.c.id == mailing_id, mailings.c.state == MailingState.DONE)
            .values(state=MailingState.SENDING, closed_at=None)
        )
        return count


def assume_accepted(engine: Engine, mailing_id: int, delivery_ids: Sequence[int]) -> int:
    """Take these, those still in doubt, for accepted; how many. Their row keeps saying that no reply was read."""
    with engine.begin() as connection:
        return _decide(connection, mailing_id, delivery_ids, State.ACCEPTED)


def _decide(connection: Connection, mailing_id: int, delivery_ids: Sequence[int], becomes: State) -> int:
    changed = 0
    for start in range(0, len(delivery_ids), 500):  # SQLite limits the parameters of a statement
        statement = (
            update(deliveries)
            .where(
                deliveries.c.mailing_id == mailing_id,
                deliveries.c.id.in_(delivery_ids[start : start + 500]),
                deliveries.c.state == State.IN_DOUBT,
            )
            .values(state=becomes, changed_at=moment())
        )
        changed += connection.execute(statement).rowcount
    return changed
