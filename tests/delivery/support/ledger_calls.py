"""The ledger's gates, each in a transaction of its own, as a worker goes through them."""

from __future__ import annotations

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
