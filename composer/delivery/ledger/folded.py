"""What is left of a mailing whose addresses or rows ``retention`` took: counts, and since when."""

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
    """Addresses left since ``begun``; ``rows`` were folded into counts, the last at ``folded``."""

    begun: datetime
    rows: int
    folded: datetime | None


def taken(connection: Connection, mailing_id: int) -> Taken | None:
    """What retention took of a mailing; None where it took nothing."""
    record = select(mailing_retention).where(mailing_retention.c.mailing_id == mailing_id)
    row = connection.execute(record).one_or_none()
    if row is None:
        return None
    rows = select(func.coalesce(func.sum(mailing_counts.c.number), 0)).where(mailing_counts.c.mailing_id == mailing_id)
    return Taken(row.begun_at, int(connection.execute(rows).scalar_one()), row.folded_at)


def counted(connection: Connection, mailing_ids: Sequence[int]) -> list[tuple[int, str, int]]:
    """(mailing, state, number) of the rows that were folded."""
    rows = connection.execute(select(mailing_counts).where(mailing_counts.c.mailing_id.in_(mailing_ids)))
    return [(row.mailing_id, row.state, row.number) for row in rows]


def refuse_taken(connection: Connection, mailing_id: int) -> None:
    """Raises ``Refused`` where addresses have begun to leave: nothing of the mailing can be sent again."""
    if (found := taken(connection, mailing_id)) is not None:
        why = _(
            "addresses and rows of mailing {id} leave the ledger since {date} (`retention` in config/newsroom.yaml): "
            "nothing of it is sent again"
        )
        raise Refused(why.format(id=mailing_id, date=found.begun.date()))
