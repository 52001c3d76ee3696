"""Canaries: a few of a mailing's own readers get their messages first, while the others wait for the hold to pass.

They are ordinary deliveries, sent like all others, so they show exactly what every reader will get. Meanwhile the
mailing is in state ``canary``. The hold ends by the database's clock, or earlier when the operator releases or cancels.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, exists, select, update

from composer.clock import now
from composer.database import db_now
from composer.delivery.smtp.reply import Outcome, Scope
from composer.delivery.state import LIVE, MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.locale import gettext as _
from composer.newsroom.model import Canary
from composer.subscribers.address import read_address
from composer.subscribers.address_key import address_keys
from composer.subscribers.recipients import recipients
from composer.subscribers.tables import subscribers

#: A canary in one of these states has not been tried yet; the hold does not end before every canary was tried.
_UNTRIED = (State.QUEUED, State.CLAIMED, State.IN_FLIGHT)


def choose(connection: Connection, mailing_id: int, canary: Canary) -> None:
    """Mark the deliveries of a new mailing that ``canary`` names, and hold the others back.

    Raises ``Refused`` if ``canary`` names none of its readers: all would wait, and no message would be checked.
    """
    named = select(subscribers.c.id).where(subscribers.c.address_key.in_(_keys(connection, canary)))
    theirs = deliveries.c.mailing_id == mailing_id, deliveries.c.subscriber_id.in_(named)
    if connection.execute(update(deliveries).where(*theirs).values(canary=True)).rowcount == 0:
        raise Refused(_none_subscribed())
    connection.execute(
        update(mailings)
        .where(mailings.c.id == mailing_id)
        .values(state=MailingState.CANARY, canary_until=db_now(canary.hold.total_seconds()))
    )


def missing(connection: Connection, publication: str, canary: Canary) -> str | None:
    """Why the next mailing of ``publication`` would not open: ``canary`` names none of its readers. None if it does."""
    named = (
        recipients(publication, now()).order_by(None).where(subscribers.c.address_key.in_(_keys(connection, canary)))
    )
    return None if connection.execute(named.limit(1)).first() else _none_subscribed()


def _keys(connection: Connection, canary: Canary) -> list[str]:
    return list(map(address_keys(connection), map(read_address, canary.to)))


def _none_subscribed() -> str:
    return _(
        "no address of `canary` is a reader of this publication: nothing would leave first. "
        "Subscribe them (filigrane subscribers add), or take `canary` out of the configuration"
    )


def lift_hold(connection: Connection) -> int:
    """Release each mailing with its hold over and every canary tried; return how many mailings."""
    untried = exists().where(
        deliveries.c.mailing_id == mailings.c.id, deliveries.c.canary, deliveries.c.state.in_(_UNTRIED)
    )
    passed = (
        update(mailings)
        .where(mailings.c.state == MailingState.CANARY, mailings.c.canary_until <= db_now(), ~untried)
        .values(state=MailingState.SENDING, canary_until=None)
    )
    return connection.execute(passed).rowcount


def alarm(connection: Connection, settled: Sequence[tuple[int, Outcome]]) -> None:
    """Pause the mailing of each canary in ``settled``, pairs (delivery id, outcome), that met a serious refusal.

    Serious: refused for good, refused because of our configuration or reputation, or throttled. Every other reader's
    message would meet it too.
    """
    for delivery_id, outcome in settled:
        if outcome.state is not State.REJECTED and outcome.scope is not Scope.SITE and outcome.strain is None:
            continue
        hit = select(deliveries.c.mailing_id).where(deliveries.c.id == delivery_id, deliveries.c.canary)
        why = _("a canary was refused, and everybody else waits: {reply}")
        connection.execute(
            update(mailings)
            .where(mailings.c.id.in_(hit), mailings.c.state.in_(LIVE), mailings.c.canary_until.is_not(None))
            .values(state=MailingState.PAUSED, reason=why.format(reply=outcome))
        )
