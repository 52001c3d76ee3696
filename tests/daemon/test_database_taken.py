"""The database's file is deleted, or damaged, while letters leave: nobody twice, nothing stuck, one alert.

Real processes; what was sent is counted by the relay.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from composer import clock
from composer.delivery.control import pause, resume
from composer.delivery.tables import deliveries
from composer.schedule.tick import tick
from composer.subscribers.tables import subscribers, subscriptions
from tests.daemon.support.daemon_process import Start, logs, wait_for
from tests.schedule.support.sample_hour import READERS, SECRET, Hour

pytestmark = pytest.mark.slow

MANY = 300
AT_FIRST = 40


def more_readers(connection: Connection) -> None:
    for number in range(READERS, MANY):
        row = {"email": f"lectrice-{number}@lecteurs.example", "address_key": f"{number:064d}"}
        reader = connection.execute(insert(subscribers).values(row).returning(subscribers.c.id)).scalar_one()
        of_friday = {"subscriber_id": reader, "publication": "vendredi", "status": "active", "tier": "free"}
        connection.execute(insert(subscriptions).values(of_friday))


def letters(hour: Hour) -> Counter[str]:
    """Letters that the relay kept, by reader."""
    return Counter(to for message in list(hour.relay.messages) if "lectrice" in (to := str(message["To"])))


def alerts(hour: Hour) -> list[str]:
    found = [str(message["Subject"]) for message in list(hour.relay.messages) if "permanence" in str(message["To"])]
    return [subject for subject in found if "database" in subject]


def started(hour: Hour, start: Start, command: str) -> subprocess.Popen[str]:
    port = ["--port", "0"] if command == "run" else []
    return start(hour.root, command, *port, "--log", "json", "--metrics", "off")


def sending(hour: Hour, start: Start, *commands: str) -> list[subprocess.Popen[str]]:
    """A mailing under way, by these processes over two connections: one process has both, of three one idles."""
    hour.relay.slow = 0.05
    hour.settings["relays"] = [{"host": "127.0.0.1", "port": hour.relay.port, "security": "none", "connections": 2}]
    hour.write()
    with hour.engine.begin() as connection:
        more_readers(connection)
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    (mailing,) = hour.mailings
    pause(hour.engine, mailing.id)
    processes = [started(hour, start, command) for command in commands]
    parts = [2] if len(commands) == 1 else [1, 1, 0]
    wait_for(lambda: sorted(connections(hour), reverse=True) == parts, "each to have its connections")
    resume(hour.engine, mailing.id)
    hour.engine.dispose()  # the test itself has nothing open
    wait_for(lambda: len(letters(hour)) >= AT_FIRST, "the first letters")
    return processes


def connections(hour: Hour) -> list[int]:
    """How many connections to the relay each worker has."""
    with closing(sqlite3.connect(f"file:{database(hour)}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT connections FROM workers WHERE stopped_at IS NULL").fetchall()
    return [sum(json.loads(row[0]).values()) for row in rows]


def database(hour: Hour) -> Path:
    return hour.root / "var" / "filigrane.db"


def states(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        assert found == "ok"
        return dict(connection.execute(f"SELECT email, state FROM {deliveries.name}"))


def deleted(hour: Hour) -> None:
    database(hour).unlink()


def without_log(hour: Hour) -> None:
    """Only the write-ahead log is deleted."""
    database(hour).with_name("filigrane.db-wal").unlink()


def cleaned(hour: Hour) -> None:
    """``git clean -fdx``: all that git does not keep."""
    shutil.rmtree(hour.root / "var")


def older_put_back(hour: Hour) -> None:
    """A copy made before most letters left, moved over the file."""
    older = hour.root / "older.db"
    with closing(sqlite3.connect(database(hour))) as connection:
        connection.execute(f"VACUUM INTO '{older}'")
    count = len(letters(hour))
    wait_for(lambda: len(letters(hour)) > count + 10, "letters that the copy does not know")
    older.rename(database(hour))


THREE = ("run", "worker", "worker")


@pytest.mark.parametrize("away", [deleted, without_log, cleaned, older_put_back])
def test_a_database_that_is_taken_away_stops_the_dots_and_is_saved(
    hour: Hour, start: Start, tmp_path: Path, away: Callable[[Hour], None]
) -> None:
    keys = {path: path.read_bytes() for path in (hour.root / "var").glob("*.key")}
    processes = sending(hour, start, *THREE)
    away(hour)
    before = len(letters(hour))
    assert [process.wait(30) for process in processes] == [3, 3, 3]
    kept = letters(hour)
    assert set(kept.values()) == {1}
    assert len(kept) < before + 60  # what a worker sends in a poll, not the rest of the mailing
    rescued = sorted((hour.root / "var").glob("rescued-*.db"), key=lambda path: path.stat().st_mtime_ns)
    assert len(rescued) == 3
    assert {file.stat().st_mode & 0o777 for file in rescued} == {0o600}
    found = states(rescued[-1])
    assert len(found) == MANY
    assert {reader for reader, state in found.items() if state == "accepted"} == set(kept)
    assert set(found.values()) == {"accepted", "queued"}
    assert alerts(hour) == ["[Filigrane] the database was taken away"]
    assert all(any(str(file) in logs(tmp_path, number) for number in range(3)) for file in rescued)
    # The newest is put in its place, whatever lies beside it: everybody has the letter once.
    rescued[-1].rename(database(hour))
    for path, key in keys.items():
        path.write_bytes(key)
    hour.relay.slow = 0
    again = started(hour, start, "run")
    wait_for(lambda: len(letters(hour)) == MANY, "every letter")
    wait_for(lambda: set(states(database(hour)).values()) == {"accepted"}, "every outcome")
    again.send_signal(signal.SIGTERM)
    assert again.wait(60) == 0
    assert set(letters(hour).values()) == {1}
    assert len(alerts(hour)) == 1


def test_a_damaged_database_ends_what_sends_and_is_told_once_however_often_it_is_started(
    hour: Hour, start: Start, tmp_path: Path
) -> None:
    processes = sending(hour, start, *THREE)
    with closing(sqlite3.connect(database(hour), timeout=20)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # pages in the log are read there
    with database(hour).open("r+b") as file:
        for page in range(1, database(hour).stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xa5" * 64)
    assert [process.wait(30) for process in processes] == [3, 3, 3]
    kept = letters(hour)
    assert set(kept.values()) == {1}
    assert len(kept) < MANY
    for number, process in enumerate([started(hour, start, command) for command in THREE[:2]], 3):
        assert process.wait(30) == 3
        assert "damaged" in logs(tmp_path, number)
    assert letters(hour) == kept
    assert alerts(hour) == ["[Filigrane] the database is damaged"]


@pytest.mark.parametrize("commands", [("run",), THREE], ids=["alone", "three"])
def test_an_older_file_copied_over_the_open_database_is_noticed_and_nothing_leaves_by_itself_after_it(
    hour: Hour, start: Start, commands: tuple[str, ...]
) -> None:
    """In place: it stays the same file to the system. ``tests/database/test_overwritten.py`` has other files."""
    processes = sending(hour, start, *commands)
    older = hour.root / "older.db"
    checkpoint(hour)
    subprocess.run(["cp", str(database(hour)), str(older)], check=True)
    for more in (20, 5):  # letters that the copy does not know; then commits after the checkpoint, as after our own
        further(hour, more)
        checkpoint(hour)
    further(hour, 5)
    subprocess.run(["cp", str(older), str(database(hour))], check=True)
    before = len(letters(hour))
    wait_for(lambda: any(process.poll() == 3 for process in processes), "one to notice")
    wait_for(lambda: alerts(hour), "the alert")
    with suppress(subprocess.TimeoutExpired):
        for process in processes:
            process.wait(7)  # a heartbeat: one that idles compares then, and has perhaps nothing to compare with
    kept = letters(hour)
    assert set(kept.values()) == {1}
    assert len(kept) < before + 12
    again = started(hour, start, "worker")  # it is damaged still; or its mailings are paused
    with suppress(subprocess.TimeoutExpired):
        again.wait(5)
    assert letters(hour) == kept
    assert alerts(hour) == ["[Filigrane] the database is damaged"]


def further(hour: Hour, number: int) -> None:
    before = len(letters(hour))
    wait_for(lambda: len(letters(hour)) >= before + number, "more letters")


def checkpoint(hour: Hour) -> None:
    with closing(sqlite3.connect(database(hour), timeout=20)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def test_a_folder_that_is_renamed_stops_the_dots_is_told_and_goes_on_under_its_new_name(
    hour: Hour, start: Start, tmp_path: Path
) -> None:
    (process,) = sending(hour, start, "run")
    renamed = hour.root.rename(tmp_path / "renamed")
    assert process.wait(30) == 3
    assert alerts(hour) == ["[Filigrane] the database was taken away"]
    hour.relay.slow = 0
    process = start(renamed, "worker", "--log", "json", "--metrics", "off")
    wait_for(lambda: len(letters(hour)) == MANY, "every letter")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert set(letters(hour).values()) == {1}
    assert set(states(renamed / "var" / "filigrane.db").values()) == {"accepted"}
