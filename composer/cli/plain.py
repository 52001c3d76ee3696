"""Values of the ledger as JSON says them."""

from __future__ import annotations

from datetime import date


def plain(value: object) -> str:
    """A date or an instant as ISO 8601; for ``json.dumps(default=...)``."""
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date
