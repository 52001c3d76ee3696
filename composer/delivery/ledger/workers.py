"""The workers' rows: registration, heartbeat, and recovery of what dead workers held.

A worker counts as dead in two cases. On any host: no heartbeat for 30 s, by the database's clock. On the same kernel:
its process has ended, so that after a SIGKILL its successor does not wait.

The second test must never fail a live worker. A process is identified by boot id, PID namespace, PID and start time
together; a row of another boot or namespace (another container with the same host name, say) is judged by its heartbeat
alone. Even a mistake could not send anything twice: ``claims.mark`` checks, before the dot, that the worker is alive.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Integer, insert, select, update

from composer.database import BulkUpdate, db_now
from composer.delivery.state import State
from composer.delivery.tables import deliveries, workers

HEARTBEAT = 5.0  #: seconds between heartbeats
SILENCE = 30.0  #: seconds without a heartbeat after which a worker is dead
#: Maximum seconds from asking for a mark to writing its dot. The mark also renews a heartbeat older than ``HEARTBEAT``,
#: so the dot is on the wire at least five seconds before the worker can count as dead.
FRESH = SILENCE - 2 * HEARTBEAT


def alive(worker_id: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL condition: the worker is alive, by the database's clock."""
    living = workers.alias("living")
    return (
        select(living.c.id)
        .where(living.c.id == worker_id, living.c.stopped_at.is_(None), living.c.heartbeat_at > db_now(-SILENCE))
        .exists()
    )


def any_alive(connection: Connection) -> bool:
    """Whether some worker, of any host, is alive by the database's clock."""
    return connection.execute(select(workers.c.id).where(alive(workers.c.id)).limit(1)).first() is not None


def join(connection: Connection) -> int:
    """Add a row for this process and return its id.

    Dead workers are swept first (``sweep_dead``): what they had claimed is queued again, what they had in flight
    becomes in doubt.
    """
    sweep_dead(connection)
    row = insert(workers).values(host=socket.gethostname(), pid=os.getpid(), process=process_name())
    worker_id: int = connection.execute(row.returning(workers.c.id)).scalar_one()
    return worker_id


def heartbeat(connection: Connection, worker_id: int) -> bool:
    """Renew the worker's heartbeat. False if it already counts as dead: it must take a new row."""
    row = update(workers).where(workers.c.id == worker_id, alive(workers.c.id)).values(heartbeat_at=db_now())
    return connection.execute(row).rowcount == 1


def beat(connection: Connection, worker_id: int) -> None:
    """Renew the worker's heartbeat if it is older than ``HEARTBEAT``."""
    _BEAT.run(connection, [{"who": worker_id}])


_BEAT = BulkUpdate(
    lambda given: (
        update(workers)
        .where(workers.c.id == given("who"), alive(workers.c.id), workers.c.heartbeat_at < db_now(-HEARTBEAT))
        .values(heartbeat_at=db_now())
    ),
    {"who": Integer()},
)


def retire(connection: Connection, worker_id: int) -> int:
    """Stop the worker and queue again what it claimed and did not begin; return how many."""
    given_back = (
        update(deliveries)
        .where(deliveries.c.worker_id == worker_id, deliveries.c.state == State.CLAIMED)
        .values(state=State.QUEUED, changed_at=db_now())
    )
    connection.execute(update(workers).where(workers.c.id == worker_id).values(stopped_at=db_now()))
    return connection.execute(given_back).rowcount


def sweep_dead(connection: Connection) -> tuple[int, int]:
    """``mark_dead``, then ``take_over`` the deliveries of the dead."""
    mark_dead(connection)
    return take_over(connection)


def mark_dead(connection: Connection) -> list[int]:
    """Declare dead, for good, workers without a heartbeat and those with no process on this kernel; return the ids."""
    living = connection.execute(
        select(workers.c.id, workers.c.pid, workers.c.process, alive(workers.c.id).label("heard")).where(
            workers.c.stopped_at.is_(None)
        )
    ).all()
    dead = [row.id for row in living if not row.heard or _gone(row.pid, row.process)]
    if dead:
        # Skip rows that a dead worker's transaction has locked: a host that was cut off keeps its locks for a while.
        free = select(workers.c.id).where(workers.c.id.in_(dead)).with_for_update(skip_locked=True, key_share=True)
        connection.execute(update(workers).where(workers.c.id.in_(free)).values(stopped_at=db_now()))
    return dead


def take_over(connection: Connection) -> tuple[int, int]:
    """Queue again what dead workers had claimed, and put what they had in flight in doubt; return how many of each.

    A row that one of their transactions still locks is left to the next call.
    """
    dead = select(workers.c.id).where(~alive(workers.c.id))
    counts = []
    # In this order: on PostgreSQL a mark may commit in between, and the second query must see what it put in flight.
    for left, becomes, why in (
        (State.CLAIMED, State.QUEUED, None),
        (State.IN_FLIGHT, State.IN_DOUBT, "the worker died between the final dot and the reply"),
    ):
        found = select(deliveries.c.id).where(deliveries.c.state == left, deliveries.c.worker_id.in_(dead))
        statement = (
            update(deliveries)
            .where(deliveries.c.id.in_(found.with_for_update(skip_locked=True, of=deliveries)))
            .values(state=becomes, reply_code=None, reply_status=None, reply_text=why, changed_at=db_now())
        )
        counts.append(connection.execute(statement).rowcount)
    return counts[0], counts[1]


def _gone(pid: int, process: str | None) -> bool:
    here = _kernel()
    if process is None or here is None or not process.startswith(here + " "):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # a process of another user has this number: /proc says whether it is still the same one
    stat = _stat(pid)
    return stat is not None and (stat[0] in "ZXx" or f"{here} {stat[1]}" != process)


def process_name() -> str | None:
    """``boot namespace start`` of this process; None if the system does not tell."""
    here, stat = _kernel(), _stat(os.getpid())
    return None if here is None or stat is None else f"{here} {stat[1]}"


def _stat(pid: int) -> tuple[str, str] | None:
    """State (Z: a zombie, which writes to no socket again) and start time, in ticks since the boot."""
    try:
        # proc(5): the name in parentheses may hold anything; state is field 3, start field 22
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], fields[19]


def _kernel() -> str | None:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return None
