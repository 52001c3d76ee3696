"""Counting of what a stranger can cause at will, so that the log says it at most once a minute."""

from __future__ import annotations

from time import monotonic

#: Seconds between two lines of one event.
MINUTE = 60.0


class RareEvent:
    """Counts an event, and says when it is to be logged: at once, then at most once in ``seconds``."""

    def __init__(self, seconds: float = MINUTE) -> None:
        self._seconds = seconds
        self._next = 0.0
        self._times = 0

    def happened(self) -> int:
        """How often it happened since the last line, this time included, where a line is due now; 0 otherwise."""
        self._times += 1
        now = monotonic()
        if now < self._next:
            return 0
        times, self._times, self._next = self._times, 0, now + self._seconds
        return times
