"""A SQLite file that is deleted or replaced while it is open."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from composer.database import (
    DatabaseReplaced,
    DatabaseUnavailable,
    connect,
    even_replaced,
    open_file,
    read_only,
    remove_left_log,
    replaced,
    rescue,
)
from composer.errors import OutsideWorld

NAME = "ledger.db"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{NAME}", tmp_path, create=True)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE letters (id INTEGER)"))
    yield engine
    engine.dispose()


def write(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO letters VALUES (1)"))


def test_of_a_database_that_is_a_link_the_log_beside_the_file_itself_counts(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "real.db").touch()
    (tmp_path / NAME).symlink_to("disk/real.db")
    engine = connect(f"sqlite:///{NAME}", tmp_path)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE letters (id INTEGER)"))
    write(engine)
    (tmp_path / "disk" / "real.db-wal").unlink()
    with pytest.raises(DatabaseReplaced, match=r"real\.db-wal was deleted"):
        write(engine)
    engine.dispose()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
@pytest.mark.parametrize("put_back", [False, True])
def test_nothing_is_written_any_more_where_one_of_the_files_is_another(
    engine: Engine, tmp_path: Path, suffix: str, put_back: bool
) -> None:
    write(engine)
    file = tmp_path / (NAME + suffix)
    shutil.copyfile(file, tmp_path / "copy")
    file.unlink()
    if put_back:
        (tmp_path / "copy").rename(file)
    with pytest.raises(DatabaseReplaced, match="another file" if put_back else "was deleted") as raised:
        write(engine)
    assert file.name in str(raised.value)
    assert raised.value.file


def test_what_is_still_open_is_written_and_saved(engine: Engine, tmp_path: Path) -> None:
    with even_replaced(engine.connect()) as connection:
        for number in range(2):
            with connection.begin():
                connection.execute(text("INSERT INTO letters VALUES (:number)"), {"number": number})
            assert (replaced(connection) is not None) == bool(number)
            for path in tmp_path.glob(f"{NAME}*"):
                path.unlink()
        first, second = rescue(connection, tmp_path / "var"), rescue(connection, tmp_path / "var")
    assert first != second
    for saved in (first, second):
        assert saved.stat().st_mode & 0o777 == 0o600
        with closing(sqlite3.connect(saved)) as copy:
            assert copy.execute("SELECT id FROM letters").fetchall() == [(0,), (1,)]


@pytest.mark.parametrize("placed", ["before", "after", "not at all"])
def test_what_is_put_in_its_place_has_no_log_of_the_file_before(engine: Engine, tmp_path: Path, placed: str) -> None:
    """SQLite would write into it what the -wal of another file holds."""
    other = tmp_path / "other.db"
    with even_replaced(engine.connect()) as connection:
        with connection.begin():
            connection.execute(text("INSERT INTO letters VALUES (7)"))
        assert replaced(connection) is None
        shutil.copyfile(tmp_path / NAME, other)
        if placed == "before":
            other.rename(tmp_path / NAME)
        elif placed == "after":
            (tmp_path / NAME).unlink()
        remove_left_log(connection, rescued=False)
        assert (tmp_path / f"{NAME}-wal").exists() == (placed != "before")
        saved = rescue(connection, tmp_path / "var")
        assert (tmp_path / f"{NAME}-wal").exists() == (placed == "not at all")
    assert saved.exists()


@pytest.mark.parametrize(
    ("damage", "why"),
    [("sql='CREATE TABLE'", "malformed"), ("rootpage=(SELECT min(rootpage) FROM sqlite_schema)", "2nd reference")],
)
def test_a_copy_that_is_damaged_does_not_stay(engine: Engine, tmp_path: Path, damage: str, why: str) -> None:
    with engine.connect() as connection:
        for statement in (
            "CREATE TABLE other (id INTEGER)",
            "PRAGMA writable_schema=ON",
            f"UPDATE sqlite_schema SET {damage} WHERE name='other'",
        ):
            connection.execute(text(statement))
        connection.commit()
        with pytest.raises(OutsideWorld, match=why):
            rescue(connection, tmp_path / "var")
    assert list((tmp_path / "var").iterdir()) == []


def test_what_another_process_commits_while_it_is_copied_is_copied(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several copies the newest is put in place: it may lack nothing that was recorded before it was whole."""
    write(engine)
    with closing(sqlite3.connect(tmp_path / NAME)) as other, engine.connect() as connection:
        versions = open_file._commits_of_others

        def meanwhile(driver: Any) -> int:
            if other.total_changes < 2:
                other.execute("INSERT INTO letters VALUES (2)")
                other.commit()
            return versions(driver)

        monkeypatch.setattr(open_file, "_commits_of_others", meanwhile)
        saved = rescue(connection, tmp_path / "var")
    with closing(sqlite3.connect(saved)) as copy:
        assert copy.execute("SELECT count(*) FROM letters").fetchone() == (3,)


def test_a_full_disk_keeps_no_part_of_a_copy(engine: Engine, tmp_path: Path) -> None:
    """Files of this process may not grow past 8 KiB (RLIMIT_FSIZE) while it is copied."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO letters VALUES (zeroblob(100000))"))
        connection.commit()
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
        try:
            with pytest.raises(OutsideWorld, match="could not be written to"):
                rescue(connection, tmp_path / "var")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert list((tmp_path / "var").iterdir()) == []
        assert [rescue(connection, tmp_path / "var")] == list((tmp_path / "var").iterdir())


def test_another_connection_leaves_what_is_still_open_whole(engine: Engine, tmp_path: Path) -> None:
    """Opening the file put in its place would empty the -wal that both share into that file."""
    with read_only(engine).connect() as held:
        for _number in range(50):
            write(engine)
        assert held.execute(text("SELECT count(*) FROM letters")).scalar_one() == 50
        held.rollback()
        engine.pool.dispose()  # the held one is left, and every other is new
        with closing(sqlite3.connect(tmp_path / "other.db")) as other:
            other.execute("CREATE TABLE newspapers (id INTEGER)")
        (tmp_path / "other.db").rename(tmp_path / NAME)
        with pytest.raises(DatabaseReplaced), read_only(engine).connect() as second:
            second.execute(text("SELECT 1"))
        with closing(sqlite3.connect(rescue(held, tmp_path / "var"))) as copy:
            assert copy.execute("SELECT count(*) FROM letters").fetchone() == (50,)


def test_no_other_engine_opens_a_file_beside_the_log_of_one_that_is_still_open(engine: Engine, tmp_path: Path) -> None:
    with read_only(engine).connect() as held:
        write(engine)
        held.execute(text("SELECT count(*) FROM letters")).scalar_one()
        (tmp_path / "other.db").touch()
        (tmp_path / "other.db").rename(tmp_path / NAME)
        with pytest.raises(DatabaseUnavailable, match=f"process {os.getpid()} still has"):
            connect(f"sqlite:///{NAME}", tmp_path).connect()
        with closing(sqlite3.connect(rescue(held, tmp_path / "var"))) as copy:
            assert copy.execute("SELECT count(*) FROM letters").fetchone() == (1,)
    engine.dispose()
    connect(f"sqlite:///{NAME}", tmp_path).connect().close()


def test_an_engine_never_has_two_files_open(engine: Engine, tmp_path: Path) -> None:
    with read_only(engine).connect() as held:
        (tmp_path / NAME).unlink()
        sqlite3.connect(tmp_path / NAME).close()
        (tmp_path / NAME).touch()
        with pytest.raises(DatabaseReplaced), read_only(engine).connect() as other:
            other.execute(text("SELECT 1"))
        assert held.execute(text("SELECT count(*) FROM letters")).scalar_one() == 0


def test_a_file_that_is_open_by_another_name_is_not_opened(engine: Engine, tmp_path: Path) -> None:
    """Each name has a log of its own. A name that is open nowhere is no trouble."""
    write(engine)
    (tmp_path / "link.db").hardlink_to(tmp_path / NAME)
    other = connect("sqlite:///link.db", tmp_path)
    with pytest.raises(DatabaseUnavailable, match=rf"process {os.getpid()} .*{NAME}.*hard link"):
        write(other)
    write(engine)
    engine.dispose()
    write(other)
    other.dispose()
