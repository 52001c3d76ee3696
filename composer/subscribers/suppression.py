"""Addresses that no message may be sent to, whatever their subscriptions."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, delete, exists, select

from composer.database import insert_or_ignore
from composer.subscribers.tables import suppressions

#: Why an address is suppressed. ``forgotten``: its person was erased.
Reason = Literal["hard-bounce", "complaint", "manual", "forgotten"]


def suppress(connection: Connection, address_key: str, reason: Reason, detail: str | None = None) -> bool:
    """Suppress an address; ``False`` where it was suppressed already (the first reason is kept)."""
    row = insert_or_ignore(connection, suppressions).values(address_key=address_key, reason=reason, detail=detail)
    return connection.execute(row.returning(suppressions.c.address_key)).first() is not None


def is_suppressed(connection: Connection, address_key: str) -> bool:
    """Whether nothing may be sent to this address."""
    return connection.execute(select(exists().where(suppressions.c.address_key == address_key))).scalar_one()


def suppression_of(connection: Connection, address_key: str) -> str | None:
    """Why nothing may be sent to this address; None where it is not suppressed."""
    return connection.execute(
        select(suppressions.c.reason).where(suppressions.c.address_key == address_key)
    ).scalar_one_or_none()


def unsuppress(connection: Connection, address_key: str) -> str | None:
    """Remove a suppression and return its reason. Only a new consent of the reader justifies this."""
    return connection.execute(
        delete(suppressions).where(suppressions.c.address_key == address_key).returning(suppressions.c.reason)
    ).scalar_one_or_none()
