"""Engine, types and migrations. Tables belong to the rooms that use them."""

from composer.database.each import Answers, Each, Given, Types
from composer.database.engine import connect, exists, metadata, reading, understood
from composer.database.leap import leap
from composer.database.migrate import open_database, require_current, revision, upgrade
from composer.database.moment import Instant, moment
from composer.database.once import alone, alongside, insert_once
from composer.database.trip import one_trip, step_by_step
from composer.database.trouble import Collision, DatabaseUnavailable

__all__ = [
    "Answers",
    "Collision",
    "DatabaseUnavailable",
    "Each",
    "Given",
    "Instant",
    "Types",
    "alone",
    "alongside",
    "connect",
    "exists",
    "insert_once",
    "leap",
    "metadata",
    "moment",
    "one_trip",
    "open_database",
    "reading",
    "require_current",
    "revision",
    "step_by_step",
    "understood",
    "upgrade",
]
