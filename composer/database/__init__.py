"""Engine, types and migrations. Tables belong to the rooms that use them."""

from composer.database.engine import connect, metadata, reading
from composer.database.moment import Instant, moment

__all__ = ["Instant", "connect", "metadata", "moment", "reading"]
