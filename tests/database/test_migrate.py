"""The schema: what the migrations make is what the rooms declare."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, text
from sqlalchemy.exc import IntegrityError

from composer.database import changed, connect, metadata, require_current, revision
from composer.database.schema_revision import MIGRATIONS, head, revisions
from composer.delivery.ledger import retention
from composer.errors import Refused
from tests.support import databases
from tests.support.address_keys import open_database, upgrade

ROOMS = Path(__file__).parents[2] / "composer"
for tables in ROOMS.rglob("tables.py"):
    import_module(".".join(tables.relative_to(ROOMS.parent).with_suffix("").parts))


def engine_in(folder: Path) -> Engine:
    return connect("sqlite:///var/filigrane.db", folder, create=True)


def test_the_migrated_schema_is_the_declared_one(tmp_path: Path) -> None:
    engine = engine_in(tmp_path)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_revisions_are_those_of_alembic_in_its_order() -> None:
    assert revisions() == tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


@pytest.mark.slow
def test_the_comparison_sees_a_missing_column(tmp_path: Path) -> None:
    engine = engine_in(tmp_path)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE occurrences DROP COLUMN reason"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()


def test_indexes_constraints_and_autoincrement_are_the_declared_ones(tmp_path: Path) -> None:
    """``compare_metadata`` does not look at everything; SQLite's own text of the schema does."""
    migrated, declared = engine_in(tmp_path / "migrated"), engine_in(tmp_path / "declared")
    upgrade(migrated)
    metadata.create_all(declared)

    def schema(engine: Engine) -> dict[str, list[str]]:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
        # At commas too: SQLite writes an added column behind the last one, on its line, and the last bracket there.
        parts = {name: re.split(r"[,\n]", sql.removesuffix(")")) for name, sql in rows}
        lines = {name: sorted(part.strip() for part in each if part.strip()) for name, each in parts.items()}
        lines.pop("alembic_version", None)
        return lines

    assert schema(migrated) == schema(declared)
    migrated.dispose()
    declared.dispose()


def test_upgrade_is_idempotent_and_keeps_rows(tmp_path: Path) -> None:
    engine = engine_in(tmp_path)
    assert revision(engine) is None
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO suppressions (address_key, reason, at) VALUES ('k', 'manual', '2026')"))
    upgrade(engine)
    assert revision(engine) == head()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM suppressions")).scalar_one() == 1
    engine.dispose()


def test_a_new_database_is_made_with_its_folder_and_tables(tmp_path: Path) -> None:
    engine = open_database("sqlite:///var/deep/filigrane.db", tmp_path, create=True)
    assert (tmp_path / "var/deep/filigrane.db").exists()
    assert "deliveries" in inspect(engine).get_table_names()
    engine.dispose()


def test_a_database_that_is_behind_says_what_to_type(tmp_path: Path) -> None:
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(Refused, match="0000"):
        require_current(engine)
    engine.dispose()


def test_a_database_without_revision_says_what_to_type(tmp_path: Path) -> None:
    engine = engine_in(tmp_path)
    with pytest.raises(Refused, match="filigrane db upgrade"):
        require_current(engine)
    engine.dispose()


def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (upgrade, require_current):
        with pytest.raises(Refused, match="later version"):
            act(engine)
    engine.dispose()


def test_tables_that_another_version_changed_meanwhile_are_told(tmp_path: Path) -> None:
    engine = open_database("sqlite:///var/filigrane.db", tmp_path, create=True)
    assert changed(engine) is None
    for statement, told in (
        ("UPDATE alembic_version SET version_num = '9999'", True),
        ("DROP TABLE alembic_version", False),
    ):
        with engine.begin() as connection:
            connection.execute(text(statement))
        assert bool(changed(engine)) == told
    assert changed(engine) is None
    engine.dispose()


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(Refused, match="another program"):
        open_database("sqlite:///other.db", tmp_path, create=True)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    other.close()


@pytest.mark.slow
def test_processes_that_open_a_new_database_together_agree(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from composer.database import revision;"
        "from composer.subscribers.new_database import create_keyed;"
        "from composer.subscribers.address_key import require_address_key;"
        f"engine = create_keyed('sqlite:///var/filigrane.db', Path({str(tmp_path)!r}));"
        "require_address_key(engine); print(revision(engine))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(4)
    ]
    assert [process.communicate()[0].strip() for process in running] == [head()] * 4


def test_a_failed_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has transactional DDL; the driver would end the transaction at the first CREATE without our BEGIN."""
    engine = engine_in(tmp_path)
    with monkeypatch.context() as patch:
        from alembic.operations import Operations

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("power")

        patch.setattr(Operations, "create_index", fail)
        with pytest.raises(RuntimeError, match="power"):
            upgrade(engine)
    after = MetaData()
    after.reflect(engine)
    assert list(after.tables) == []
    upgrade(engine)
    assert revision(engine) == head()
    engine.dispose()


@pytest.mark.usefixtures("each_engine")
def test_mailings_made_anew_keep_their_rows_their_editions_and_their_next_number(tmp_path: Path) -> None:
    server = databases.postgres()
    url = server.new_database(empty=True) if server else "sqlite:///var/filigrane.db"
    engine = connect(url, tmp_path, create=True)
    databases.turned_back(engine, "0002")
    columns = "publication, date, slug, subject, seal, state, dated, secret_fingerprint, return_domain, opened_at"
    values = "'s', '0', 'done', '2026-11-27', '0', 'example.org', '2026-11-27'"
    one = f"INSERT INTO mailings ({columns}) VALUES ('vendredi', '2026-11-27', '', {values})"
    with engine.begin() as connection:
        connection.execute(text(one))
        row = "INSERT INTO mailing_editions (mailing_id, audience, language, seal, template) "
        row += "VALUES (1, 'free', 'fr', '0', '')"
        connection.execute(text(row))
        if engine.dialect.name == "sqlite":  # as ``restore`` does
            connection.execute(text("UPDATE sqlite_sequence SET seq = 1000001 WHERE name = 'mailings'"))
        else:
            connection.execute(text("SELECT setval(pg_get_serial_sequence('mailings', 'id'), 1000001)"))
    upgrade(engine)
    with engine.begin() as connection:
        found = connection.execute(text("SELECT id, rehearsal, readers FROM mailings")).one()
        assert tuple(found) == (1, 0, None)
        connection.execute(text(one.replace("'2026-11-27', ''", "'2026-12-04', ''")))
        assert connection.execute(text("SELECT max(id) FROM mailings")).scalar_one() == 1000002
        assert connection.execute(text("SELECT mailing_id FROM mailing_editions")).scalar_one() == 1
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(one))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(row.replace("(1,", "(7,")))
    databases.turned_back(engine, "0002")
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM mailings")).scalar_one() == 2
    engine.dispose()


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("used", [True, False])
def test_a_database_that_kept_former_readers_for_ever_waits_before_it_forgets_any(used: bool, tmp_path: Path) -> None:
    server = databases.postgres()
    url = server.new_database(empty=True) if server else "sqlite:///var/filigrane.db"
    engine = connect(url, tmp_path, create=True)
    upgrade(engine)
    databases.turned_back(engine, "0015")
    with engine.begin() as connection:
        retention.begin(connection)
        if used:
            reader = "INSERT INTO subscribers (address_key, created_at) VALUES ('k', '2020-01-01')"
            connection.execute(text(reader))
    upgrade(engine)
    with engine.connect() as connection:
        times = retention.times(connection)
    assert times is not None
    days = (times.begins - times.now).total_seconds() / 86400
    assert round(days) == (30 if used else 0)
    engine.dispose()


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("used", [True, False])
def test_a_database_of_the_first_version_opens_with_all_it_holds(used: bool, tmp_path: Path) -> None:
    """Where it holds mailings, retention waits for thirty days; in a new one there is nothing to wait for."""
    server = databases.postgres()
    url = server.new_database(empty=True) if server else "sqlite:///var/filigrane.db"
    engine = connect(url, tmp_path, create=True)
    databases.turned_back(engine, "0001")
    if used:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO mailings (publication, date, slug, subject, seal, state, dated, secret_fingerprint, "
                    "return_domain, opened_at) VALUES ('vendredi', '2026-11-27', '', 's', '0', 'done', '2026-11-27', "
                    "'0', 'example.org', '2026-11-27')"
                )
            )
    with pytest.raises(Refused, match="filigrane db upgrade"):
        open_database(url, tmp_path)
    upgrade(engine)
    engine.dispose()
    opened = open_database(url, tmp_path)
    with opened.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM mailings")).scalar_one() == used
        times = retention.times(connection)
    assert times is not None
    assert times.swept is None
    days = (times.begins - times.now).total_seconds() / 86400
    assert round(days) == (30 if used else 0)
    opened.dispose()
