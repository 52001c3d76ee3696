"""Erasing a reader's address from the ledger (GDPR, article 17), with what the relay said of it: the rows and their
outcomes stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Select, or_, select, update

from composer.database import advisory_lock, read_only
from composer.delivery.ledger.listing import parts
from composer.delivery.tables import deliveries, mailings

#: Name of the lock held while a mailing opens. On PostgreSQL an opening may have read its readers before this one was
#: forgotten and commit afterwards, so an erasure waits for it.
OPENING = "opening a mailing"

#: Mailings a query, and rows a transaction, which takes some milliseconds, most of them for the disk.
_LOOK, _ROWS = 500, 25


def erase_address(engine: Engine, subscriber_id: int) -> int:
    """Erase a reader's address, and the words of replies, from every delivery, whatever its state; return how many had
    one.

    The caller has committed the forgetting of the reader before: mailings opened from now on do not include the reader,
    and ``claims.mark`` stops messages under way. Rows are found mailing by mailing, outside any write transaction, and
    erased a few at a time. If interrupted, running it again completes it.
    """
    erased = 0
    for some in parts(_mailings(engine), _LOOK):
        with read_only(engine).connect() as connection:
            holding = connection.execute(addressed(some, subscriber_id)).scalars().all()
        for ids in parts(holding, _ROWS):
            with engine.begin() as connection:
                rows = update(deliveries).where(deliveries.c.id.in_(list(ids)))
                erased += connection.execute(rows.values(email=None, reply_text=None)).rowcount
    return erased


def _mailings(engine: Engine) -> list[int]:
    """Ids of all mailings, after openings under way have ended (on SQLite, with its one writer, there are none)."""
    with read_only(engine).connect() as connection:
        advisory_lock(connection, OPENING)
        return list(connection.execute(select(mailings.c.id).order_by(mailings.c.id)).scalars())


def addressed(mailing_ids: Sequence[int], subscriber_id: int) -> Select[Any]:
    """Ids of a reader's deliveries with the address or a reply: one lookup in UNIQUE(mailing, subscriber) a mailing."""
    return select(deliveries.c.id).where(
        deliveries.c.mailing_id.in_(mailing_ids),
        deliveries.c.subscriber_id == subscriber_id,
        or_(deliveries.c.email.is_not(None), deliveries.c.reply_text.is_not(None)),
    )
