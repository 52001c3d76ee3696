"""Many rows in one statement, and the statements of a transaction in one round trip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from composer.database import BulkUpdate, Collision, connect, one_trip, step_by_step
from tests.support import databases
from tests.support.postgres import Server

things = Table(
    "things", MetaData(), Column("id", Integer, primary_key=True), Column("name", String(20), nullable=False)
)
#: Renames a thing that has the name it is thought to have.
RENAME = BulkUpdate(
    lambda given: (
        update(things).where(things.c.id == given("thing"), things.c.name == given("was")).values(name=given("becomes"))
    ),
    {"thing": Integer(), "was": String(), "becomes": String()},
    answer=things.c.name,
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(databases.url(tmp_path), tmp_path, create=True)
    things.metadata.create_all(made)
    with made.begin() as connection:
        connection.execute(insert(things), [{"id": number, "name": "a"} for number in range(1, 5)])
    yield made
    made.dispose()


def names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(things.c.name).order_by(things.c.id)).scalars())


def rename(thing: int, was: str, becomes: str | None) -> dict[str, object]:
    return {"thing": thing, "was": was, "becomes": becomes}


def travel(connection: Connection, rows: Sequence[dict[str, object]], *, halts: bool = False) -> None:
    """A transaction with a statement for each of ``rows``."""
    with connection.begin(), one_trip(connection):
        for row in rows:
            RENAME.run(connection, [row])
        if halts:
            step_by_step(connection)


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("travels", [False, True])
def test_each_row_has_its_answer_in_its_place(engine: Engine, travels: bool) -> None:
    """Two of one thing are done one after the other, whatever stands between them."""
    rows = [
        *(rename(3, "a", "c"), rename(1, "a", "b"), rename(9, "a", "b"), rename(1, "a", "x")),
        *(rename(2, "z", "b"), rename(1, "b", "d")),
    ]
    with engine.begin() as connection:
        if travels:
            with one_trip(connection):
                answers = RENAME.run(connection, rows)
                none = RENAME.run(connection, [])
        else:
            answers, none = RENAME.run(connection, rows), RENAME.run(connection, [])
        assert answers() == ["c", "b", None, None, None, "d"]
        assert none() == []
    assert names(engine) == ["d", "a", "c", "a"]


@pytest.mark.usefixtures("each_engine")
def test_an_error_on_the_way_undoes_all_and_the_connection_serves_on(engine: Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(DBAPIError, match=r"things|name"):
            travel(connection, [rename(1, "a", "b"), rename(2, "a", None), rename(3, "a", "b")])
        with connection.begin(), one_trip(connection):
            answers = RENAME.run(connection, [rename(4, "a", "b")])
        assert answers() == ["b"]
    assert names(engine) == ["a", "a", "a", "b"]


@pytest.mark.postgres
def test_of_an_error_on_the_way_the_first_counts_not_what_it_kept_from_being_done(
    tmp_path: Path, postgres_server: Server
) -> None:
    """A deadlock is a Collision, which is tried again; "pipeline aborted" would be a database that is away."""
    collide = "CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '40P01'; END $$"
    with databases.on(postgres_server):
        made = connect(databases.url(tmp_path), tmp_path, create=True)
        things.metadata.create_all(made)
        with made.begin() as connection:
            connection.execute(insert(things), {"id": 1, "name": "a"})
            connection.execute(text(collide))
            trigger = "CREATE TRIGGER collide BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION collide()"
            connection.execute(text(trigger))
        for tail in range(3):
            for halts in (False, True):
                with made.connect() as connection, pytest.raises(Collision):
                    travel(connection, [rename(1, "a", "b")] * (1 + tail), halts=halts)
        made.dispose()


@pytest.mark.postgres
def test_plans_are_made_once_for_what_travels_and_as_usual_for_the_rest(
    tmp_path: Path, postgres_server: Server
) -> None:
    with databases.on(postgres_server):
        made = connect(databases.url(tmp_path), tmp_path, create=True)
        things.metadata.create_all(made)
        with made.connect() as connection:
            for _transaction in range(10):
                with connection.begin(), one_trip(connection):
                    RENAME.run(connection, [rename(1, "a", "b")])
                    step_by_step(connection)
                    assert connection.execute(text("SHOW plan_cache_mode")).scalar_one() == "auto"
                    assert connection.execute(text("SHOW enable_seqscan")).scalar_one() == "on"
                    RENAME.run(connection, [rename(1, "a", "b")])
            assert connection.execute(text("SHOW enable_seqscan")).scalar_one() == "on"
            prepared = (
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE 'UPDATE thi%'"
            )
            assert [tuple(row) for row in connection.execute(text(prepared))] == [(20, 0)]
        made.dispose()
