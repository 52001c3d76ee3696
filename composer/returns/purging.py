"""What leaves the ledger of what came back: with the deliveries that retention turns into counts, with a reader."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, and_, delete, exists, func, select, tuple_, update

from composer.delivery.tables import deliveries
from composer.returns.return_act import ReturnAct
from composer.returns.tables import DOMAIN_DIGEST, returned


def purge_returned(connection: Connection, most: int) -> int:
    """Delete at most ``most`` rows that lead to a reader and have lost their delivery; return how many."""
    key = returned.c.mailing_id, returned.c.subscriber_id, returned.c.kind
    theirs = and_(
        deliveries.c.mailing_id == returned.c.mailing_id, deliveries.c.subscriber_id == returned.c.subscriber_id
    )
    gone = select(*key).where(~exists().where(theirs)).limit(most)
    return connection.execute(delete(returned).where(tuple_(*key).in_(gone))).rowcount


def blank_provider(engine: Engine, subscriber_id: int) -> int:
    """Of a forgotten reader, blank the digest of their domain, and let go what is held; return how many rows changed.

    A family's own domain names its readers.
    """
    theirs = returned.c.subscriber_id == subscriber_id
    with engine.begin() as connection:
        held = update(returned).where(theirs, returned.c.act == ReturnAct.HELD).values(act=ReturnAct.FREED)
        connection.execute(held)
        digests = update(returned).where(theirs, func.length(returned.c.provider) == DOMAIN_DIGEST)
        return connection.execute(digests.values(provider="")).rowcount
