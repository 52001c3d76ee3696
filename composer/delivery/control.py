"""What the operator does to a mailing: pause, resume, cancel, release."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Case, ColumnElement, Engine, case, update

from composer.database import db_now
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import find, give_back, sweep
from composer.delivery.limits.rate_limits import ask_again
from composer.delivery.state import LIVE, MailingState
from composer.delivery.tables import mailings
from composer.errors import Refused
from composer.locale import gettext as _


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
    _turn(engine, mailing_id, (MailingState.PAUSED,), queue_again())


def cancel(engine: Engine, mailing_id: int, reason: str | None = None) -> None:
    """For good. What was accepted is out; what was not is cancelled; what is in flight still gets its answer."""
    _turn(engine, mailing_id, (*LIVE, MailingState.PAUSED), MailingState.CANCELLED, reason=reason, closed_at=db_now())


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


def queue_again() -> Case[Any]:
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
