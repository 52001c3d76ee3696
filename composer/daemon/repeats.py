"""Fold log lines that repeat: the first is logged, and then one a minute, which says how often it was."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

import structlog

#: Events of loops that try again, as often as once a second and in each connection.
REPEATED = frozenset(
    {
        "alert-not-sent",
        "database-not-rescued",
        "database-unavailable",
        "doors-failed",
        "hook-not-checked",
        "hook-not-kept",
        "hook-of-a-stranger",
        "hook-refused",
        "hooks-failed",
        "no-dot-written",
        "ping-failed",
        "relay-unreachable",
        "returns-told",
        "telling-failed",
        "tick-failed",
    }
)

#: Seconds between two lines of the same words. After as long without one, the next is the first again.
EVERY = 60.0

#: Most lines remembered: those of which there was one most recently.
_MOST = 200

#: Fields that are another each time.
_VARYING = frozenset({"seconds", "exc_info"})


@dataclass
class _Line:
    said: float
    seen: float
    since: int = 0


class Repeats:
    """A structlog processor. A line that stands for several has ``times``, their number since the one before."""

    def __init__(self) -> None:
        self._lines: OrderedDict[tuple[object, ...], _Line] = OrderedDict()
        self._turn = Lock()

    def __call__(self, logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if line.get("event") not in REPEATED:
            return line
        key = (method, *sorted((name, str(value)) for name, value in line.items() if name not in _VARYING))
        with self._turn:
            times = self._times(key, monotonic())
        if times == 0:
            raise structlog.DropEvent
        return line if times == 1 else {**line, "times": times}

    def _times(self, key: tuple[object, ...], now: float) -> int:
        """For how many the line is to be logged now; 0 where it is not."""
        known = self._lines.get(key)
        if known is None or now - known.seen > EVERY:
            self._lines[key] = _Line(now, now)
            self._lines.move_to_end(key)
            if len(self._lines) > _MOST:
                self._lines.popitem(last=False)
            return 1
        self._lines.move_to_end(key)
        known.seen = now
        known.since += 1
        if now - known.said < EVERY:
            return 0
        times, known.said, known.since = known.since, now, 0
        return times
