"""Run one UPDATE for many rows directly on the driver's connection.

The ledger writes thousands of marks and outcomes a second with the same few statements. SQLAlchemy compiles them once;
running one through it would cost ten times what SQLite itself takes. SQLite gets one call per row; PostgreSQL gets all
rows as arrays, in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, Connection, Dialect, Update, bindparam, column, func
from sqlalchemy.types import TypeEngine

from composer.database import errors, pipeline

#: Value name → the SQL expression of that value in the current row.
Given: TypeAlias = "Callable[[str], ColumnElement[Any]]"
#: Value name → its type in the database.
Types: TypeAlias = "Mapping[str, TypeEngine[Any]]"
#: Returns one answer per row, in order. Within ``one_trip``, call it after the end, or after ``step_by_step``.
Answers: TypeAlias = "Callable[[], list[Any]]"


class BulkUpdate:
    """An UPDATE run once per row of values. ``statement`` builds it from the SQL expressions of the values.

    ``types``: the values' types. Values must be plain (numbers, strings, None): SQLAlchemy does not convert them.
    The first of ``types`` is the key: one row of values may only change the table row with that key. ``answer``: the
    column to return.
    """

    def __init__(
        self,
        statement: Callable[[Given], Update],
        types: Types,
        answer: ColumnElement[Any] | None = None,
    ) -> None:
        self._statement = statement
        self._types = types
        self._key = next(iter(types))
        self._answer = answer
        self._one_by_one = cache(self._compile_one_by_one)
        self._together = cache(self._compile_together)
        self._alone = cache(self._compile_alone)

    def run(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> Answers:
        """Run the update for each of ``rows``, in the caller's transaction, as if one after the other. The answers are
        the new values of ``answer``, or True without one; None where no row was changed.

        Raises what ``Connection.execute`` does.
        """
        if connection.dialect.name == "sqlite":
            return self._run_one_by_one(connection, rows)
        # One statement applies only one of several rows with the same key: each further one goes to a later statement.
        times: dict[object, int] = {}
        turns: list[list[Mapping[str, object]]] = []
        places = []
        for row in rows:
            turn = times[row[self._key]] = times.get(row[self._key], -1) + 1
            if turn == len(turns):
                turns.append([])
            turns[turn].append(row)
            places.append((turn, row[self._key]))
        found = [self._run_together(connection, turn) for turn in turns]

        def answers() -> list[Any]:
            changed = [{row[0]: row[-1] if self._answer is not None else True for row in each()} for each in found]
            return [changed[turn].get(key) for turn, key in places]

        return answers

    def run_one(self, connection: Connection, row: Mapping[str, object]) -> Callable[[], bool]:
        """Run the update, which has no ``answer``, for one row; whether one was changed. A third of the cost of ``run``
        on PostgreSQL: no arrays, and the planner's settings with it.

        Without a row the settings are not set: the caller must then roll back.
        """
        if connection.dialect.name == "sqlite":
            sql, fill = self._one_by_one(connection.dialect)
            with errors.ours(connection, sql) as driver:
                changed = driver.execute(sql, fill(row)).rowcount
            return lambda: changed == 1
        plain, with_settings, given = self._alone(connection.dialect)
        with errors.ours(connection, plain) as driver:
            sql = with_settings if pipeline.join_with(connection) else plain
            cursor = driver.execute(sql, {**given, **row}, prepare=True)
        return lambda: cursor.rowcount == 1

    def plan(self, connection: Connection, row: Mapping[str, object]) -> str:
        """The output of EXPLAIN for ``row``, with the planner settings of ``one_trip``."""
        sql, fill = self._one_by_one(connection.dialect)
        if connection.dialect.name == "sqlite":
            with errors.ours(connection, sql) as driver:
                return "\n".join(line[3] for line in driver.execute(f"EXPLAIN QUERY PLAN {sql}", fill(row)))
        sql, given = self._together(connection.dialect)
        with errors.ours(connection, sql) as driver:
            driver.execute(pipeline.PLANS)
            lines = driver.execute(f"EXPLAIN {sql}", {**given, **{name: [row[name]] for name in self._types}})
            return "\n".join(line[0] for line in lines)

    def _run_one_by_one(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> Answers:
        sql, fill = self._one_by_one(connection.dialect)
        with errors.ours(connection, sql) as driver:
            cursor = driver.cursor()
            try:
                if self._answer is None:
                    found = [cursor.execute(sql, fill(row)).rowcount > 0 or None for row in rows]
                else:
                    all_found = [cursor.execute(sql, fill(row)).fetchone() for row in rows]
                    found = [one and one[0] for one in all_found]
            finally:
                cursor.close()
        return lambda: found

    def _run_together(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> Callable[[], Any]:
        sql, given = self._together(connection.dialect)
        values = {name: [row[name] for row in rows] for name in self._types}
        with errors.ours(connection, sql) as driver:
            pipeline.join(connection)
            cursor = driver.execute(sql, {**given, **values}, prepare=True)

        def found() -> Any:
            with errors.ours(connection, sql):
                return cursor.fetchall()

        return found

    def _compile_one_by_one(self, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, object]], Any]]:
        statement = self._statement(lambda name: bindparam(name, type_=self._types[name]))
        if self._answer is not None:
            statement = statement.returning(self._answer)
        compiled = statement.compile(dialect=dialect)
        given, order = _plain(compiled.params), compiled.positiontup or []

        def in_order(row: Mapping[str, object]) -> tuple[object, ...]:
            return tuple(map({**given, **row}.__getitem__, order))

        return str(compiled), in_order

    def _compile_alone(self, dialect: Dialect) -> tuple[str, str, dict[str, object]]:
        """The statement, the same with ``PLANNER_SETTINGS``, and the values that it always has."""
        compiled = self._statement(lambda name: bindparam(name, type_=self._types[name])).compile(dialect=dialect)
        return str(compiled), f"{compiled} RETURNING {pipeline.PLANNER_SETTINGS}", _plain(compiled.params)

    def _compile_together(self, dialect: Dialect) -> tuple[str, dict[str, object]]:
        arrays = [bindparam(name, type_=ARRAY(type_)) for name, type_ in self._types.items()]
        columns = [column(name, type_) for name, type_ in self._types.items()]
        given = func.unnest(*arrays).table_valued(*columns).render_derived(name="given")
        told = [given.c[self._key], self._answer] if self._answer is not None else [given.c[self._key]]
        compiled = self._statement(given.c.__getitem__).returning(*told).compile(dialect=dialect)
        return str(compiled), _plain(compiled.params)


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}
