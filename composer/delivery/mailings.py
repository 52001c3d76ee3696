"""Mailings as the operator turns them: pause, resume, cancel, release; and when one is done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Case, ColumnElement, Connection, Engine, Row, and_, case, func, or_, select, update

from composer.database import moment, reading
from composer.delivery.folded import counted
from composer.delivery.ledger import stale
from composer.delivery.paces import ask_again
from composer.delivery.state import LIVE, OPEN, MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.delivery.words import state_word
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
    with reading(engine).connect() as connection:
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


def pause(engine: Engine, mailing_id: int, reason: str | None = None) -> None:
    """No dot is written for this mailing from now on, except of messages already in flight."""
    _turn(engine, mailing_id, LIVE, MailingState.PAUSED, reason=reason)


def resume(engine: Engine, mailing_id: int) -> None:
    """Go on as before the pause: with the canaries alone, where the others were still held back.

    Relays and providers that refused our configuration are asked again at once: somebody has mended it. For a mailing
    that is being sent all that is quiet is asked again, those that shut us out too.
    """
    with engine.begin() as connection:
        sent = find(connection, mailing_id).state in LIVE
        if ask_again(connection, blocked=sent) and sent:
            return
    _turn(engine, mailing_id, (MailingState.PAUSED,), again())


def cancel(engine: Engine, mailing_id: int, reason: str | None = None) -> None:
    """For good. What was accepted is out; what was not is cancelled; what is in flight still gets its answer."""
    _turn(engine, mailing_id, (*LIVE, MailingState.PAUSED), MailingState.CANCELLED, reason=reason, closed_at=moment())


def release(engine: Engine, mailing_id: int) -> None:
    """The canaries were good: everybody else's messages leave now, also where a canary had it paused."""
    _turn(
        engine,
        mailing_id,
        (MailingState.CANARY, MailingState.PAUSED),
        MailingState.SENDING,
        mailings.c.canary_until.is_not(None),
        canary_until=None,
    )


def again() -> Case[Any]:
    """The state that a paused mailing goes on in."""
    held = mailings.c.canary_until.is_not(None)
    return case((held, MailingState.CANARY.value), else_=MailingState.SENDING.value)


def _turn(
    engine: Engine,
    mailing_id: int,
    allowed: tuple[MailingState, ...],
    becomes: MailingState | Case[Any],
    *where: ColumnElement[bool],
    **values: object,
) -> None:
    """Raises ``Refused``, and changes nothing, where the mailing's state does not allow it."""
    with engine.begin() as connection:
        statement = (
            update(mailings)
            .where(mailings.c.id == mailing_id, mailings.c.state.in_(allowed), *where)
            .values({"state": becomes, "reason": None} | values)
        )
        if connection.execute(statement).rowcount == 0:
            said = state_word(find(connection, mailing_id).state)
            if where:
                raise Refused(_("mailing {id} holds nothing back: it is {state}").format(id=mailing_id, state=said))
            refusal = _("mailing {id} is {state}: it cannot become {becomes}")
            wanted = becomes if isinstance(becomes, MailingState) else MailingState.SENDING
            raise Refused(refusal.format(id=mailing_id, state=said, becomes=state_word(wanted)))
    # It holds from here on, on every host. What follows takes long where a million rows are cancelled, or where a host
    # that froze holds some; workers do it too.
    with engine.begin() as connection:
        if becomes in (MailingState.PAUSED, MailingState.CANCELLED):
            give_back(connection, mailing_id)
        sweep(connection)


def give_back(connection: Connection, mailing_id: int) -> int:
    """Queue again what workers of any host have claimed of a mailing, and not marked; how many.

    Whoever holds one finds at the last look that it is not theirs any more: the attempt says so.
    """
    # A row that is being marked at this moment answers for itself: waiting for it could be waiting for each other.
    held = select(deliveries.c.id).where(deliveries.c.mailing_id == mailing_id, deliveries.c.state == State.CLAIMED)
    claimed = (
        update(deliveries)
        .where(deliveries.c.id.in_(held.with_for_update(skip_locked=True)))
        .values(state=State.QUEUED, worker_id=None, changed_at=moment())
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
            .values(state=becomes, changed_at=moment())
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
        .values(state=MailingState.DONE, closed_at=moment())
        .returning(mailings.c.id)
    )
    return list(connection.execute(done).scalars())


def waiting(connection: Connection) -> bool:
    """Whether any mailing is still being sent."""
    return connection.execute(select(mailings.c.id).where(mailings.c.state.in_(LIVE))).first() is not None
