"""Forgetting a reader's address in the ledger (GDPR, article 17): what happened stays countable, to whom does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Select, select, update

from composer.database import advisory_lock, read_only
from composer.delivery.ledger.listing import parts
from composer.delivery.tables import deliveries, mailings

#: What is waited for: an opening on PostgreSQL that read its readers before this one was forgotten, and ends after it.
OPENING = "opening a mailing"

#: Mailings a look, and rows a transaction: some milliseconds, of which most are the disk's.
_LOOK, _ROWS = 500, 25


def erase_address(engine: Engine, subscriber_id: int) -> int:
    """Erase the address of a reader from every delivery, whatever its state; how many had it.

    The reader was forgotten before, and that is committed: no mailing that is opened from now on has the reader in it,
    and the last look before a dot writes none that is under way. The rows are found mailing by mailing, outside of any
    write, and erased a few at a time. Whatever ends this midway, the same again completes it.
    """
    erased = 0
    for some in parts(_mailings(engine), _LOOK):
        with read_only(engine).connect() as connection:
            holding = connection.execute(addressed(some, subscriber_id)).scalars().all()
        for ids in parts(holding, _ROWS):
            with engine.begin() as connection:
                rows = update(deliveries).where(deliveries.c.id.in_(list(ids)))
                erased += connection.execute(rows.values(email=None)).rowcount
    return erased


def _mailings(engine: Engine) -> list[int]:
    """Every mailing, once the openings have ended that were under way: SQLite has one writer, so there none is."""
    with read_only(engine).connect() as connection:
        advisory_lock(connection, OPENING)
        return list(connection.execute(select(mailings.c.id).order_by(mailings.c.id)).scalars())


def addressed(mailing_ids: Sequence[int], subscriber_id: int) -> Select[Any]:
    """The ids of a reader's deliveries that hold the address: one look into UNIQUE(mailing, subscriber) a mailing."""
    return select(deliveries.c.id).where(
        deliveries.c.mailing_id.in_(mailing_ids),
        deliveries.c.subscriber_id == subscriber_id,
        deliveries.c.email.is_not(None),
    )
