"""How many of a relay's connections are whose, over all living workers of all hosts: together never more than its cap.

Each worker writes into its row how many it may have open, and has no more. What is fair follows from who lives: the cap
through the number of workers, what is left over to the first. Who has more than that lets go as messages end; who has
less takes what nobody holds. So nobody waits for anybody's answer, and at no instant is the sum above the cap.

BUGS: a worker that was taken for dead and is only frozen keeps its sockets until it wakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from composer.database import advisory_lock, db_now
from composer.delivery.ledger.workers import SILENCE
from composer.delivery.limits.relay_backoff import RelayAway
from composer.delivery.tables import workers


@dataclass(frozen=True)
class Quota:
    """Of one relay's connections. ``fair`` is what this worker should have among ``workers``; ``held`` is what it may
    have open now: more while it lets go, less while others do."""

    fair: int
    held: int
    workers: int


def fair(cap: int, position: int, among: int) -> int:
    """Part of ``cap`` for the worker at ``position``, from 0. All parts together are the cap."""
    return cap // among + (position < cap % among)


def quotas(
    connection: Connection, worker_id: int, caps: Mapping[str, int], opened: Mapping[str, int]
) -> dict[str, Quota]:
    """By relay, for a worker that has ``opened`` so many. Nothing is fair for one that counts as dead."""
    living = connection.execute(
        select(workers.c.id, workers.c.connections)
        .where(workers.c.stopped_at.is_(None), workers.c.heartbeat_at > db_now(-SILENCE))
        .order_by(workers.c.id)
    ).all()
    ids = [row.id for row in living]
    found = {}
    for key, cap in caps.items():
        due = fair(cap, ids.index(worker_id), len(ids)) if worker_id in ids else 0
        free = cap - sum(row.connections.get(key, 0) for row in living if row.id != worker_id)
        found[key] = Quota(due, max(opened[key], min(due, free)), len(ids))
    return found


def store_quotas(
    connection: Connection,
    worker_id: int,
    caps: Mapping[str, int],
    opened: Mapping[str, int],
    away: RelayAway | None = None,
) -> dict[str, Quota]:
    """The same, and others count on it from here on; and on no relay being there for this worker, where all are
    ``away``."""
    advisory_lock(connection, "pacing")
    found = quotas(connection, worker_id, caps, opened)
    held = {key: one.held for key, one in found.items()}
    connection.execute(
        update(workers)
        .where(workers.c.id == worker_id)
        .values(
            connections=held,
            away_since=db_now(-away.seconds) if away else None,
            away_why=away.why if away else None,
        )
    )
    return found


def nobody_answers(connection: Connection, seconds: float) -> str | None:
    """Why, where workers live, and none of those with a connection has got through to any relay for so long."""
    rows = connection.execute(
        select(workers.c.connections, workers.c.away_why, (workers.c.away_since < db_now(-seconds)).label("long"))
        .where(workers.c.stopped_at.is_(None), workers.c.heartbeat_at > db_now(-SILENCE))
        .order_by(workers.c.id)
    ).all()
    trying = [row for row in rows if any(row.connections.values())]
    return trying[0].away_why if trying and all(row.long for row in trying) else None
