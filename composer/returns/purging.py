"""What came back of deliveries that retention turned into counts leaves the ledger with them."""

from __future__ import annotations

from sqlalchemy import Connection, and_, delete, exists, select, tuple_

from composer.delivery.tables import deliveries
from composer.returns.tables import returned


def purge_returned(connection: Connection, most: int) -> int:
    """Delete at most ``most`` rows that lead to a reader and have lost their delivery; return how many."""
    key = returned.c.mailing_id, returned.c.subscriber_id, returned.c.kind
    theirs = and_(
        deliveries.c.mailing_id == returned.c.mailing_id, deliveries.c.subscriber_id == returned.c.subscriber_id
    )
    gone = select(*key).where(~exists().where(theirs)).limit(most)
    return connection.execute(delete(returned).where(tuple_(*key).in_(gone))).rowcount
