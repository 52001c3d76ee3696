"""A worker's counter: grows with each of its commits, and shows that the ledger has lost some.

The worker remembers the last value that was committed. Where the database has a lower one, or no row, it lost commits:
a failover to a standby that was behind, or an older copy. Then nothing of the batch is written, all open mailings are
paused, and what this worker remembers is recorded again (``ledger.rollback``). A lost connection alone is no such sign,
but others may have lost more: until all workers have compared, none claims. Nor does one that begins, which has nothing
of its own to compare: it compares what this host's other workers wrote (``beat_file``), and waits for other hosts'.

Everything but ``begin`` and ``end`` runs on the ledger thread (``group_commit``).
"""

from __future__ import annotations

import secrets
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from composer.clock import elapsed
from composer.database import Collision, DatabaseUnavailable, db_now, require_whole
from composer.delivery.ledger import claims, workers
from composer.delivery.ledger.claims import Settlement
from composer.delivery.ledger.rollback import Remembered, Rollback, reason, went_back
from composer.delivery.state import State
from composer.delivery.worker.beat_file import BITS, BeatFile, compare

log = structlog.get_logger("delivery")

#: Seconds for which outcomes are remembered, and their maximum number: 24 bytes each.
KEPT, MOST = 600.0, 500_000

_STATES = tuple(State)
_FENCE = attrgetter("id", "attempt")
_Work = Sequence[tuple[Any, Sequence[Any]]]


class LedgerWentBack(DatabaseUnavailable):
    """The database lost commits of this worker. Nothing of the batch was written, and the worker's claims are void."""


class Beat:
    """For one worker, one registration after another.

    ``noticed`` is called on the ledger thread when a loss was recorded; with None when it could not be. ``root`` is the
    newsroom, where the counter's file is.
    """

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self.noticed: Callable[[Rollback | None], None] = lambda _rollback: None
        self._counter: _Counter | None = None
        self._memory = _Memory()
        self._lost_at: float | None = None
        self._since: datetime | None = None

    def start(self) -> int:
        """The first value of a new registration's counter."""
        return (secrets.randbits(62 - BITS) + 1) << BITS

    def compare(self, connection: Connection) -> Callable[[], None]:
        """Compare the counters of this host, before a worker registers in the caller's transaction: a loss is recorded.
        Call the result once that is committed: it tells."""
        if connection.dialect.name != "sqlite":  # there, every worker is on this host
            self.connection_lost()
        found = None if self._root is None else compare(connection, self._root)
        if found is None or not found.back:
            return lambda: None
        rollback = went_back(connection, 0)

        def say() -> None:
            log.error("ledger-went-back", worker=None, paused=list(rollback.paused))
            found.forget()
            self.noticed(rollback)

        return say

    def begin(self, worker_id: int, start: int) -> None:
        """Count the commits of ``worker_id``, which has just registered with ``start``."""
        file = None if self._root is None else BeatFile.create(self._root, worker_id, start)
        self._counter = _Counter(worker_id, start, file)

    def end(self, *, keep: bool) -> None:
        """Count no more. ``keep`` the file, for the next start on this host, where the worker ends with its process."""
        counter, self._counter = self._counter, None
        if counter is not None and counter.file is not None:
            counter.file.close(keep=keep)

    def sync(self) -> None:
        """Make the file durable; called with each heartbeat."""
        if (counter := self._counter) is not None and counter.file is not None:
            counter.file.sync()

    @property
    def comparing(self) -> bool:
        """Whether the connection is new, and other workers may not have compared their counters since."""
        return self._lost_at is not None

    def connection_lost(self) -> None:
        self._lost_at, self._since = elapsed(), None

    def bump(self, connection: Connection) -> Callable[[], None]:
        """Grow the counter in the caller's transaction. Call the result before it commits: raises ``LedgerWentBack``
        if the database does not have the last value."""
        counter = self._counter
        if counter is None:
            return lambda: None
        counter.asked += 1
        now = elapsed()
        first = self._lost_at is not None and self._since is None
        renew = first or now - counter.renewed_at >= workers.HEARTBEAT
        counter.renewing_at = now if renew else counter.renewed_at
        same = workers.bump(connection, counter.worker_id, counter.confirmed, counter.asked, renew=renew)

        checked = False

        def check() -> None:
            nonlocal checked
            if not checked and not same():
                raise LedgerWentBack(reason())
            checked = True

        return check

    def committed(self, work: _Work, results: Sequence[Sequence[Any]]) -> None:
        """Note a commit: its number, the marks that were given and the outcomes that were recorded."""
        if (counter := self._counter) is not None:
            counter.confirm()
        for (operation, items), answers in zip(work, results, strict=True):
            if operation is claims.mark:
                self._memory.mark(items, answers)
            elif operation is claims.settle:
                self._memory.settle(items)

    def write_down(self, connection: Connection, work: _Work, *, tell: bool = True) -> None:
        """Record a loss, in a transaction of its own; of ``work``, which was not committed, the outcomes too.

        Without ``tell``, the caller tells of it."""
        with connection.begin():
            require_whole(connection)
        counter = self._counter
        worker_id = 0 if counter is None else counter.worker_id
        unwritten = [one for operation, items in work if operation is claims.settle for one in items]
        log.error("ledger-went-back", worker=worker_id)
        try:
            with connection.begin():
                rollback = went_back(connection, worker_id, self._memory.recall(unwritten))
        except Collision:  # with another worker that records the same loss: the next commit tries again
            raise
        except DatabaseUnavailable:
            if tell:
                self.noticed(None)
            raise
        except SQLAlchemyError as error:  # as in tables that are being restored: what is remembered must not be lost
            if tell:
                self.noticed(None)
            raise DatabaseUnavailable(reason()) from error
        self._memory.settle(unwritten)
        self.end(keep=False)
        log.error(
            "ledger-recorded-again",
            rollback=rollback.id,
            paused=list(rollback.paused),
            recorded=rollback.recorded,
            in_doubt=rollback.doubts,
        )
        if tell:
            self.noticed(rollback)

    def may_claim(self, connection: Connection) -> bool:
        """Whether this worker may claim: its connection is not new, or all others have compared since, or 30 s have
        passed. Then the dead are swept, which waited for it too."""
        if self._lost_at is None:
            return True
        counter = self._counter
        if self._since is None:
            self._since, self._lost_at = connection.execute(select(db_now())).scalar_one(), elapsed()
        waited = elapsed() - self._lost_at > workers.SILENCE
        if waited or workers.others_compared(connection, counter.worker_id if counter else 0, self._since):
            self._lost_at = self._since = None
            requeued, doubted = workers.sweep_dead(connection)
            if requeued or doubted:
                log.warning("dead-worker-reaped", queued=requeued, in_doubt=doubted)
            return True
        return False


class _Counter:
    """``confirmed``: the last value known to be committed. ``asked``: the last one tried. ``renewed_at``: when a commit
    began that renewed the heartbeat; ``renewing_at``: the same with the one under way."""

    def __init__(self, worker_id: int, start: int, file: BeatFile | None) -> None:
        self.worker_id = worker_id
        self.confirmed = self.asked = start
        self.renewed_at = self.renewing_at = elapsed() - workers.HEARTBEAT
        self.file = file

    def confirm(self) -> None:
        self.confirmed, self.renewed_at = self.asked, self.renewing_at
        if self.file is not None:
            self.file.write(self.confirmed)


class _Memory:
    """Outcomes of the last ten minutes, and the marks without an outcome."""

    def __init__(self) -> None:
        self._flying: dict[int, int] = {}
        self._chunks: deque[tuple[float, array[int]]] = deque()
        self._number = 0

    def mark(self, marked: Sequence[claims.Claimed], answers: Sequence[bool]) -> None:
        if not all(answers):
            marked = [claimed for claimed, go in zip(marked, answers, strict=True) if go]
        self._flying.update(map(_FENCE, marked))

    def settle(self, settlements: Sequence[Settlement]) -> None:
        now = elapsed()
        if not self._chunks or now - self._chunks[-1][0] > 1:
            self._chunks.append((now, array("q")))
        add, land = self._chunks[-1][1].extend, self._flying.pop
        for settlement in settlements:
            claimed = settlement.claimed
            land(claimed.id, None)
            add((claimed.id, claimed.attempt, _packed(settlement)))
        self._number += len(settlements)
        while self._number > MOST or now - self._chunks[0][0] > KEPT:
            self._number -= len(self._chunks.popleft()[1]) // 3
            if not self._chunks:
                break

    def recall(self, also: Sequence[Settlement]) -> Iterator[Remembered]:
        """All of it, oldest first; then ``also``; then what is in flight, as in doubt."""
        for _began, chunk in self._chunks:
            for delivery, attempt, packed in zip(chunk[::3], chunk[1::3], chunk[2::3], strict=True):
                yield _unpacked(delivery, attempt, packed)
        for one in also:
            yield _unpacked(one.claimed.id, one.claimed.attempt, _packed(one))
        answered = {one.claimed.id for one in also}
        for delivery, attempt in list(self._flying.items()):
            if delivery not in answered:
                yield Remembered(delivery, attempt, State.IN_DOUBT)


#: A reply's code has ten bits; above them, whether its mailbox is unknown, then the state.
_CODE, _UNKNOWN, _STATE = (1 << 10) - 1, 1 << 10, 11
_NUMBER = {state: number << _STATE for number, state in enumerate(_STATES)}
_NUMBER_OF_ACCEPTED = _NUMBER[State.ACCEPTED]


def _packed(settlement: Settlement) -> int:
    """A refusal that counts in a run may have been taken back since, by another worker too: it is no outcome. The
    reader is asked again."""
    outcome, reply = settlement.outcome, settlement.outcome.reply
    code = 0 if reply is None else reply.code & _CODE
    if outcome.state is State.ACCEPTED:  # the common case, once a letter
        return _NUMBER_OF_ACCEPTED | code
    state = State.QUEUED if settlement.report is not None else outcome.state
    return _NUMBER[state] | code | (_UNKNOWN if outcome.unknown_mailbox and state is State.REJECTED else 0)


def _unpacked(delivery: int, attempt: int, packed: int) -> Remembered:
    return Remembered(delivery, attempt, _STATES[packed >> _STATE], packed & _CODE, bool(packed & _UNKNOWN))
