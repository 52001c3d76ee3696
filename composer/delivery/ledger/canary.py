"""Canaries: a few of a mailing's own readers, whose messages leave first, while the others wait for the hold to pass.

They are ordinary deliveries, in the same ledger and by the same gates: what they show is what everybody will get. Their
mailing is ``canary`` meanwhile, which the hold ends by the database's clock, and a person by one command, either way.
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
from composer.subscribers.recipients import recipients
from composer.subscribers.tables import subscribers

#: A canary in one of these has not been tried yet: the hold does not pass before it was, however late the worker is.
_UNTRIED = (State.QUEUED, State.CLAIMED, State.IN_FLIGHT)


def choose(connection: Connection, mailing_id: int, canary: Canary) -> None:
    """Make canaries of those deliveries of a new mailing that ``canary`` names, and hold the others back.

    Raises ``Refused`` where it names nobody among them: nobody would look, and everybody would wait.
    """
    named = select(subscribers.c.id).where(subscribers.c.address_key.in_(_keys(canary)))
    theirs = deliveries.c.mailing_id == mailing_id, deliveries.c.subscriber_id.in_(named)
    if connection.execute(update(deliveries).where(*theirs).values(canary=True)).rowcount == 0:
        raise Refused(_nobody())
    connection.execute(
        update(mailings)
        .where(mailings.c.id == mailing_id)
        .values(state=MailingState.CANARY, canary_until=db_now(canary.hold.total_seconds()))
    )


def missing(connection: Connection, publication: str, canary: Canary) -> str | None:
    """Why the next mailing of ``publication`` would not open: none of ``canary`` is its reader. None where one is."""
    named = recipients(publication, now()).order_by(None).where(subscribers.c.address_key.in_(_keys(canary)))
    return None if connection.execute(named.limit(1)).first() else _nobody()


def _keys(canary: Canary) -> list[str]:
    return [read_address(address).key for address in canary.to]


def _nobody() -> str:
    return _(
        "no address of `canary` is a reader of this publication: nothing would leave first. "
        "Subscribe them (filigrane subscribers add), or take `canary` out of the configuration"
    )


def lift_hold(connection: Connection) -> int:
    """Let everybody's messages leave where the hold has passed and every canary was tried; of how many mailings."""
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
    """Pause the mailing of each delivery in ``settled`` (its id, what became of it) that is a canary and fared ill.

    Ill is refused for good, refused for what we are, or throttled: everybody else would hear it too.
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
