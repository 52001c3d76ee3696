"""Addresses that nothing is sent to, whoever asks."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, delete, exists, insert, select

from composer.subscribers.tables import suppressions

#: Why nothing is sent. ``forgotten`` holds for a person whose address we erased.
Reason = Literal["hard-bounce", "complaint", "manual", "forgotten"]


def suppress(connection: Connection, address_key: str, reason: Reason, detail: str | None = None) -> bool:
    """Send nothing any more to this address; ``False`` where that held already (the first reason is kept)."""
    if is_suppressed(connection, address_key):
        return False
    connection.execute(insert(suppressions).values(address_key=address_key, reason=reason, detail=detail))
    return True


def is_suppressed(connection: Connection, address_key: str) -> bool:
    """Whether nothing may be sent to this address."""
    return connection.execute(select(exists().where(suppressions.c.address_key == address_key))).scalar_one()


def lift(connection: Connection, address_key: str) -> str | None:
    """Take a suppression back, which only the reader's own new consent justifies; the reason it had."""
    return connection.execute(
        delete(suppressions).where(suppressions.c.address_key == address_key).returning(suppressions.c.reason)
    ).scalar_one_or_none()
