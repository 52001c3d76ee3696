"""Another file is copied over the database in place: a file of another time is noticed, and a checkpoint is none."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from composer.database import DatabaseDamaged, OverwriteWatch, connect, even_replaced, overwritten

ROWS = 200


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def engine(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(overwritten, "_OFTEN", 0)  # no test waits for a second
    engine = connect("sqlite:///ledger.db", file.parent, create=True)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE letters (number INTEGER, words TEXT)"))
        connection.execute(text("INSERT INTO letters VALUES (0, '')"))
    yield engine
    engine.dispose()


def write(engine: Engine, watch: OverwriteWatch, times: int = 3) -> DatabaseDamaged | None:
    with even_replaced(engine.connect()) as connection:
        for _ in range(times):
            with connection.begin():
                watch.grow(connection)
                connection.execute(
                    text("INSERT INTO letters SELECT :rows, 'words' FROM letters LIMIT 9"), {"rows": ROWS}
                )
            if (damage := watch.look(connection)) is not None:
                return damage
    return None


def beside(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as own:
        for statement in statements:
            own.execute(statement).fetchall()


def copied(of: Path, to: Path) -> None:
    """As the shell does it, in a process of its own: here, closing the file would release SQLite's locks."""
    subprocess.run(["cp", str(of), str(to)], check=True)


def plain(file: Path, copy: Path) -> None:
    beside(file, "PRAGMA wal_checkpoint(PASSIVE)")
    copied(file, copy)


def vacuumed(file: Path, copy: Path) -> None:
    beside(file, f"VACUUM INTO '{copy}'")


def of_another_newsroom(_file: Path, copy: Path) -> None:
    beside(copy, "CREATE TABLE others (number)", "PRAGMA user_version = 70000")


def garbage(_file: Path, copy: Path) -> None:
    copy.write_bytes(b"no database" * 2000)


def test_a_file_that_was_emptied_is_noticed_before_any_checkpoint_too(engine: Engine, file: Path) -> None:
    watch = OverwriteWatch()
    assert write(engine, watch) is None
    os.truncate(file, 0)
    assert write(engine, watch, 1) is not None


@pytest.mark.parametrize("made", [plain, vacuumed, of_another_newsroom, garbage])
def test_a_file_of_another_time_is_noticed_for_good(
    engine: Engine, file: Path, tmp_path: Path, made: Callable[[Path, Path], None]
) -> None:
    watch, copy = OverwriteWatch(), tmp_path / "copy.db"
    assert write(engine, watch) is None
    made(file, copy)
    assert write(engine, watch) is None
    beside(file, "PRAGMA wal_checkpoint(PASSIVE)")
    assert write(engine, watch) is None
    copied(copy, file)
    damage = write(engine, watch)
    assert damage is not None
    assert "pages of both" in str(damage)
    assert watch.damage is damage


def test_what_other_processes_write_check_and_tidy_is_no_other_file(engine: Engine, file: Path) -> None:
    first, second = OverwriteWatch(), OverwriteWatch()
    for number in range(12):
        assert write(engine, first) is None
        if number % 2:
            beside(file, ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", f"CREATE TABLE t{number} (a)")[number % 3])
        if number % 3:
            assert write(engine, second, 1) is None


def test_the_middle_of_a_checkpoint_is_no_other_file(engine: Engine, file: Path) -> None:
    """An import's: its first page, written first, says more pages than the file has yet."""
    watch = OverwriteWatch()
    with ThreadPoolExecutor() as pool:
        importing = pool.submit(grown, file)
        looks = 0
        while not importing.done():
            assert write(engine, watch, 1) is None
            looks += 1
        assert importing.result() > ROWS
    assert looks > 0


def grown(file: Path) -> int:
    """Megabytes at a time, each with a checkpoint; how many rows."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as own:
        for _ in range(20):
            own.execute("BEGIN IMMEDIATE")
            own.executemany("INSERT INTO letters VALUES (1, ?)", (("words" * 40,) for _ in range(10_000)))
            own.execute("COMMIT")
        return int(own.execute("SELECT count(*) FROM letters").fetchone()[0])


def test_a_database_that_went_back_by_sqlite_itself_is_compared_anew(
    engine: Engine, file: Path, tmp_path: Path
) -> None:
    watch, copy = OverwriteWatch(), tmp_path / "copy.db"
    assert write(engine, watch) is None
    beside(file, f"VACUUM INTO '{copy}'")
    for _ in range(2):
        beside(file, "PRAGMA wal_checkpoint(PASSIVE)")
        assert write(engine, watch) is None
    with closing(sqlite3.connect(copy)) as older, closing(sqlite3.connect(file)) as own:
        older.backup(own)
    with engine.connect() as connection:
        watch.forget(connection)
    beside(file, "PRAGMA wal_checkpoint(PASSIVE)")
    for _ in range(2):
        assert write(engine, watch) is None
        beside(file, "PRAGMA wal_checkpoint(PASSIVE)")
