"""A database that lost its last commits, under real processes: a failover, and a file put back by hand.

Counted from the relay's side: nobody gets a second letter, nothing stays claimed for ever, and one alert says it.
"""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select, update

from composer import clock
from composer.cli import filigrane as cli
from composer.database import db_now
from composer.delivery.ledger.mailings import outcomes
from composer.delivery.state import MailingState
from composer.delivery.tables import mailings, workers
from composer.newsroom.weekdays import WEEKDAYS
from composer.schedule.tables import ticks
from composer.subscribers.tables import subscribers, subscriptions
from tests.daemon.support.daemon_process import Start, events, wait_for
from tests.daemon.test_restored import alerts, filigrane, letters, stopped
from tests.schedule.support.sample_hour import READERS, Hour, Relay
from tests.support import databases
from tests.support.lengths import WHOLE
from tests.support.postgres import Server, base_copy, serving

MORE = 400 if WHOLE else 120
EVERY = READERS + MORE


def newsroom(due: Path, root: Path, relay: Relay) -> Hour:
    """The newsroom of ``hour``, with more readers, in the database that is in use."""
    shutil.copytree(due, root)
    hour = Hour(root, relay)
    plain: dict[str, object] = {
        "every": list(hour.newsroom.publications["vendredi"].schedule.every),
        "at": f"{hour.newsroom.publications['vendredi'].schedule.at:%H:%M}",
        "window": "00:00-23:59",
    }
    sink = {"host": "127.0.0.1", "port": relay.port, "security": "none", "connections": 2}
    hour.settings = {"timezone": "UTC", "schedule": plain, "relays": [sink]}
    hour.write()
    with hour.engine.begin() as connection:
        for number in range(READERS, EVERY):
            row = {"email": f"lectrice-{number}@lecteurs.example", "address_key": f"{number:064d}"}
            reader = connection.execute(insert(subscribers).values(row).returning(subscribers.c.id)).scalar_one()
            row2 = {"subscriber_id": reader, "publication": "vendredi", "status": "active", "tier": "free"}
            connection.execute(insert(subscriptions).values(row2))
    return hour


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(durable=True) as server, databases.on(server):
        yield server


def state(hour: Hour) -> str:
    with hour.engine.connect() as connection:
        return str(connection.execute(select(mailings.c.state)).scalar_one())


def living(hour: Hour) -> int:
    with hour.engine.connect() as connection:
        return len(connection.execute(select(workers.c.id).where(workers.c.stopped_at.is_(None))).all())


def counted(hour: Hour) -> dict[str, int]:
    return outcomes(hour.engine, 1)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("lost", [0.2, 1.0, 4.0] if WHOLE else [1.0])
def test_a_failover_that_lost_commits_repeats_nobody(
    lost: float, due: Path, server: Server, relay: Relay, start: Start, tmp_path: Path
) -> None:
    """Three workers on one relay that takes two connections: one has none, and idles."""
    hour = newsroom(due, tmp_path / "newsroom", relay)
    relay.slow = 1.0
    processes = [start(hour.root, "run", "--port", "0", "--log", "json")]
    wait_for(lambda: len(letters(hour)) >= 4, "the first letters")
    processes += [start(hour.root, "worker", "--log", "json") for _ in range(2)]
    wait_for(lambda: living(hour) == 3, "three workers")
    copy = base_copy(server)
    relay.slow = lost / 25
    before, ends = len(letters(hour)), time.monotonic() + lost
    wait_for(lambda: time.monotonic() > ends and len(letters(hour)) > before + 2, "letters that the copy lacks")
    server.stop(signal.SIGQUIT)
    hour.engine.dispose()
    (server.folder / "data").replace(server.folder / "lost")
    copy.replace(server.folder / "data")
    server.start()

    wait_for(lambda: state(hour) == MailingState.PAUSED, "the pause")
    wait_for(lambda: counted(hour).get("in_flight", 0) + counted(hour).get("claimed", 0) == 0, "nothing claimed")
    wait_for(lambda: len(alerts(hour)) > 0, "the alert")

    def known() -> bool:
        found = counted(hour)
        return len(letters(hour)) <= found["accepted"] + found.get("in_doubt", 0)

    wait_for(known, "what left, as every worker remembers it: the first to notice may be another")
    found = counted(hour)
    assert found.get("in_doubt", 0) <= 2  # what was on the wire
    time.sleep(2)
    relay.slow = 0
    said = filigrane(hour.root, "mailings", "resume", "1", "--yes")
    assert said
    wait_for(lambda: not set(counted(hour)) - {"accepted", "in_doubt"}, "the end")
    for process in processes:
        stopped(process)
    assert max(letters(hour).values()) == 1
    assert len(letters(hour)) >= EVERY - found.get("in_doubt", 0)
    assert len([each for each in alerts(hour) if "went back" in each]) == 1
    assert sum("ledger-went-back" in events(tmp_path, number) for number in range(3)) >= 1
    hour.engine.dispose()


@pytest.mark.slow
@pytest.mark.postgres
def test_tables_restored_under_living_workers_repeat_nobody(
    due: Path, server: Server, relay: Relay, start: Start, tmp_path: Path
) -> None:
    """``pg_restore --clean``: tables that are gone, then empty, then without keys, and at the end those of before."""
    hour = newsroom(due, tmp_path / "newsroom", relay)
    relay.slow = 0.1
    processes = [start(hour.root, "run", "--port", "0", "--log", "json"), start(hour.root, "worker", "--log", "json")]
    wait_for(lambda: living(hour) == 2 and len(letters(hour)) >= 8, "the first letters")
    url = hour.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run(["pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", url], check=True)
    before = len(letters(hour))
    wait_for(lambda: len(letters(hour)) > before + 10, "letters that the dump lacks")
    hour.engine.dispose()
    restore = ["pg_restore", "--clean", "--if-exists", f"--dbname={url}", str(tmp_path / "dump")]
    subprocess.run(restore, check=False, stderr=subprocess.DEVNULL)  # a table that a worker was using may be left

    wait_for(lambda: state(hour) == MailingState.PAUSED and living(hour) == 2, "the pause, and both in new rows")
    wait_for(lambda: not set(counted(hour)) & {"claimed", "in_flight"}, "nothing claimed")
    wait_for(lambda: len(alerts(hour)) > 0, "the alert")
    found = counted(hour)
    assert len(letters(hour)) <= found["accepted"] + found.get("in_doubt", 0)
    relay.slow = 0
    assert filigrane(hour.root, "mailings", "resume", "1", "--yes")
    wait_for(lambda: not set(counted(hour)) - {"accepted", "in_doubt"}, "the end")
    for process in processes:
        stopped(process)
    assert max(letters(hour).values()) == 1
    assert len(letters(hour)) >= EVERY - found.get("in_doubt", 0)
    hour.engine.dispose()


@pytest.mark.slow
def test_a_file_put_back_by_hand_while_all_was_down_waits_for_a_person(
    due: Path, relay: Relay, start: Start, tmp_path: Path
) -> None:
    hour = newsroom(due, tmp_path / "newsroom", relay)
    relay.slow = 0.03
    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: len(letters(hour)) >= 8, "a part of the mailing")
    kept = tmp_path / "kept.db"
    database = Path(hour.engine.url.database or "")
    with closing(sqlite3.connect(database)) as own:
        own.execute(f"VACUUM INTO '{kept}'")
    before = len(letters(hour))
    wait_for(lambda: len(letters(hour)) > before + 10, "letters that the copy lacks")
    daemon.kill()
    daemon.wait()
    hour.engine.dispose()
    for left in database.parent.glob(f"{database.name}-*"):
        left.unlink()
    database.write_bytes(kept.read_bytes())  # in place: the test itself goes on with the same file
    had = letters(hour)

    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: living(hour) == 1, "a worker that would send")
    wait_for(lambda: len(alerts(hour)) > 0, "the alert")
    assert state(hour) == MailingState.PAUSED
    with hour.engine.begin() as connection:  # half a minute later
        connection.execute(update(workers).where(workers.c.rolled_back).values(stopped_at=db_now(-60)))
    wait_for(lambda: not set(counted(hour)) & {"claimed", "in_flight"}, "nothing claimed")
    assert letters(hour) == had
    refused = CliRunner().invoke(cli, ["--newsroom", str(hour.root), "mailings", "resume", "1"])
    assert f"Known to have the letter: {counted(hour)['accepted']} readers" in str(refused.exception)
    assert state(hour) == MailingState.PAUSED
    stopped(daemon)
    assert len(alerts(hour)) == 1
    hour.engine.dispose()


@pytest.mark.slow
def test_a_copy_of_before_the_first_tick_sends_nothing_again(
    due: Path, relay: Relay, start: Start, tmp_path: Path
) -> None:
    """It knows no tick, and so no gap: what shows that it is old is the counter alone."""
    hour = newsroom(due, tmp_path / "newsroom", relay)
    database = Path(hour.engine.url.database or "")
    kept = tmp_path / "kept.db"
    with closing(sqlite3.connect(database)) as own:
        own.execute(f"VACUUM INTO '{kept}'")
    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: len(letters(hour)) >= 8, "a part of the mailing")
    daemon.kill()
    daemon.wait()
    hour.engine.dispose()
    for left in database.parent.glob(f"{database.name}-*"):
        left.unlink()
    database.write_bytes(kept.read_bytes())
    had = letters(hour)

    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: len(alerts(hour)) == 2, "the loss, and the question")
    (row,) = hour.occurrences("vendredi")
    assert (row.state, row.reason) == ("held", "restored")
    assert letters(hour) == had
    stopped(daemon)
    assert any("went back" in each for each in alerts(hour))
    hour.engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("kept", [True, False], ids=["same-counter", "no-counter"])
def test_after_a_night_off_it_sends_where_the_counter_is_the_same(
    kept: bool, due: Path, relay: Relay, start: Start, tmp_path: Path
) -> None:
    """Off from the evening on, back when the issue has just fallen due. Without a counter it is held: it asks."""
    hour = newsroom(due, tmp_path / "newsroom", relay)
    plain = hour.settings["schedule"]
    assert isinstance(plain, dict)
    yesterday = WEEKDAYS[(clock.now() - timedelta(days=1)).weekday()]
    hour.write(schedule=plain | {"every": [yesterday]})
    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    wait_for(lambda: living(hour) == 1 and hour.occurrences("vendredi"), "a tick, and a worker")
    stopped(daemon)
    assert letters(hour) == {}
    with hour.engine.begin() as connection:
        night = {"heartbeat_at": db_now(-11 * 3600), "stopped_at": db_now(-11 * 3600)}
        connection.execute(update(workers).values(night))
        connection.execute(update(ticks).values(at=db_now(-11 * 3600)))
    if not kept:
        shutil.rmtree(hour.root / "var" / "workers")
    hour.write()
    daemon = start(hour.root, "run", "--port", "0", "--log", "json")
    if kept:
        wait_for(lambda: len(letters(hour)) == EVERY, "every letter")
        assert alerts(hour) == []
    else:
        wait_for(lambda: len(alerts(hour)) == 1, "the question")
        assert letters(hour) == {}
    last = hour.occurrences("vendredi")[-1]
    assert (last.state, last.reason) == (("mailed", None) if kept else ("held", "long-gap"))
    stopped(daemon)
    hour.engine.dispose()
