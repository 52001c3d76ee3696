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
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Update,
    and_,
    case,
    insert,
    select,
    update,
)

from composer.database import BulkUpdate, Given, Types, db_now
from composer.delivery.state import State
from composer.delivery.tables import deliveries, workers
from composer.outbox.transitions import take_over_messages

HEARTBEAT = 5.0  #: seconds between heartbeats
SILENCE = 30.0  #: seconds without a heartbeat after which a worker is dead
#: Maximum seconds from asking for a mark to writing its dot. The mark's commit renews a heartbeat older than
#: ``HEARTBEAT`` (``worker.beat``), so the dot is on the wire at least five seconds before the worker can count as dead.
FRESH = SILENCE - 2 * HEARTBEAT


def heard(rows: FromClause = workers, seconds: float | None = None) -> ColumnElement[bool]:
    """SQL condition on ``workers``: it has not ended, and has a heartbeat within ``seconds``, by the database's clock;
    within ``SILENCE`` where none are given.

    One in the future is none: the clock was put back since, and a worker that lives would have renewed it.
    """
    at, within = rows.c.heartbeat_at, SILENCE if seconds is None else seconds
    return and_(rows.c.stopped_at.is_(None), at > db_now(-within), at < db_now(within))


def alive(worker_id: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL condition: the worker is alive."""
    living = workers.alias("living")
    return select(living.c.id).where(living.c.id == worker_id, heard(living)).exists()


def any_alive(connection: Connection) -> bool:
    """Whether any worker is alive: a heartbeat not too old by the database's clock, and its process still there.

    Only processes of this host can be looked for; a worker of another host is judged by its heartbeat alone.
    """
    living = connection.execute(select(workers.c.pid, workers.c.process).where(heard()))
    return any(not _gone(row.pid, row.process) for row in living)


def silent_here(connection: Connection) -> list[int]:
    """PIDs of this host's workers that have no heartbeat while their process is there: they cannot write, or stand
    still."""
    known = select(workers.c.pid, workers.c.process).where(workers.c.stopped_at.is_(None), ~heard())
    here = _kernel()
    rows = connection.execute(known.order_by(workers.c.id))
    return [
        row.pid
        for row in rows
        if here is not None and (row.process or "").startswith(here + " ") and not _gone(row.pid, row.process)
    ]


def join(connection: Connection, beat: int = 0, *, sweep: bool = True) -> int:
    """Add a row for this process and return its id. ``beat`` is the first value of its counter.

    Dead workers are swept first (``sweep_dead``), unless ``sweep`` is False: what they had claimed is queued again,
    what they had in flight becomes in doubt.
    """
    if sweep:
        sweep_dead(connection)
    row = insert(workers).values(host=socket.gethostname(), pid=os.getpid(), process=process_name(), beat=beat)
    worker_id: int = connection.execute(row.returning(workers.c.id)).scalar_one()
    return worker_id


def heartbeat(connection: Connection, worker_id: int) -> bool:
    """Renew the worker's heartbeat. False if it already counts as dead: it must take a new row."""
    row = update(workers).where(workers.c.id == worker_id, alive(workers.c.id)).values(heartbeat_at=db_now())
    return connection.execute(row).rowcount == 1


def bump(
    connection: Connection, worker_id: int, confirmed: int, following: int, *, renew: bool = True
) -> Callable[[], bool]:
    """Set the worker's counter to ``following``; with ``renew``, and if it lives, renew its heartbeat.

    ``confirmed`` is the last value known to be committed. The answer is True if the stored counter lies between it and
    ``following``: after a commit whose answer was lost, either value is possible. It is False if the counter is lower
    or the row is missing, which means that the database lost commits.
    """
    values = {"who": worker_id, "confirmed": confirmed, "following": following}
    return (_BUMP_AND_BEAT if renew else _BUMP).run_one(connection, values)


def _bump(given: Given) -> Update:
    row = workers.c.id == given("who"), workers.c.beat >= given("confirmed"), workers.c.beat < given("following")
    return update(workers).where(*row).values(beat=given("following"))


_COUNTER: Types = {"who": Integer(), "confirmed": BigInteger(), "following": BigInteger()}
_BUMP = BulkUpdate(_bump, _COUNTER)
_BUMP_AND_BEAT = BulkUpdate(
    lambda given: _bump(given).values(heartbeat_at=case((heard(), db_now()), else_=workers.c.heartbeat_at)), _COUNTER
)


def others_compared(connection: Connection, worker_id: int, since: datetime) -> bool:
    """Whether every other worker that has not ended has a heartbeat after ``since``: its counter is the database's.

    One whose process is gone from this kernel has left its counter on this host, where it was compared (``beat_file``).
    An earlier row of this process is no other worker: what it remembered is remembered.
    """
    late = select(workers.c.pid, workers.c.process).where(
        workers.c.id != worker_id, workers.c.stopped_at.is_(None), workers.c.heartbeat_at <= since
    )
    own = os.getpid(), process_name()
    return all((row.pid, row.process) == own or _gone(row.pid, row.process) for row in connection.execute(late))


def retire(connection: Connection, worker_id: int) -> int:
    """Stop the worker and queue again what it claimed and did not begin; return how many. If the ledger went back,
    these claims become in doubt instead."""
    theirs = deliveries.c.worker_id == worker_id, deliveries.c.state == State.CLAIMED
    connection.execute(update(workers).where(workers.c.id == worker_id).values(stopped_at=db_now()))
    doubt = {"state": State.IN_DOUBT, "reply_text": WENT_BACK, "changed_at": db_now()}
    connection.execute(update(deliveries).where(*theirs, claimed_before_a_loss()).values(doubt))
    take_over_messages(connection, select(workers.c.id).where(workers.c.id == worker_id), DIED)
    return connection.execute(
        update(deliveries).where(*theirs).values(state=State.QUEUED, changed_at=db_now())
    ).rowcount


#: Why a claim made before a loss of commits is in doubt.
WENT_BACK = "the database lost what became of it"

DIED = "the worker died between the final dot and the reply"


def claimed_before_a_loss() -> ColumnElement[bool]:
    """SQL condition on a delivery: its worker claimed it before the ledger went back, so it may be out."""
    return deliveries.c.worker_id.in_(select(workers.c.id).where(workers.c.rolled_back))


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

    What was claimed before the ledger went back is put in doubt too, after ``SILENCE``: until then a worker that lives
    may still queue what it holds. A row that one of their transactions still locks is left to the next call. Single
    messages are taken over alike, and counted with them.
    """
    dead = select(workers.c.id).where(~alive(workers.c.id))
    unsure = dead.where(workers.c.rolled_back, workers.c.stopped_at < db_now(-SILENCE))
    counts = []
    # In this order: on PostgreSQL a mark may commit in between, and the second query must see what it put in flight.
    for left, of, becomes, why in (
        (State.CLAIMED, dead.where(~workers.c.rolled_back), State.QUEUED, None),
        (State.CLAIMED, unsure, State.IN_DOUBT, WENT_BACK),
        (State.IN_FLIGHT, dead, State.IN_DOUBT, DIED),
    ):
        found = select(deliveries.c.id).where(deliveries.c.state == left, deliveries.c.worker_id.in_(of))
        statement = (
            update(deliveries)
            .where(deliveries.c.id.in_(found.with_for_update(skip_locked=True, of=deliveries)))
            .values(state=becomes, reply_code=None, reply_status=None, reply_text=why, changed_at=db_now())
        )
        counts.append(connection.execute(statement).rowcount)
    queued, doubted = take_over_messages(connection, dead, DIED)
    return counts[0] + queued, counts[1] + counts[2] + doubted


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
