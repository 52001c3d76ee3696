"""One statement for many rows, straight on the driver's connection.

The ledger's marks and outcomes come thousands a second, by the same two statements. SQLAlchemy compiles them, once; to
run one through it costs ten times what it costs SQLite, at every transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Update
from sqlalchemy.exc import DBAPIError

from composer.database import trouble


class Each:
    """``statement``, whose bound parameters without a value are given for each row. Their values are plain: numbers,
    strings, None; what a column's type would do to a value is not done."""

    def __init__(self, statement: Update) -> None:
        self._statement = statement
        self._compiled = cache(self._compile)

    def changed(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> list[int]:
        """Run it for each of ``rows``, in the caller's transaction; how many rows of its table each one changed.

        Raises what ``Connection.execute`` does.
        """
        sql, fill = self._compiled(connection.dialect)
        driver: Any = connection.connection.driver_connection
        try:
            cursor = driver.cursor()
            try:
                if connection.dialect.name == "sqlite":  # no way to a server that could be saved
                    return [cursor.execute(sql, fill(row)).rowcount for row in rows]
                cursor.executemany(sql, [fill(row) for row in rows], returning=True)
                return [each.rowcount for each in cursor.results()]
            finally:
                cursor.close()
        except trouble.ERRORS as error:
            if connection.dialect.is_disconnect(error, driver, None):  # type: ignore[arg-type] # reason: a driver's error, as it asks for
                connection.invalidate(error)
            kind = next(kind for kind in trouble.ERRORS if isinstance(error, kind))
            raise trouble.meaning(error, connection.engine) or DBAPIError.instance(sql, None, error, kind) from error

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, object]], Any]]:
        compiled = self._statement.compile(dialect=dialect)
        given = {name: value.value if isinstance(value, Enum) else value for name, value in compiled.params.items()}
        if compiled.positiontup is None:
            return str(compiled), lambda row: {**given, **row}
        order = compiled.positiontup

        def in_order(row: Mapping[str, object]) -> tuple[object, ...]:
            return tuple(map({**given, **row}.__getitem__, order))

        return str(compiled), in_order
