"""What was done for a message that came back, as the ledger keeps it."""

from __future__ import annotations

from enum import StrEnum


class ReturnAct(StrEnum):
    """What was done. ``AGAIN``: it was done before. ``UNKNOWN``: no such delivery. ``HELD``: not believed yet.
    ``LISTED``: the reader pays, and would be suppressed otherwise. ``COUNTED``: the reader answers that letter."""

    NONE = "none"
    UNKNOWN = "unknown"
    AGAIN = "again"
    NOTED = "noted"
    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    HELD = "held"
    LISTED = "listed"
    FREED = "freed"
    COUNTED = "counted"
