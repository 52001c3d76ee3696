"""PostgreSQL as the ledger needs it: the same schema, errors that say what they are, the same clock and instants."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text

from composer.database import Collision, DatabaseUnavailable, connect, db_now, metadata, require_current, require_whole
from composer.database.schema_revision import head
from composer.errors import Refused
from composer.newsroom.environment import ADDRESS_KEY_FILE
from tests.support.address_keys import upgrade
from tests.support.postgres import Server

pytestmark = pytest.mark.postgres
ROOMS = Path(__file__).parents[2] / "composer"
for tables in ROOMS.rglob("tables.py"):
    import_module(".".join(tables.relative_to(ROOMS.parent).with_suffix("").parts))


@pytest.fixture
def engine(postgres_server: Server, tmp_path: Path) -> Iterator[Engine]:
    engine = connect(postgres_server.new_database(), tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def empty(postgres_server: Server, tmp_path: Path) -> Iterator[Engine]:
    engine = connect(postgres_server.new_database(empty=True), tmp_path)
    yield engine
    engine.dispose()


def test_the_migrated_schema_is_the_declared_one(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_says_what_to_type(empty: Engine) -> None:
    with pytest.raises(Refused, match="filigrane db upgrade"):
        require_current(empty)


@pytest.mark.slow
def test_hosts_that_upgrade_together_agree_and_one_of_them_makes_the_address_key(empty: Engine, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from composer.database import connect, revision;"
        "from composer.database.migrate import upgrade;"
        "from composer.newsroom.making_keys import address_key_or_new; root = Path(sys.argv[1]); root.mkdir();"
        f"engine = connect({empty.url.render_as_string()!r}, root); upgrade(engine, lambda: address_key_or_new(root));"
        "print(revision(engine)); engine.dispose()"
    )
    hosts = [tmp_path / f"host-{number}" for number in range(3)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, host], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for host in hosts
    ]
    assert [process.communicate()[0].strip() for process in running] == [head()] * 3
    assert [(host / ADDRESS_KEY_FILE).exists() for host in hosts].count(True) == 1


def test_a_failed_migration_leaves_nothing(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("power")

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "create_index", fail)
        with pytest.raises(RuntimeError, match="power"):
            upgrade(empty)
    assert inspect(empty).get_table_names() == []


def test_the_clock_is_the_databases_and_instants_come_back_aware(engine: Engine) -> None:
    with engine.connect() as connection:
        then, now = connection.execute(select(db_now(-90), db_now())).one()
    assert timedelta(seconds=89) < now - then < timedelta(seconds=91)
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def suppress(engine: Engine, key: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO suppressions VALUES (:key, 'manual', NULL, now())"), {"key": key})


def test_a_connection_that_was_cut_is_said_and_the_next_one_is_another(engine: Engine) -> None:
    suppress(engine, "a")
    with engine.connect() as connection:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with engine.connect() as other:
            other.execute(text(f"SELECT pg_terminate_backend({mine}, 5000)"))
        with pytest.raises(DatabaseUnavailable, match="the server is stopping"):
            connection.execute(text("SELECT 1"))
    suppress(engine, "b")


def test_a_connection_that_was_cut_in_the_pool_is_nobodys_trouble(engine: Engine) -> None:
    suppress(engine, "a")
    other = connect(engine.url.render_as_string(), Path())
    with other.begin() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                 " AND datname = current_database()")
        )  # fmt: skip
    other.dispose()
    suppress(engine, "b")


@pytest.mark.slow
def test_of_two_transactions_in_each_others_way_one_is_undone_and_says_so(engine: Engine) -> None:
    for key in "ab":
        suppress(engine, key)
    undone: list[Exception] = []
    both = threading.Barrier(2)

    def change(first: str, second: str) -> None:
        statement = text("UPDATE suppressions SET detail = 'seen' WHERE address_key = :key")
        try:
            with engine.begin() as connection:
                connection.execute(statement, {"key": first})
                both.wait(20)
                connection.execute(statement, {"key": second})
        except Collision as error:
            undone.append(error)

    threads = [threading.Thread(target=change, args=keys) for keys in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(undone) == 1
    assert "stood in the way" in str(undone[0])


@pytest.mark.parametrize(
    ("setting", "statement", "words"),
    [
        ("default_transaction_read_only = on", "DELETE FROM suppressions", "read-only"),
        ("lock_timeout = 50", "LOCK TABLE suppressions", "another process"),
        ("statement_timeout = 50", "SELECT pg_sleep(9)", "longer than the server allows"),
    ],
)
def test_what_may_pass_is_said_in_a_line(engine: Engine, setting: str, statement: str, words: str) -> None:
    with engine.begin() as holder:
        holder.execute(text("LOCK TABLE suppressions IN ACCESS SHARE MODE"))
        with engine.connect() as connection:
            connection.execute(text(f"SET {setting}"))
            connection.commit()
            with pytest.raises(DatabaseUnavailable, match=words):
                connection.execute(text(statement))
            connection.rollback()
            connection.invalidate()


def test_a_right_that_was_taken_and_tables_that_are_gone_are_said_in_a_line(engine: Engine) -> None:
    """An operator's: a role that lost its grants, ``pg_restore --clean`` under a process that lives."""
    with engine.connect() as connection:
        connection.execute(text("CREATE ROLE bare"))
        for before, statement, words in (
            ("SET LOCAL ROLE bare", "DELETE FROM suppressions", "its role may not.*suppressions"),
            ("DROP TABLE suppressions", "DELETE FROM suppressions", "is not there.*suppressions"),
            ("SET LOCAL search_path TO nowhere", "CREATE TABLE here (number int)", "is not there"),
            ("SELECT 1", "SELECT later FROM suppressions", "is not there.*later"),
            ("SELECT 1", "DO $$ BEGIN RAISE EXCEPTION 'audited'; END $$", "a trigger there refuses.*audited"),
        ):
            nested = connection.begin_nested()
            connection.execute(text(before))
            with pytest.raises(DatabaseUnavailable, match=words):
                connection.execute(text(statement))
            nested.rollback()


def test_what_is_set_for_the_database_changes_no_session_of_ours(postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.new_database()
    engine = connect(url, tmp_path)
    wanted = {
        "default_transaction_isolation": "repeatable read",
        "statement_timeout": "9s",
        "idle_session_timeout": "9s",
    }
    for name, value in wanted.items():
        with engine.begin() as connection:
            connection.execute(text(f"ALTER DATABASE {engine.url.database} SET {name} = '{value}'"))
    engine.dispose()
    with engine.connect() as connection:
        found = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in wanted]
    assert found == ["read committed", "0", "0"]
    engine.dispose()


def test_a_connection_to_a_server_that_takes_no_writes_is_not_used_again(engine: Engine) -> None:
    """After a switchover the name leads to another server."""
    pid = text("SELECT pg_backend_pid()")
    with engine.connect() as connection:
        before = connection.execute(pid).scalar_one()
        connection.execute(text("SET default_transaction_read_only = on"))
        connection.commit()
        with pytest.raises(DatabaseUnavailable, match="read-only"):
            connection.execute(text("DELETE FROM suppressions"))
    with engine.connect() as connection:
        assert connection.execute(pid).scalar_one() != before


def test_a_database_that_lacks_letters_is_refused(postgres_server: Server, tmp_path: Path) -> None:
    at = {"host": str(postgres_server.folder), "user": "postgres", "dbname": "postgres", "autocommit": True}
    with psycopg.connect(**at) as server:  # type: ignore[arg-type] # reason: one dictionary of several types
        server.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    engine = connect(postgres_server.url("ascii"), tmp_path)
    with pytest.raises(Refused, match=r"SQL_ASCII.*createdb --encoding UTF8"):
        upgrade(engine)
    engine.dispose()
    postgres_server.drop("ascii")


def test_tables_without_keys_are_being_restored(engine: Engine) -> None:
    with engine.begin() as connection:
        require_whole(connection)
        connection.execute(text("ALTER TABLE alembic_version DROP CONSTRAINT alembic_version_pkc"))
        with pytest.raises(DatabaseUnavailable, match="being restored"):
            require_whole(connection)


def test_a_server_that_is_not_there_is_said_in_a_line_without_its_password(tmp_path: Path) -> None:
    engine = connect("postgresql://filigrane:geheim@127.0.0.1:1/journal", tmp_path)
    with pytest.raises(DatabaseUnavailable, match=r"journal: it does not answer.*refused") as caught, engine.connect():
        pass
    assert "geheim" not in str(caught.value)


def test_a_mistake_of_ours_stays_a_traceback(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(Exception, match="syntax error") as caught:
        connection.execute(text("SELECT FROM FROM"))
    assert not isinstance(caught.value, DatabaseUnavailable)
