"""Engine, types and migrations. Tables belong to the rooms that use them.

Of the migrations, ``migrate`` is imported by its name, by what upgrades: alembic is a tenth of every command's start.
"""

from composer.database.authorizer import permit, unrestricted
from composer.database.bulk import Answers, BulkUpdate, Given, Types
from composer.database.dialect import advisory_lock, alongside, insert_or_ignore, skip_ids
from composer.database.engine import connect, even_replaced, exists, metadata, parse_url, read_only
from composer.database.errors import (
    DATABASE_TROUBLE,
    Collision,
    DatabaseDamaged,
    DatabaseReplaced,
    DatabaseUnavailable,
    file_number,
)
from composer.database.open_file import refuse_strays, remove_left_log, replaced, rescue, strays
from composer.database.overwritten import OverwriteWatch
from composer.database.pipeline import one_trip, step_by_step
from composer.database.schema_revision import changed, open_database, require_current, revision
from composer.database.soundness import require_whole, undamaged, written_and_read
from composer.database.timestamps import UTCDateTime, db_now

__all__ = [
    "DATABASE_TROUBLE",
    "Answers",
    "BulkUpdate",
    "Collision",
    "DatabaseDamaged",
    "DatabaseReplaced",
    "DatabaseUnavailable",
    "Given",
    "OverwriteWatch",
    "Types",
    "UTCDateTime",
    "advisory_lock",
    "alongside",
    "changed",
    "connect",
    "db_now",
    "even_replaced",
    "exists",
    "file_number",
    "insert_or_ignore",
    "metadata",
    "one_trip",
    "open_database",
    "parse_url",
    "permit",
    "read_only",
    "refuse_strays",
    "remove_left_log",
    "replaced",
    "require_current",
    "require_whole",
    "rescue",
    "revision",
    "skip_ids",
    "step_by_step",
    "strays",
    "undamaged",
    "unrestricted",
    "written_and_read",
]
