"""SQLite as the ledger needs it, and what a person reads when its file cannot be used."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from composer.database import DatabaseUnavailable, connect, read_only
from composer.database.errors import translated
from composer.errors import OutsideWorld
from tests.support.address_keys import open_database


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database("sqlite:///var/filigrane.db", tmp_path, create=True)


def suppress(engine: Engine, key: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO suppressions (address_key, reason, at) VALUES (:key, 'manual', '2026')"), {"key": key}
        )


def test_commits_survive_a_power_cut_and_foreign_keys_hold(engine: Engine) -> None:
    with engine.connect() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in (
            "journal_mode", "synchronous", "foreign_keys", "busy_timeout"
        )}  # fmt: skip
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}
    engine.dispose()


def test_a_reader_does_not_wait_for_the_writer(engine: Engine) -> None:
    with engine.begin() as writer:
        writer.execute(text("INSERT INTO suppressions (address_key, reason, at) VALUES ('w', 'manual', '2026')"))
        with read_only(engine).connect() as reader:
            assert reader.execute(text("SELECT count(*) FROM suppressions")).scalar_one() == 0
    engine.dispose()


def test_two_writers_wait_for_each_other_instead_of_failing(engine: Engine) -> None:
    def count_up() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                seen = connection.execute(text("SELECT count(*) FROM suppressions")).scalar_one()
                connection.execute(
                    text("INSERT INTO suppressions (address_key, reason, at) VALUES (:key, 'manual', '2026')"),
                    {"key": str(seen)},
                )

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM suppressions")).scalar_one() == 80
    engine.dispose()


def test_a_locked_database_is_said_in_a_line(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.database.errors.PATIENCE", 0.05)
    impatient = connect("sqlite:///var/filigrane.db", tmp_path)
    with engine.begin(), pytest.raises(OutsideWorld, match="another process has been writing"):
        suppress(impatient, "k")
    suppress(impatient, "k")
    engine.dispose()
    impatient.dispose()


def test_a_full_disk_is_said_in_a_line_and_changes_nothing(engine: Engine) -> None:
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.rollback()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(OutsideWorld, match="disk is full"):
            connection.execute(
                text(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
                    "INSERT INTO suppressions (address_key, reason, at) SELECT i, 'manual', '2026' FROM n"
                )
            )
        connection.rollback()
        assert connection.execute(text("SELECT count(*) FROM suppressions")).scalar_one() == 0
    engine.dispose()


def test_a_read_only_database_is_said_in_a_line(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")  # file rights do not stop root; SQLite's code is the same
        with pytest.raises(OutsideWorld, match="read-only"):
            connection.execute(text("DELETE FROM suppressions"))
    engine.dispose()


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[None]:
    """File rights do not stop root: for a while this process is nobody, who may read what the tests made."""
    if os.geteuid() != 0:
        yield
        return
    closed = [folder for folder in (tmp_path, *tmp_path.parents) if not folder.stat().st_mode & stat.S_IXOTH]
    modes = {folder: folder.stat().st_mode for folder in closed}
    for folder in closed:
        folder.chmod(modes[folder] | stat.S_IXOTH | stat.S_IROTH)
    os.seteuid(65534)
    yield
    os.seteuid(0)
    for folder, mode in modes.items():
        folder.chmod(mode)


def test_a_file_without_write_rights_is_said_in_a_line(engine: Engine, tmp_path: Path, nobody: None) -> None:
    engine.dispose()
    if os.geteuid() != 65534:
        (tmp_path / "var/filigrane.db").chmod(0o444)
    with pytest.raises(OutsideWorld, match="filigrane\\.db"):
        suppress(engine, "k")
    engine.dispose()


def test_a_file_that_is_no_database_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "filigrane.db").write_text("la gazette du pont de fer\n" * 100)
    with pytest.raises(OutsideWorld, match=r"filigrane\.db.*not a database"):
        open_database("sqlite:///filigrane.db", tmp_path, create=True)


def test_a_folder_in_the_place_of_the_file_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "filigrane.db").mkdir()
    with pytest.raises(OutsideWorld, match="cannot be opened"):
        open_database("sqlite:///filigrane.db", tmp_path, create=True)


def test_a_file_in_the_place_of_the_folder_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(OutsideWorld, match="cannot be made"):
        connect("sqlite:///var/filigrane.db", tmp_path, create=True)


@pytest.mark.parametrize("url", ["", "var/filigrane.db", "mongodb://localhost/x", "postgresql+nothing://localhost/x"])
def test_a_url_nobody_understands_is_refused_with_an_example(url: str, tmp_path: Path) -> None:
    with pytest.raises(OutsideWorld, match="sqlite:///var"):
        connect(url, tmp_path)


def test_a_trigger_that_refuses_is_said_in_a_line(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TRIGGER t BEFORE INSERT ON suppressions BEGIN SELECT raise(ABORT, 'audited'); END")
        )
    with pytest.raises(DatabaseUnavailable, match=r"a trigger there refuses.*audited"):
        suppress(engine, "k")
    engine.dispose()


def test_a_quota_is_said_in_a_line_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """By a limit to the size of files: SQLite gives either the same code."""
    suppress(engine, "k")
    size = (tmp_path / "var" / "filigrane.db-wal").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        with pytest.raises(DatabaseUnavailable, match="a quota"):
            suppress(engine, "l")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    suppress(engine, "l")
    engine.dispose()


def test_a_mistake_of_ours_stays_a_traceback(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(Exception, match="no such table") as caught:
        connection.execute(text("SELECT * FROM missing"))
    assert not isinstance(caught.value, OutsideWorld)
    engine.dispose()


def test_a_path_that_is_absolute_is_taken_as_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "there.db"):
        pass
    engine = connect(f"sqlite:///{tmp_path}/there.db", Path("/nowhere"))
    assert engine.url.database == str(tmp_path / "there.db")
    engine.dispose()


def test_a_database_url_whose_port_is_no_number_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(OutsideWorld, match="not understood"):
        connect("postgresql://user:secret@127.0.0.1:port/name", tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:SE@CRET@host/db",
        "postgresql://u:SE/CR@ET@host/db",
        "postgresql://u:SE@CR/ET@host/db",
        "postgresql://u:SE@CR?ET@host/db",
        "postgresql://u:SE@CR:ET@host/db",
        "postgresql:/u:SECRET@host/db",
        "mysql://u:SECRET@host/db",
        "postgresql://u:12@CR:ET/db",
    ],
)
def test_no_part_of_a_password_is_ever_shown(url: str, tmp_path: Path) -> None:
    with pytest.raises(OutsideWorld) as refused:
        connect(url, tmp_path)
    assert not any(part in str(refused.value) for part in ("SE", "CR", "ET"))
    assert refused.value.__cause__ is None
    assert "%40" in str(refused.value) or "sqlite:///" in str(refused.value)


def test_a_disk_too_full_to_be_read_from_is_said_to_be_full(engine: Engine) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE  # as a full file system gives at the first SELECT
    assert "the disk is full" in str(translated(error, engine))
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
    assert "look at the system's log" in str(translated(error, engine))
    engine.dispose()
