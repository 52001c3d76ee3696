"""The ledger reader by reader, and what a person decides: to send again, or to take a doubt for accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, or_, select, update

from composer.clock import now
from composer.database import moment
from composer.delivery.ledger import stale
from composer.delivery.mailings import find
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


@dataclass(frozen=True)
class Choice:
    """Deliveries that may be sent again; ``doubled`` of their readers may then have two messages.

    ``left`` are the others, each (address, state), or (address, ``gone``): who left, was suppressed or was forgotten.
    """

    ids: Sequence[int]
    doubled: int
    left: Sequence[tuple[str, str]]


def rows(
    connection: Connection, mailing_id: int, state: State | None = None, emails: Sequence[str] = ()
) -> Sequence[Row[Any]]:
    """The deliveries of a mailing, in order. Raises ``Refused`` where there is no such mailing, or nobody of a given
    address in it."""
    find(connection, mailing_id)
    query = select(deliveries).where(deliveries.c.mailing_id == mailing_id).order_by(deliveries.c.id)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    wanted = {email.strip().lower(): email for email in emails}
    if wanted:
        query = query.where(func.lower(deliveries.c.email).in_(wanted))
    found = connection.execute(query).all()
    missing = wanted.keys() - {row.email.lower() for row in found} if state is None else ()
    if missing:
        unknown = _("mailing {id} has no delivery to {email}")
        raise Refused(unknown.format(id=mailing_id, email=", ".join(wanted[one] for one in sorted(missing))))
    return found


def choose(connection: Connection, mailing_id: int, chosen: Sequence[Row[Any]], *, force: bool = False) -> Choice:
    """Which of ``chosen`` may be sent again: in doubt, deferred, rejected, and those of a reader who came back; the
    accepted only with ``force``; nobody who is no recipient now, whatever is forced."""
    publication = find(connection, mailing_id).publication
    reachable = _reachable(connection, publication, [row.subscriber_id for row in chosen])
    ids, doubled, left = [], 0, []
    for row in chosen:
        if row.state not in _allowed(force):
            left.append((row.email or "–", str(row.state)))
        elif row.subscriber_id not in reachable:
            left.append((row.email or "–", "gone"))
        else:
            ids.append(row.id)
            doubled += row.state in _MAY_BE_OUT
    return Choice(ids, doubled, left)


def _allowed(force: bool) -> tuple[State, ...]:
    return (*_NOT_OUT, *_MAY_BE_OUT) if force else (*_NOT_OUT, State.IN_DOUBT)


def resend(engine: Engine, mailing_id: int, delivery_ids: Sequence[int], *, force: bool = False) -> int:
    """Queue these again, those that may be (as in ``choose``); how many.

    What was accepted or in doubt goes out as the same bytes with the same Message-ID; the others in the edition that is
    sent now. A mailing that was done goes on. Raises ``Refused`` where it was cancelled.
    """
    with engine.begin() as connection:
        if find(connection, mailing_id).state == MailingState.CANCELLED:
            raise Refused(_("mailing {id} was cancelled: nothing of it is sent any more").format(id=mailing_id))
        if connection.execute(select(mailings.c.id).where(mailings.c.id == mailing_id, stale())).first():
            raise Refused(_("the news of mailing {id} is stale: nothing of it is sent any more").format(id=mailing_id))
        values = {
            "state": State.QUEUED,
            "not_before": None,
            "deferrals": 0,
            "pinned": or_(deliveries.c.pinned, deliveries.c.state.in_(_MAY_BE_OUT)),
        }
        count = _turn(connection, mailing_id, delivery_ids, _allowed(force), values)
        connection.execute(
            update(mailings)
            .where(mailings.c.id == mailing_id, mailings.c.state == MailingState.DONE)
            .values(state=MailingState.SENDING, closed_at=None)
        )
        return count


def assume_accepted(engine: Engine, mailing_id: int, delivery_ids: Sequence[int]) -> int:
    """Take these, those still in doubt, for accepted; how many. Their row keeps saying that no reply was read."""
    with engine.begin() as connection:
        return _turn(connection, mailing_id, delivery_ids, (State.IN_DOUBT,), {"state": State.ACCEPTED})


def _turn(
    connection: Connection, mailing_id: int, ids: Sequence[int], states: Sequence[State], values: Mapping[str, object]
) -> int:
    these = and_(deliveries.c.mailing_id == mailing_id, deliveries.c.state.in_(states))
    changed = 0
    for part in _parts(ids):
        statement = update(deliveries).where(these, deliveries.c.id.in_(part))
        changed += connection.execute(statement.values({**values, "changed_at": moment()})).rowcount
    return changed


def _reachable(connection: Connection, publication: str, subscriber_ids: Sequence[int]) -> set[int]:
    wanted = recipients(publication, now()).order_by(None)
    return {
        subscriber
        for part in _parts(subscriber_ids)
        for subscriber in connection.execute(wanted.where(subscribers.c.id.in_(part))).scalars()
    }


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """SQLite limits the parameters of a statement."""
    for start in range(0, len(ids), 500):
        yield ids[start : start + 500]
