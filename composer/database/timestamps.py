"""Timestamps in the database: stored in UTC, read back aware, and taken from the database's own clock.

All hosts that share the database share this clock; no host's wall clock decides whether a worker is alive.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Dialect, Float, TypeDecorator, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime. SQLite stores no zone: values are converted to UTC, and read back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Read what SQLite stored, also with a year that an earlier version wrote in fewer than four digits."""
        read = super().result_processor(dialect, coltype)
        if read is None or dialect.name != "sqlite":
            return read

        def tolerant(value: Any) -> datetime | None:
            try:
                return read(value)
            except ValueError:
                return read(value.zfill(len("2026-11-20 07:00:00.000000")))

        return tolerant

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


class db_now(FunctionElement[datetime]):
    """The database's clock, ``seconds`` from now: ``db_now(-30)``, ``db_now(bindparam(..., type_=Float()))``.

    The seconds are a bound parameter: statements that differ only by them are compiled once. An expression given
    instead must have the type ``Float``.
    """

    type = UTCDateTime()
    inherit_cache = True
    name = "moment"

    def __init__(self, seconds: float | ColumnElement[float] = 0) -> None:
        if isinstance(seconds, ColumnElement):
            super().__init__(seconds)
        else:
            super().__init__(*([literal(float(seconds), Float)] if seconds else []))


@compiles(db_now, "sqlite")
def _sqlite(element: db_now, compiler: SQLCompiler, **options: Any) -> str:
    # strftime gives milliseconds, SQLAlchemy stores microseconds: 000 is added, since they are compared as text.
    shift = f", printf('%+.3f seconds', {compiler.process(element.clauses, **options)})" if len(element.clauses) else ""
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now'{shift})"


@compiles(db_now, "postgresql")
def _postgresql(element: db_now, compiler: SQLCompiler, **options: Any) -> str:
    # clock_timestamp(), because now() does not change within a transaction.
    shift = f" + make_interval(secs => {compiler.process(element.clauses, **options)})" if len(element.clauses) else ""
    return f"(clock_timestamp(){shift})"
