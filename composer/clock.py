"""The only place that reads the wall clock.

Heartbeats and due rows do not come here: they use the database's clock (``composer.database.timestamps``),
which every host shares.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Seconds since an arbitrary instant, including time in which the process or the machine was suspended."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
