"""Splits a relay's ``connections`` limit between the live workers of all hosts; the sum never exceeds the limit.

Each worker stores its allowance in its row and opens no more. Its fair part is the limit divided by the number of live
workers, the remainder going to the first. A worker above its part closes connections as messages end; one below takes
only what is free. So workers need no messages to each other, and the sum never exceeds the limit.

BUGS: a worker that was declared dead but is only frozen keeps its sockets until it wakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from composer.database import advisory_lock, db_now
from composer.delivery.ledger.workers import heard
from composer.delivery.limits.relay_backoff import RelayAway
from composer.delivery.tables import workers


@dataclass(frozen=True)
class Quota:
    """Allowance for one relay. ``fair`` is this worker's part among ``workers`` workers; ``held`` is how many
    connections it may have open now: more while it closes some, fewer while other workers do."""

    fair: int
    held: int
    workers: int


def fair(cap: int, position: int, among: int) -> int:
    """The part of ``cap`` for the worker at ``position``, from 0, ``among`` so many. All parts add up to ``cap``."""
    return cap // among + (position < cap % among)


def quotas(
    connection: Connection, worker_id: int, caps: Mapping[str, int], opened: Mapping[str, int]
) -> dict[str, Quota]:
    """Quotas by relay, for a worker that has ``opened`` so many connections. A dead worker's fair part is 0."""
    living = connection.execute(select(workers.c.id, workers.c.connections).where(heard()).order_by(workers.c.id)).all()
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
    """Like ``quotas``, and store the result in the worker's row, where other workers read it; with it ``away``, the
    trouble of a worker that reaches no relay."""
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
    """The error, if every live worker that has a connection has reached no relay for ``seconds``; else None."""
    rows = connection.execute(
        select(workers.c.connections, workers.c.away_why, (workers.c.away_since < db_now(-seconds)).label("long"))
        .where(heard())
        .order_by(workers.c.id)
    ).all()
    trying = [row for row in rows if any(row.connections.values())]
    return trying[0].away_why if trying and all(row.long for row in trying) else None
