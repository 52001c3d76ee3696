"""What a person decides of single deliveries: to send again, or to take a doubt for accepted."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, or_, select, update

from composer.clock import now
from composer.database import db_now, read_only
from composer.delivery.ledger.claims import stale
from composer.delivery.ledger.folded import refuse_taken
from composer.delivery.ledger.listing import by_id, parts
from composer.delivery.ledger.mailings import find
from composer.delivery.state import MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers.recipients import recipients
from composer.subscribers.tables import subscribers

#: What a second message could be a duplicate of. It is the same bytes then, whatever was corrected since.
_MAY_BE_OUT = (State.IN_DOUBT, State.ACCEPTED)
#: Nothing of these is out: the relay refused them, or was never asked. The newest edition goes, as to everybody.
_NOT_OUT = (State.DEFERRED, State.REJECTED, State.SUPPRESSED)


#: Addresses of a choice that are told one by one, at most.
TOLD = 500


@dataclass(frozen=True)
class ResendChoice:
    """Deliveries that may be sent again; ``doubled`` of their readers may then have two messages.

    ``left_out`` are the others; the first ``TOLD`` of them are in ``left``, each (address, state), or (address,
    ``gone``): the reader left, was suppressed or was forgotten.
    """

    ids: Sequence[int]
    doubled: int
    left: Sequence[tuple[str, str]]
    left_out: int


def choose(engine: Engine, mailing_id: int, chosen: Sequence[int], *, force: bool = False) -> ResendChoice:
    """Which of the deliveries ``chosen`` may be sent again: in doubt, deferred, rejected, and those of a reader who
    came back; the accepted only with ``force``; to no reader who is no recipient now, whatever is forced.

    Raises ``Refused`` where there is no such mailing, or retention has begun with it.
    """
    with read_only(engine).connect() as connection:
        publication = find(connection, mailing_id).publication
        refuse_taken(connection, mailing_id)
    columns = (deliveries.c.id, deliveries.c.subscriber_id, deliveries.c.email, deliveries.c.state)
    ids, doubled, left, left_out = array("q"), 0, list[tuple[str, str]](), 0
    for some in parts(chosen):
        page = list(by_id(engine, some, columns))
        with read_only(engine).connect() as connection:
            reachable = _reachable(connection, publication, [row.subscriber_id for row in page])
        for row in page:
            if row.state in _allowed(force) and row.subscriber_id in reachable:
                ids.append(row.id)
                doubled += row.state in _MAY_BE_OUT
                continue
            left_out += 1
            if len(left) < TOLD:
                left.append((row.email or "–", "gone" if row.state in _allowed(force) else str(row.state)))
    return ResendChoice(ids, doubled, left, left_out)


def _allowed(force: bool) -> tuple[State, ...]:
    return (*_NOT_OUT, *_MAY_BE_OUT) if force else (*_NOT_OUT, State.IN_DOUBT)


def resend(engine: Engine, mailing_id: int, delivery_ids: Sequence[int], *, force: bool = False) -> int:
    """Queue these again, those that may be (as in ``choose``); how many.

    What was accepted or in doubt goes out as the same bytes with the same Message-ID; the others in the edition that is
    sent now. A mailing that was done goes on. Raises ``Refused`` where it was cancelled.
    """
    changed = 0
    values = {
        "state": State.QUEUED,
        "not_before": None,
        "deferrals": 0,
        "pinned": or_(deliveries.c.pinned, deliveries.c.state.in_(_MAY_BE_OUT)),
    }
    for some in parts(delivery_ids):  # each in a transaction of its own: senders write in between
        with engine.begin() as connection:
            if find(connection, mailing_id).state == MailingState.CANCELLED:
                raise Refused(_("mailing {id} was cancelled: nothing of it is sent any more").format(id=mailing_id))
            refuse_taken(connection, mailing_id)
            if connection.execute(select(mailings.c.id).where(mailings.c.id == mailing_id, stale())).first():
                raise Refused(
                    _("the news of mailing {id} is stale: nothing of it is sent any more").format(id=mailing_id)
                )
            changed += _turn(connection, mailing_id, some, _allowed(force), values)
            connection.execute(
                update(mailings)
                .where(mailings.c.id == mailing_id, mailings.c.state == MailingState.DONE)
                .values(state=MailingState.SENDING, closed_at=None)
            )
    return changed


def assume_accepted(engine: Engine, mailing_id: int, delivery_ids: Sequence[int]) -> int:
    """Take these, those still in doubt, for accepted; how many. Their row keeps saying that no reply was read."""
    changed = 0
    for some in parts(delivery_ids):
        with engine.begin() as connection:
            changed += _turn(connection, mailing_id, some, (State.IN_DOUBT,), {"state": State.ACCEPTED})
    return changed


def _turn(
    connection: Connection, mailing_id: int, ids: Sequence[int], states: Sequence[State], values: Mapping[str, object]
) -> int:
    statement = update(deliveries).where(
        deliveries.c.mailing_id == mailing_id, deliveries.c.state.in_(states), deliveries.c.id.in_(list(ids))
    )
    return connection.execute(statement.values({**values, "changed_at": db_now()})).rowcount


def _reachable(connection: Connection, publication: str, subscriber_ids: Sequence[int]) -> set[int]:
    wanted = recipients(publication, now()).order_by(None).where(subscribers.c.id.in_(subscriber_ids))
    return set(connection.execute(wanted.with_only_columns(subscribers.c.id)).scalars())
