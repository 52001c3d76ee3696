"""Instants in the database: stored in UTC, read back aware, and told by the database's own clock.

Every host that shares the database shares this clock; nobody's wall clock decides whether a worker is alive.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement


class Instant(TypeDecorator[datetime]):
    """An aware datetime. SQLite holds no zone: what goes in is turned to UTC, what comes out says UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not reach the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class moment(FunctionElement[datetime]):
    """The database's clock, ``seconds`` from now: ``moment()``, ``moment(-30)``."""

    type = Instant()
    inherit_cache = False  # the seconds are part of the SQL text
    name = "moment"

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = float(seconds)
        super().__init__()


@compiles(moment, "sqlite")
def _sqlite(element: moment, compiler: SQLCompiler, **_: Any) -> str:
    # strftime gives milliseconds; SQLAlchemy stores microseconds, and text compares digit by digit.
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '{element.seconds:+.3f} seconds')"


@compiles(moment, "postgresql")
def _postgresql(element: moment, compiler: SQLCompiler, **_: Any) -> str:
    # clock_timestamp, not now(): now() stands still within a transaction.
    return f"(clock_timestamp() + interval '{element.seconds:.3f} seconds')"
