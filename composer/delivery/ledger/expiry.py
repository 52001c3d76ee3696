"""When the news of a mailing is stale. What waits then is not claimed any more, and expires once a tick says so.

The ledger's clock alone is not believed: one that leaps ahead would expire a whole mailing within seconds. A tick knows
the time of the one before it, and gives its word (``expire``) only where no long gap lies between them; otherwise it
pauses the mailing (``spare``).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from composer.database import db_now
from composer.delivery.state import NOT_OVER, MailingState
from composer.delivery.tables import mailings

#: Seconds that a mailing has left at least, once it was spared.
_LEAST = 60.0


def stale() -> ColumnElement[bool]:
    """SQL condition: the mailing's ``expires_at`` has passed, by the database's clock."""
    return and_(mailings.c.expires_at.is_not(None), mailings.c.expires_at <= db_now())


def expire(connection: Connection, *, upto: datetime | None = None, only: int | None = None) -> list[int]:
    """Set ``expired_at`` of the open mailings whose ``expires_at`` has passed, and is ``upto`` or earlier; return their
    ids.

    ``mailings.sweep`` then expires what waits in them. ``only`` is the id of the one mailing meant.
    """
    late = and_(mailings.c.state.in_(NOT_OVER), mailings.c.expired_at.is_(None), stale())
    if upto is not None:
        late = and_(late, mailings.c.expires_at <= upto)
    if only is not None:
        late = and_(late, mailings.c.id == only)
    given = update(mailings).where(late).values(expired_at=db_now()).returning(mailings.c.id)
    return sorted(connection.execute(given).scalars())


def spare(connection: Connection, before: datetime, why: str) -> list[int]:
    """Pause each open mailing that would be stale only by the time since ``before``, the last tick; return their ids.

    It keeps the time that it had left at ``before``. A reason for which it was paused already stays.
    """
    expire(connection, upto=before)
    late = select(mailings.c.id, mailings.c.expires_at).where(
        mailings.c.state.in_(NOT_OVER), mailings.c.expired_at.is_(None), stale()
    )
    found = connection.execute(late.order_by(mailings.c.id)).all()
    for mailing in found:
        left = max(_LEAST, (mailing.expires_at - before).total_seconds())
        paused = {"state": MailingState.PAUSED, "reason": func.coalesce(mailings.c.reason, why)}
        spared = update(mailings).where(mailings.c.id == mailing.id)
        connection.execute(spared.values(expires_at=db_now(left), **paused))
    return [mailing.id for mailing in found]


def renew(connection: Connection, mailing_id: int) -> None:
    """Give a stale mailing as much time again as it had when it was opened; no other mailing is changed.

    The caller has expired what waits in it before (``mailings.sweep``): only what is resent leaves.
    """
    mailing = connection.execute(select(mailings).where(mailings.c.id == mailing_id)).one()
    lifetime = max(_LEAST, (mailing.expires_at - mailing.opened_at).total_seconds())
    renewed = update(mailings).where(mailings.c.id == mailing_id)
    connection.execute(renewed.values(expires_at=db_now(lifetime), expired_at=None))
