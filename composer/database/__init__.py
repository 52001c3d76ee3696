"""Engine, types and migrations. Tables belong to the rooms that use them."""

from composer.database.each import Each
from composer.database.engine import connect, exists, metadata, reading, understood
from composer.database.leap import leap
from composer.database.migrate import open_database, require_current, revision, upgrade
from composer.database.moment import Instant, moment
from composer.database.once import alone, alongside, insert_once
from composer.database.trouble import Collision, DatabaseUnavailable

__all__ = [
    "Collision",
    "DatabaseUnavailable",
    "Each",
    "Instant",
    "alone",
    "alongside",
    "connect",
    "exists",
    "insert_once",
    "leap",
    "metadata",
    "moment",
    "open_database",
    "reading",
    "require_current",
    "revision",
    "understood",
    "upgrade",
]
