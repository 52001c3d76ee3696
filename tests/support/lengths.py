"""Long runs: a tenth in ``make test``, whole in ``make soak``."""

from __future__ import annotations

import os

#: Whether this is ``make soak``.
WHOLE = os.environ.get("FILIGRANE_WHOLE") == "1"


def length(whole: int) -> int:
    """``whole`` in ``make soak``; elsewhere a tenth of it, at least 1."""
    return whole if WHOLE else max(1, whole // 10)
