"""The operator's commands on a mailing: pause, resume, cancel, release."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Case, ColumnElement, Engine, case, update

from composer.database import db_now
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import find, sweep, unclaim_mailing
from composer.delivery.limits.rate_limits import ask_again
from composer.delivery.state import LIVE, MailingState
from composer.delivery.tables import mailings
from composer.errors import Refused
from composer.locale import gettext as _


def pause(engine: Engine, mailing_id: int, reason: str | None = None) -> None:
    """Stop sending this mailing. Messages already in flight still get their final dot and their reply."""
    _turn(engine, mailing_id, LIVE, MailingState.PAUSED, reason=reason)


def resume(engine: Engine, mailing_id: int) -> None:
    """Go back to the state before the pause: canaries only, if the others were still held back.

    Relays and providers that refused our configuration are tried again at once, since the operator has corrected it.
    For a mailing that is being sent, every suspended rate is lifted, including those that blocked us.
    """
    with engine.begin() as connection:
        sent = find(connection, mailing_id).state in LIVE
        if ask_again(connection, blocked=sent) and sent:
            return
    _turn(engine, mailing_id, (MailingState.PAUSED,), queue_again(), rollback_id=None)


def cancel(engine: Engine, mailing_id: int, reason: str | None = None) -> None:
    """Cancel for good. Accepted messages are out; waiting ones are cancelled; those in flight still get their reply."""
    _turn(engine, mailing_id, (*LIVE, MailingState.PAUSED), MailingState.CANCELLED, reason=reason, closed_at=db_now())


def release(engine: Engine, mailing_id: int) -> None:
    """End the canary hold: all other messages leave now, even if a refused canary had paused the mailing."""
    _turn(
        engine,
        mailing_id,
        (MailingState.CANARY, MailingState.PAUSED),
        MailingState.SENDING,
        mailings.c.canary_until.is_not(None),
        canary_until=None,
        rollback_id=None,
    )


def queue_again() -> Case[Any]:
    """SQL: the state in which a paused mailing resumes."""
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
    """Change the mailing's state. Raises ``Refused``, and changes nothing, if its present state does not allow it."""
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
            wanted = state_word(becomes if isinstance(becomes, MailingState) else MailingState.SENDING)
            if said == wanted:
                raise Refused(_("mailing {id} is {state} already").format(id=mailing_id, state=said))
            refusal = _("mailing {id} is {state}: it cannot become {becomes}")
            raise Refused(refusal.format(id=mailing_id, state=said, becomes=wanted))
    # The new state is committed and holds on every host. What follows is slow when a million rows are cancelled or a
    # frozen host locks some, so it has its own transaction; workers do it too.
    with engine.begin() as connection:
        if becomes in (MailingState.PAUSED, MailingState.CANCELLED):
            unclaim_mailing(connection, mailing_id)
        sweep(connection)
