"""A background thread for slow work that must delay no message: notifications, the webhook, the ping."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from functools import partial

import structlog

_log = structlog.get_logger()

Job = Callable[[], None]


class Aside:
    """Runs one job after another in a thread of its own, which starts with the first.

    At most one job waits: a later one replaces it, so nothing piles up where the other end is silent. What a replaced
    job would have done must be in the one that replaces it. The thread does not keep the process alive.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._turn = threading.Condition()
        self._next: Job | None = None
        self._busy = False
        self._over = False
        self._thread: threading.Thread | None = None

    def give(self, job: Job) -> None:
        """Queue ``job`` and return at once; after ``stop`` it is ignored. It speaks the caller's language."""
        with self._turn:
            if self._over:
                return
            self._next = partial(copy_context().run, job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._turn.notify_all()

    def rest(self, seconds: float) -> bool:
        """Wait until no job waits or runs, ``seconds`` at most; whether that is so."""
        with self._turn:
            return self._turn.wait_for(lambda: self._next is None and not self._busy, seconds)

    def stop(self) -> None:
        """Start no further job. One under way is not waited for."""
        with self._turn:
            self._over, self._next = True, None
            self._turn.notify_all()

    def _work(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._next is not None or self._over)
                if self._next is None:
                    return
                job, self._next, self._busy = self._next, None, True
            try:
                job()
            except Exception as error:  # noqa: BLE001 # reason: a defect of ours, or a database away, must not end the thread: the next job tries again
                _log.error("telling-failed", what=self._name, why=type(error).__name__)
                _log.debug("telling-failed", exc_info=error)
            finally:
                with self._turn:
                    self._busy = False
                    self._turn.notify_all()
