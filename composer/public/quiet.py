"""Keep uvicorn's warnings about requests from filling the log: any stranger can cause them, as often as they like."""

from __future__ import annotations

import logging
from time import monotonic

#: Seconds between two warnings of the same words.
_PAUSE = 60.0

#: The beginning of an advice to install a library, which follows another warning.
_ADVICE = "No supported WebSocket library"


class OnceAMinute(logging.Filter):
    """Lets each warning through once a minute, and all else always. uvicorn has three, without variable parts."""

    def __init__(self) -> None:
        super().__init__()
        self._next: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.WARNING:
            return True
        words, now = str(record.msg), monotonic()
        if words.startswith(_ADVICE) or now < self._next.get(words, 0.0):
            return False
        self._next[words] = now + _PAUSE
        return True


def quieten() -> None:
    """Put the filter on uvicorn's logger, unless it is there."""
    logger = logging.getLogger("uvicorn.error")
    if not any(isinstance(each, OnceAMinute) for each in logger.filters):
        logger.addFilter(OnceAMinute())
