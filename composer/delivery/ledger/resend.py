"""The operator's decisions on single deliveries: send again, or assume that one in doubt was accepted."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, or_, select, update

from composer.clock import now
from composer.database import db_now, read_only
from composer.delivery.ledger.expiry import expire, renew, stale
from composer.delivery.ledger.folded import refuse_taken
from composer.delivery.ledger.listing import by_id, parts
from composer.delivery.ledger.mailings import find, sweep
from composer.delivery.state import MailingState, State
from composer.delivery.tables import deliveries, mailings
from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers.recipients import recipients
from composer.subscribers.tables import subscribers

#: The reader may already have this message: a second one has the same bytes, whatever was corrected since.
_MAY_BE_OUT = (State.IN_DOUBT, State.ACCEPTED)
#: The reader does not have this message: the relay refused it or never got it. The newest edition is sent.
_NOT_OUT = (State.DEFERRED, State.REJECTED, State.SUPPRESSED)


#: Maximum number of addresses listed one by one.
TOLD = 500


@dataclass(frozen=True)
class ResendChoice:
    """``ids`` of deliveries that may be sent again; ``doubled`` of their readers may have a message of it already, and
    ``stale`` of them did not get it because its news was stale.

    ``left_out`` is the number of the others; ``left`` lists the first ``TOLD`` of them as (address, state), or
    (address, ``gone``) if the reader left, was suppressed or was forgotten.
    """

    ids: Sequence[int]
    doubled: int
    stale: int
    left: Sequence[tuple[str, str]]
    left_out: int


def choose(engine: Engine, mailing_id: int, chosen: Sequence[int], *, force: bool = False) -> ResendChoice:
    """Which of the deliveries ``chosen`` may be sent again: in doubt, deferred, rejected, or suppressed; accepted and
    expired ones only with ``force``. Never those of a reader that is not a recipient now, even with ``force``.

    Raises ``Refused`` if there is no such mailing, or retention has begun with it.
    """
    with read_only(engine).connect() as connection:
        publication = find(connection, mailing_id).publication
        refuse_taken(connection, mailing_id)
    columns = (deliveries.c.id, deliveries.c.subscriber_id, deliveries.c.email, deliveries.c.state, deliveries.c.pinned)
    ids, doubled, expired, left, left_out = array("q"), 0, 0, list[tuple[str, str]](), 0
    for some in parts(chosen):
        page = list(by_id(engine, some, columns))
        with read_only(engine).connect() as connection:
            reachable = _reachable(connection, publication, [row.subscriber_id for row in page])
        for row in page:
            if row.state in _allowed(force) and row.subscriber_id in reachable:
                ids.append(row.id)
                doubled += row.pinned or row.state in _MAY_BE_OUT
                expired += row.state == State.EXPIRED
                continue
            left_out += 1
            if len(left) < TOLD:
                left.append((row.email or "–", "gone" if row.state in _allowed(force) else str(row.state)))
    return ResendChoice(ids, doubled, expired, left, left_out)


def _allowed(force: bool) -> tuple[State, ...]:
    return (*_NOT_OUT, *_MAY_BE_OUT, State.EXPIRED) if force else (*_NOT_OUT, State.IN_DOUBT)


def resend(engine: Engine, mailing_id: int, delivery_ids: Sequence[int], *, force: bool = False) -> int:
    """Queue again those of ``delivery_ids`` in a state that may be sent again (as in ``choose``); return how many.

    Deliveries accepted or in doubt go out as the same bytes with the same Message-ID, the others in the present
    edition. A mailing that was done is sent again. Raises ``Refused`` if it was cancelled, is stale, or retention has
    begun with it. With ``force`` a stale one gets its time again, for these deliveries alone.
    """
    changed = 0
    values = {
        "state": State.QUEUED,
        "not_before": None,
        "deferrals": 0,
        "pinned": or_(deliveries.c.pinned, deliveries.c.state.in_(_MAY_BE_OUT)),
    }
    for some in parts(delivery_ids):  # each in its own transaction, so that workers can write in between
        with engine.begin() as connection:
            if find(connection, mailing_id).state == MailingState.CANCELLED:
                raise Refused(said_cancelled(mailing_id))
            refuse_taken(connection, mailing_id)
            if connection.execute(select(mailings.c.id).where(mailings.c.id == mailing_id, stale())).first():
                if not force:
                    raise Refused(said_stale(mailing_id))
                expire(connection, only=mailing_id)
                sweep(connection)  # what waits in it expires: only what is asked for leaves
                renew(connection, mailing_id)
            changed += _turn(connection, mailing_id, some, _allowed(force), values)
            connection.execute(
                update(mailings)
                .where(mailings.c.id == mailing_id, mailings.c.state == MailingState.DONE)
                .values(state=MailingState.SENDING, closed_at=None)
            )
    return changed


def said_cancelled(mailing_id: int) -> str:
    return _("mailing {id} was cancelled: nothing of it is sent any more").format(id=mailing_id)


def said_stale(mailing_id: int) -> str:
    """Message for a mailing with stale news, with the command that sends it all the same."""
    return _(
        "the news of mailing {id} is stale: nothing of it is sent any more. To send it all the same to the readers who "
        "did not get it: filigrane deliveries {id} --resend --state expired --force"
    ).format(id=mailing_id)


def assumable(mailing_state: str) -> tuple[State, ...]:
    """The states from which ``--assume-accepted`` may set a delivery to accepted: ``in_doubt``; while the mailing is
    paused, also ``queued`` and ``deferred``."""
    waiting = (State.QUEUED, State.DEFERRED) if mailing_state == MailingState.PAUSED else ()
    return (State.IN_DOUBT, *waiting)


def assume_accepted(engine: Engine, mailing_id: int, delivery_ids: Sequence[int], *, waiting: bool = False) -> int:
    """Set those still in doubt to accepted; return how many. Their rows still say that no reply was read.

    With ``waiting``, of a mailing that is still paused also those that are to be sent (``assumable``).
    """
    changed = 0
    for some in parts(delivery_ids):
        with engine.begin() as connection:
            mailing = select(mailings.c.state).where(mailings.c.id == mailing_id).with_for_update()
            state = connection.execute(mailing).scalar_one()
            states = assumable(state) if waiting else (State.IN_DOUBT,)
            changed += _turn(connection, mailing_id, some, states, {"state": State.ACCEPTED, "not_before": None})
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
