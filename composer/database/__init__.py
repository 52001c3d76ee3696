"""Engine, types and migrations. Tables belong to the rooms that use them."""

from composer.database.authorizer import permit
from composer.database.bulk import Answers, BulkUpdate, Given, Types
from composer.database.dialect import advisory_lock, alongside, insert_or_ignore, skip_ids
from composer.database.engine import connect, exists, metadata, parse_url, read_only
from composer.database.errors import Collision, DatabaseUnavailable
from composer.database.migrate import open_database, require_current, revision, upgrade
from composer.database.pipeline import one_trip, step_by_step
from composer.database.timestamps import UTCDateTime, db_now

__all__ = [
    "Answers",
    "BulkUpdate",
    "Collision",
    "DatabaseUnavailable",
    "Given",
    "Types",
    "UTCDateTime",
    "advisory_lock",
    "alongside",
    "connect",
    "db_now",
    "exists",
    "insert_or_ignore",
    "metadata",
    "one_trip",
    "open_database",
    "parse_url",
    "permit",
    "read_only",
    "require_current",
    "revision",
    "skip_ids",
    "step_by_step",
    "upgrade",
]
