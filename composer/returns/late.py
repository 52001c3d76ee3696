"""Deliveries of which something came back before the ledger had them as accepted, and that it has now.

A relay may bounce a letter while its acceptance is still on the way to the ledger: the database was away, the worker
was killed, a log or a person settled the doubt since. What follows of the message was done when it came (``acts``);
here the row follows.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, select, update

from composer.database import db_now, read_only
from composer.delivery.tables import deliveries
from composer.returns.acts import BECOMES
from composer.returns.tables import returned

#: Days of messages that are looked at, and rows of one transaction.
_DAYS, _AT_ONCE = 30, 500


def move_late(engine: Engine) -> int:
    """Set them to ``bounced`` or ``complained``; return how many. Where there are none, nothing is written."""
    moved = 0
    for kind, (becomes, leaves) in BECOMES.items():
        of_row = (
            deliveries.c.mailing_id == returned.c.mailing_id,
            deliveries.c.subscriber_id == returned.c.subscriber_id,
        )
        late = (
            select(deliveries.c.id)
            .join(returned, of_row[0] & of_row[1])
            .where(
                returned.c.kind == kind,
                returned.c.at > db_now(-timedelta(days=_DAYS).total_seconds()),
                deliveries.c.state.in_(leaves),
            )
        )
        with read_only(engine).connect() as connection:
            ids = list(connection.execute(late).scalars())
        for start in range(0, len(ids), _AT_ONCE):
            with engine.begin() as connection:
                some = update(deliveries).where(
                    deliveries.c.id.in_(ids[start : start + _AT_ONCE]), deliveries.c.state.in_(leaves)
                )
                moved += connection.execute(some.values(state=becomes, changed_at=db_now())).rowcount
    return moved
