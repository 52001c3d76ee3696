"""Readers who joined by the doors, with the consent that a confirmation leaves, at whatever instant a test says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, func, select, update

from composer.subscribers.address import read_address
from composer.subscribers.subscription import subscribe
from composer.subscribers.tables import consents


def join(engine: Engine, at: datetime, emails: Sequence[str], publication: str = "vendredi") -> list[int]:
    """Each of ``emails`` confirmed ``at`` this instant; their subscription ids."""
    with engine.begin() as connection:
        ids = [
            subscribe(connection, read_address(email), publication, source="join", proof="form 1", again=True)
            for email in emails
        ]
        newest = select(func.max(consents.c.id)).where(consents.c.subscription_id.in_(ids))
        newest = newest.group_by(consents.c.subscription_id)
        connection.execute(update(consents).where(consents.c.id.in_(newest)).values(at=at))
    return ids
