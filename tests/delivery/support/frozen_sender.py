"""A worker that is suspended (SIGSTOP) the moment its first mark is committed, before it hears of it:
``python -m tests.delivery.support.frozen_sender FOLDER PORT DATABASE``. It has some seconds to live without a
heartbeat."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from composer.delivery.ledger import claims, workers
from composer.delivery.worker.group_commit import GroupCommit
from tests.delivery.support.sender_process import main

SILENCE, HEARTBEAT = 2.5, 0.4
_commit = GroupCommit._commit
_suspended = False


def _and_stop(self: GroupCommit, work: list[tuple[Any, list[Any]]], *rest: Any) -> Any:
    global _suspended
    done = _commit(self, work, *rest)
    if not _suspended and any(operation is claims.mark for operation, _ in work):
        _suspended = True
        os.kill(os.getpid(), signal.SIGSTOP)
    return done


if __name__ == "__main__":
    workers.SILENCE, workers.HEARTBEAT, workers.FRESH = SILENCE, HEARTBEAT, SILENCE - 2 * HEARTBEAT
    GroupCommit._commit = _and_stop  # type: ignore[assignment,method-assign] # reason: the purpose
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), 1, sys.argv[3], stay=False))
