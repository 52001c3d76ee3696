"""Mailings as the operator sees them: progress, pause, resume, cancel; and when one is done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, or_, select, update

from composer.database import moment, reading
from composer.delivery.ledger import stale
from composer.delivery.state import OPEN, MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.locale import gettext as _


def find(connection: Connection, mailing_id: int) -> Row[Any]:
    """The mailing's row. Raises ``Refused`` where there is none."""
    row = connection.execute(select(mailings).where(mailings.c.id == mailing_id)).one_or_none()
    if row is None:
        raise Refused(_("there is no mailing {id}; `filigrane mailings` lists them").format(id=mailing_id))
    return row


def outcomes(engine: Engine, mailing_id: int) -> dict[str, int]:
    """How many deliveries are in each state; states with none are left out."""
    with reading(engine).connect() as connection:
        return counts(connection, [mailing_id]).get(mailing_id, {})


def counts(connection: Connection, mailing_ids: list[int]) -> dict[int, dict[str, int]]:
    """The same for several mailings."""
    rows = connection.execute(
        select(deliveries.c.mailing_id, deliveries.c.state, func.count())
        .where(deliveries.c.mailing_id.in_(mailing_ids))
        .group_by(deliveries.c.mailing_id, deliveries.c.state)
    )
    found: dict[int, dict[str, int]] = {}
    for mailing_id, state, number in rows:
        found.setdefault(mailing_id, {})[state] = number
    return found


def pause(engine: Engine, mailing_id: int, reason: str | None = None) -> None:
    """No dot is written for this mailing from now on, except of messages already in flight."""
    _turn(engine, mailing_id, (MailingState.SENDING,), MailingState.PAUSED, reason)


def resume(engine: Engine, mailing_id: int) -> None:
    _turn(engine, mailing_id, (MailingState.PAUSED,), MailingState.SENDING, None)


def cancel(engine: Engine, mailing_id: int, reason: str | None = None) -> None:
    """For good. What was accepted is out; what was not is cancelled; what is in flight still gets its answer."""
    _turn(engine, mailing_id, (MailingState.SENDING, MailingState.PAUSED), MailingState.CANCELLED, reason)


def _turn(
    engine: Engine, mailing_id: int, allowed: tuple[MailingState, ...], becomes: MailingState, reason: str | None
) -> None:
    """Raises ``Refused``, and changes nothing, where the mailing's state does not allow it."""
    with engine.begin() as connection:
        statement = (
            update(mailings)
            .where(mailings.c.id == mailing_id, mailings.c.state.in_(allowed))
            .values(state=becomes, reason=reason)
        )
        if becomes is MailingState.CANCELLED:
            statement = statement.values(closed_at=moment())
        if connection.execute(statement).rowcount == 0:
            state = find(connection, mailing_id).state
            raise Refused(
                _("mailing {id} is {state}: it cannot become {becomes}").format(
                    id=mailing_id, state=state, becomes=becomes
                )
            )
        sweep(connection)


def sweep(connection: Connection) -> list[int]:
    """What waits in cancelled mailings is cancelled, in stale ones expired; then those in which nothing is open any
    more are closed; the ids of these."""
    cancelled = mailings.c.state == MailingState.CANCELLED
    late = and_(mailings.c.state.in_((MailingState.SENDING, MailingState.PAUSED)), stale())
    for condition, becomes in ((cancelled, State.CANCELLED), (late, State.EXPIRED)):
        connection.execute(
            update(deliveries)
            .where(
                deliveries.c.mailing_id.in_(select(mailings.c.id).where(condition)),
                deliveries.c.state.in_((State.QUEUED, State.DEFERRED)),
            )
            .values(state=becomes, changed_at=moment())
        )
    still = select(deliveries.c.id).where(deliveries.c.mailing_id == mailings.c.id, deliveries.c.state.in_(OPEN))
    done = (
        update(mailings)
        .where(or_(mailings.c.state == MailingState.SENDING, late), ~still.exists())
        .values(state=MailingState.DONE, closed_at=moment())
        .returning(mailings.c.id)
    )
    return list(connection.execute(done).scalars())


def waiting(connection: Connection) -> bool:
    """Whether any mailing is still being sent."""
    return connection.execute(select(mailings.c.id).where(mailings.c.state == MailingState.SENDING)).first() is not None
