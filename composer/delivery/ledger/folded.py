"""What ``retention`` leaves of a mailing after it erased addresses or deleted rows: counts and dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from composer.delivery.tables import mailing_counts, mailing_retention
from composer.errors import Refused
from composer.locale import gettext as _


@dataclass(frozen=True)
class Taken:
    """Addresses were erased from ``begun`` on; ``rows`` rows became counts, the last one at ``folded``."""

    begun: datetime
    rows: int
    folded: datetime | None


def taken(connection: Connection, mailing_id: int) -> Taken | None:
    """What retention took from a mailing; None if nothing."""
    record = select(mailing_retention).where(mailing_retention.c.mailing_id == mailing_id)
    row = connection.execute(record).one_or_none()
    if row is None:
        return None
    rows = select(func.coalesce(func.sum(mailing_counts.c.number), 0)).where(mailing_counts.c.mailing_id == mailing_id)
    return Taken(row.begun_at, int(connection.execute(rows).scalar_one()), row.folded_at)


def counted(connection: Connection, mailing_ids: Sequence[int]) -> list[tuple[int, str, int]]:
    """(mailing, state, number) of the rows that retention turned into counts."""
    rows = connection.execute(select(mailing_counts).where(mailing_counts.c.mailing_id.in_(mailing_ids)))
    return [(row.mailing_id, row.state, row.number) for row in rows]


def refuse_taken(connection: Connection, mailing_id: int) -> None:
    """Raise ``Refused`` if retention has begun with the mailing: none of its messages can be sent again."""
    if (found := taken(connection, mailing_id)) is not None:
        why = _(
            "addresses and rows of mailing {id} leave the ledger since {date} (`retention` in config/newsroom.yaml): "
            "nothing of it is sent again"
        )
        raise Refused(why.format(id=mailing_id, date=found.begun.date()))
