"""The last letter that a reader got before an instant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from composer.delivery.tables import deliveries, mailings

#: Mailings looked at, from the instant backwards.
_MOST = 100


def last_letter(connection: Connection, subscriber_id: int, publication: str, before: datetime) -> str | None:
    """``publication/date[-slug]`` of the last mailing accepted for this reader and opened before ``before``."""
    recent = (
        select(mailings.c.id)
        .where(mailings.c.publication == publication, mailings.c.opened_at <= before)
        .order_by(mailings.c.id.desc())
        .limit(_MOST)
    )
    row = connection.execute(
        select(mailings.c.date, mailings.c.slug)
        .join_from(deliveries, mailings, deliveries.c.mailing_id == mailings.c.id)
        .where(
            deliveries.c.mailing_id.in_(recent),
            deliveries.c.subscriber_id == subscriber_id,
            deliveries.c.state == "accepted",
        )
        .order_by(mailings.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return f"{publication}/{row.date.isoformat()}{f'-{row.slug}' if row.slug else ''}"
