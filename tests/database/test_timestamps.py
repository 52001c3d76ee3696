"""The database's clock and the instants it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Engine,
    Float,
    Integer,
    MetaData,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import StatementError

from composer.database import UTCDateTime, db_now

things = Table(
    "things", MetaData(), Column("id", Integer, primary_key=True), Column("at", UTCDateTime, default=db_now(-3600))
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    things.metadata.create_all(engine)
    yield engine
    engine.dispose()


def seconds_between(engine: Engine, seconds: float) -> float:
    with engine.connect() as connection:
        then, now = connection.execute(select(db_now(seconds), db_now())).one()
    assert then.tzinfo is not None
    return float((then - now).total_seconds())


@given(seconds=st.floats(-1e8, 1e8).map(lambda number: round(number, 3)))
def test_moment_is_as_far_from_now_as_it_says(engine: Engine, seconds: float) -> None:
    assert abs(seconds_between(engine, seconds) - seconds) < 0.01


def test_the_seconds_of_a_cached_statement_are_the_ones_asked_for(engine: Engine) -> None:
    assert [round(seconds_between(engine, seconds)) for seconds in (-30, 60, -30, 0, 3600)] == [-30, 60, -30, 0, 3600]


def test_statements_that_differ_by_their_seconds_are_compiled_once(engine: Engine) -> None:
    thirty, sixty = (select(db_now(seconds))._generate_cache_key() for seconds in (-30, -60))
    assert thirty is not None
    assert thirty == sixty
    assert thirty != select(db_now())._generate_cache_key()


def test_a_default_of_many_rows_keeps_its_seconds(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(things), [{"id": number} for number in range(1, 4)])
        hour_ago = connection.execute(select(things.c.at)).scalars().all()
        now = connection.execute(select(db_now())).scalar_one()
        connection.execute(update(things).values(at=db_now(60)).where(things.c.id == 1, things.c.at < db_now(-3000)))
        later = connection.execute(select(things.c.id).where(things.c.at > db_now(30))).scalars().all()
    assert all(timedelta(minutes=59) < now - then < timedelta(minutes=61) for then in hour_ago)
    assert later == [1]


def test_postgresql_reads_a_clock_that_moves_within_a_transaction() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # reason: SQLAlchemy left it so
    statement = str(select(db_now(-30)).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    assert "clock_timestamp() + make_interval(secs => -30.0)" in statement


zones = st.timezones() | st.just(timezone(timedelta(hours=-3, minutes=-30)))


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones))  # noqa: DTZ001
def test_an_instant_comes_back_as_the_same_instant_in_utc(engine: Engine, at: datetime) -> None:
    with engine.connect() as connection:
        connection.execute(insert(things).values(id=99, at=at))
        back = connection.execute(select(things.c.at).where(things.c.id == 99)).scalar_one()
        connection.rollback()
    assert back == at.astimezone(UTC)  # the hour that happens twice a year equals nothing in another zone
    assert back.tzinfo is UTC


def test_a_naive_datetime_is_refused(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(StatementError, match="naive"):
        connection.execute(insert(things).values(id=5, at=datetime(2026, 11, 27, 7)))  # noqa: DTZ001


def test_stored_and_computed_instants_compare_digit_by_digit(engine: Engine) -> None:
    """SQLite compares text: both must have six decimals."""
    seen: list[str] = []
    with engine.connect() as connection:
        connection.execute(insert(things).values(id=7, at=datetime(2026, 11, 27, 7, tzinfo=UTC)))
        raw = connection.exec_driver_sql("SELECT at FROM things WHERE id = 7").scalar_one()
        event.listen(connection, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
        connection.execute(select(db_now()))
        computed = connection.exec_driver_sql(seen[0]).scalar_one()
        connection.rollback()
    assert len(raw) == len(computed) == len("2026-11-27 07:00:00.000000")


def test_the_seconds_may_be_another_parameter_of_each_row(engine: Engine) -> None:
    ahead = select(db_now(bindparam("ahead", type_=Float())), db_now())
    with engine.connect() as connection:
        for seconds in (0.0, 60.0, -1.5, 3600.0):
            then, now = connection.execute(ahead, {"ahead": seconds}).one()
            assert abs((then - now).total_seconds() - seconds) < 0.1


def test_a_year_stored_in_fewer_digits_is_read() -> None:
    """SQLite only: an import of an earlier version wrote ``202-01-01`` for a mistyped year."""
    with create_engine("sqlite://").connect() as connection:
        things.create(connection)
        for number, stored in ((8, "1-01-01 00:00:00.000000"), (9, "202-03-05 10:11:12.000000")):
            connection.exec_driver_sql("INSERT INTO things (id, at) VALUES (?, ?)", (number, stored))
        found = connection.execute(select(things.c.at).order_by(things.c.id)).scalars()
        assert [at.year for at in found] == [1, 202]
