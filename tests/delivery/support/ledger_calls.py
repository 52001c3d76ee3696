"""The ledger's gates, each in a transaction of its own, as a worker goes through them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from composer.delivery.ledger import workers
from composer.delivery.ledger.claims import Claimed, Settlement, claim, mark, settle
from composer.delivery.smtp.reply import Outcome


def joined(engine: Engine) -> int:
    with engine.begin() as connection:
        return workers.join(connection)


def claimed(engine: Engine, worker: int, count: int = 10) -> list[Claimed]:
    with engine.begin() as connection:
        return sorted(claim(connection, worker, count), key=lambda one: one.id)


def marked(engine: Engine, claims: list[Claimed]) -> list[bool]:
    with engine.begin() as connection:
        return mark(connection, claims)()


def settled(engine: Engine, claims: list[Claimed], outcome: Outcome) -> None:
    with engine.begin() as connection:
        settle(connection, [Settlement(one, outcome) for one in claims])


def written_over(file: Path, table: str, content: bytes = b"\xa5" * 64) -> bytes:
    """Write over what begins the first page of ``table`` in a SQLite file that nobody has open; what was there."""
    with closing(sqlite3.connect(file)) as own:
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = own.execute("PRAGMA page_size").fetchone()
        (page,) = own.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    with file.open("r+b") as database:
        database.seek(size * (page - 1))
        before = database.read(len(content))
        database.seek(size * (page - 1))
        database.write(content)
    return before
