"""Rows about a person in every table that may hold some, with a value in each column."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Engine, LargeBinary, String, Table, insert

from composer.database import UTCDateTime, metadata
from composer.subscribers.held import HELD_TABLES
from tests.support.address_keys import key_of

ROOMS = Path(__file__).parents[2] / "composer"
for tables in ROOMS.glob("**/tables.py"):
    import_module(".".join(("composer", *tables.relative_to(ROOMS).with_suffix("").parts)))

#: Rows that others refer to, of no person.
_GROUND = {"mailings": {"id": 1, "publication": "vendredi", "subject": "L’eau"}, "mailing_editions": {}, "workers": {}}


def _value(column: Column[Any], number: int, mark: str) -> object:
    """Something for ``column``; a text names its table and column."""
    if isinstance(column.type, String):
        return f"{mark} {column.table.name}.{column.name}"[: column.type.length]
    if isinstance(column.type, UTCDateTime):
        return datetime(2026, 11, 27, 6, tzinfo=UTC)
    if isinstance(column.type, LargeBinary):
        return f"{mark} {column.table.name}.{column.name}".encode()
    return date(2026, 11, 27) if isinstance(column.type, Date) else isinstance(column.type, Boolean) or number


def _fill(connection: Connection, table: Table, number: int, **given: object) -> None:
    values = {column.name: _value(column, number, f"m{number}") for column in table.c if column.name != "connections"}
    connection.execute(insert(table).values(**values | {"id": number} | given if "id" in table.c else values | given))


def fill(engine: Engine, *people: str) -> None:
    """A row of every table that is about a person, for each of them; every column but ``forgotten_at`` has a value."""
    with engine.begin() as connection:
        for name, given in _GROUND.items():
            _fill(connection, metadata.tables[name], 1, **{"mailing_id": 1} if name == "mailing_editions" else given)
        for number, email in enumerate(people, start=1):
            refers = {"mailing_id": 1, "edition_id": 1, "worker_id": 1}
            for name in HELD_TABLES:
                table = metadata.tables[name]
                own: dict[str, object] = {"address_key": key_of(email), "email": email}
                own |= dict.fromkeys(("subscriber_id", "subscription_id", "delivery_id"), number) | refers
                own |= {
                    "state": "accepted",
                    "status": "active",
                    "tier": "paid",
                    "reason": "manual",
                    "unsubscribed_by": "cli",
                }
                own |= {"id": f"m{number}"} if name == "requests" else {"forgotten_at": None}
                _fill(connection, table, number, **{each: value for each, value in own.items() if each in table.c})
