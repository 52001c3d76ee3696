"""Engine, types and migrations. Tables belong to the rooms that use them."""

from composer.database.engine import DatabaseUnavailable, connect, metadata, reading
from composer.database.migrate import open_database, require_current, revision, upgrade
from composer.database.moment import Instant, moment

__all__ = [
    "DatabaseUnavailable",
    "Instant",
    "connect",
    "metadata",
    "moment",
    "open_database",
    "reading",
    "require_current",
    "revision",
    "upgrade",
]
