"""The alarm clock: when it rings, and what must not silence it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from structlog.testing import capture_logs

import composer.daemon.scheduler as room
from composer.daemon.outage import Outage
from composer.daemon.telling import Telling
from composer.database import DatabaseUnavailable, connect
from composer.delivery.tables import mailings
from composer.schedule.tick import Ticked
from tests.schedule.support.sample_hour import SECRET, Hour
from tests.schedule.test_webhook import listening
from tests.support.postgres import Server


def clock_of(hour: Hour) -> room.Scheduler:
    return room.Scheduler(hour.newsroom, hour.engine, SECRET, Telling(hour.engine, Outage(hour.root)))


def look(clock: room.Scheduler) -> None:
    """One look, and what is told of it; whatever the look raises."""
    try:
        clock.look()
    finally:
        assert clock.telling.rest(30)


def due_at(hour: Hour) -> datetime:
    at = hour.newsroom.publications["vendredi"].schedule.at
    (issue,) = (hour.root / "issues" / "vendredi").glob("*.yaml")
    return datetime.combine(datetime.fromisoformat(issue.stem), at, UTC)


@asynccontextmanager
async def ringing(hour: Hour) -> AsyncIterator[None]:
    """The alarm clock runs for as long as the block does."""
    stop = asyncio.Event()
    clock = clock_of(hour)
    running = asyncio.create_task(clock.run(stop))
    yield
    stop.set()
    await running
    await asyncio.to_thread(clock.telling.stop)


async def opened(hour: Hour, seconds: float) -> datetime | None:
    """The Date of the mailing, once there is one."""
    for _ in range(int(seconds / 0.1)):
        with hour.engine.begin() as connection:
            row = connection.execute(mailings.select()).one_or_none()
        if row is not None:
            assert isinstance(row.dated, datetime)
            return row.dated
        await asyncio.sleep(0.1)
    return None


@pytest.mark.slow
async def test_it_rings_at_the_due_instant_without_waiting_for_the_next_tick(hour: Hour) -> None:
    with time_machine.travel(due_at(hour) - timedelta(seconds=4), tick=True):
        async with ringing(hour):
            dated = await opened(hour, 25)
    assert dated is not None
    assert due_at(hour) <= dated < due_at(hour) + timedelta(seconds=20)


@pytest.mark.slow
async def test_an_event_loop_blocked_over_the_hour_does_not_silence_it(hour: Hour) -> None:
    """APScheduler forgets a ring that is a second late, unless it is told not to."""
    with time_machine.travel(due_at(hour) - timedelta(seconds=4), tick=True):
        async with ringing(hour):
            await asyncio.sleep(3)
            time.sleep(4)  # noqa: ASYNC251 # reason: this is what is tested
            assert await opened(hour, 15) is not None


@pytest.mark.slow
async def test_who_stops_it_in_the_middle_of_a_tick_reads_no_traceback(
    hour: Hour, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticking, over = threading.Event(), threading.Event()

    def slow(clock: room.Scheduler) -> None:
        ticking.set()
        time.sleep(0.5)
        over.set()

    monkeypatch.setattr(room.Scheduler, "look", slow)
    for begun in (False, True):  # as a port that is taken stops it, and as SIGTERM does
        ticking.clear()
        over.clear()
        async with ringing(hour):
            await asyncio.sleep(0)
            if begun:
                await asyncio.to_thread(ticking.wait)
        assert over.is_set(), "a tick that has begun is finished"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.slow
async def test_a_tick_that_fails_is_followed_by_another(hour: Hour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "INTERVAL", 0.2)
    with hour.engine.begin() as connection:
        connection.execute(text("ALTER TABLE occurrences RENAME TO gone"))
    with capture_logs() as logs:
        async with ringing(hour):
            assert await opened(hour, 1) is None
            with hour.engine.begin() as connection:
                connection.execute(text("ALTER TABLE gone RENAME TO occurrences"))
            assert await opened(hour, 15) is not None
    assert "tick-failed" in [line["event"] for line in logs]


def test_a_broken_configuration_keeps_the_last_good_one_and_is_told_once(hour: Hour) -> None:
    clock = clock_of(hour)
    file = hour.root / "config" / "publications" / "samedi.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("schedule:", "shedule:"), encoding="utf-8")
    for _ in range(3):
        look(clock)
    assert [str(message["Subject"]) for message in hour.relay.messages] == [
        "[Filigrane] the configuration has mistakes"
    ]
    assert "config/publications/samedi.yaml:" in hour.relay.last()
    assert len(hour.mailings) == 1  # Friday's left all the same
    file.write_text(good, encoding="utf-8")
    look(clock)
    file.write_text("title: [", encoding="utf-8")
    look(clock)
    assert len(hour.relay.messages) == 2


#: What may not leave a file: on a line with a mistake, as an unknown key, as a value, quoted in a message.
PLANTED = "5ec7e7c0ffee" * 5
LINES = (f"title: [{PLANTED}", PLANTED, f"{PLANTED}: x", f"language: {PLANTED}", f"from: {PLANTED}", f"--- {PLANTED}")


@pytest.mark.parametrize("line", LINES)
def test_no_log_line_mail_or_webhook_holds_a_line_of_a_file(hour: Hour, line: str) -> None:
    with listening() as hook, capture_logs() as logs:
        hour.write(webhook=f"http://127.0.0.1:{hook.port}/")
        clock = clock_of(hour)
        with (hour.root / "config" / "publications" / "samedi.yaml").open("a") as file:
            file.write(f"{line}\n")
        look(clock)
        told = "\n".join(map(str, (*logs, *hook.said, *(message.as_string() for message in hour.relay.messages))))
        assert "configuration-not-read" in [each["event"] for each in logs]
        assert [said is not None and said["kind"] for _verb, _path, said in hook.said] == ["configuration"]
    assert "config/publications/samedi.yaml:" in told
    assert PLANTED[:30] not in told.replace("=\n", "")


def test_a_broken_configuration_is_told_again_where_the_relay_was_down(hour: Hour) -> None:
    clock = clock_of(hour)
    (hour.root / "config" / "publications" / "samedi.yaml").write_text("title: [", encoding="utf-8")
    hour.relay.refuses = True
    look(clock)
    hour.relay.refuses = False
    look(clock)
    look(clock)
    assert len(hour.relay.messages) == 1


def test_each_tick_reads_the_newsroom_again(hour: Hour) -> None:
    clock = clock_of(hour)
    hour.write(name="Un autre nom")
    look(clock)
    assert clock.newsroom.settings.name == "Un autre nom"


def test_after_each_tick_the_watchman_is_called_and_one_who_is_away_stops_nothing(hour: Hour) -> None:
    clock = clock_of(hour)
    with listening() as watchman:
        hour.write(ping=f"http://127.0.0.1:{watchman.port}/tic")
        look(clock)
        watchman.status = 500
        look(clock)
    assert watchman.said == [("GET", "/tic", None)] * 2
    with capture_logs() as logs:
        look(clock)
    assert [line["event"] for line in logs] == ["ping-failed"]
    assert "/tic" not in str(logs)


def test_of_a_tick_that_failed_the_watchman_hears_nothing(hour: Hour) -> None:
    with listening() as watchman:
        hour.write(ping=f"http://127.0.0.1:{watchman.port}/tic")
        with hour.engine.begin() as connection:
            connection.execute(text("ALTER TABLE occurrences RENAME TO gone"))
        with pytest.raises(SQLAlchemyError):
            look(clock_of(hour))
    assert watchman.said == []


def test_a_database_that_is_away_is_told_once_until_it_is_back(hour: Hour) -> None:
    clock = clock_of(hour)
    full = DatabaseUnavailable("the database filigrane.db: the disk is full")
    for away in (True, True, False, True):
        with pytest.MonkeyPatch.context() as patch:
            if away:
                patch.setattr(room, "tick", Mock(side_effect=full))
                with pytest.raises(DatabaseUnavailable):
                    look(clock)
            else:
                look(clock)
    subjects = [str(message["Subject"]) for message in hour.relay.messages]
    assert subjects.count("[Filigrane] the database is not available") == 2
    assert "the disk is full" in hour.relay.last()


def test_a_database_that_is_away_is_told_on_the_webhook_too_whatever_becomes_of_the_mail(hour: Hour) -> None:
    with listening() as desk, pytest.MonkeyPatch.context() as patch:
        hour.write(webhook=f"http://127.0.0.1:{desk.port}/", relay=1)  # nobody listens there
        clock = clock_of(hour)
        patch.setattr(room, "tick", Mock(side_effect=DatabaseUnavailable("the disk is full")))
        for _look in range(2):
            with pytest.raises(DatabaseUnavailable):
                look(clock)
    ((_method, _path, said),) = desk.said
    assert said is not None
    assert (said["kind"], said["publication"]) == ("database", None)
    assert "the disk is full" in said["text"]


@pytest.mark.postgres
def test_hosts_that_share_a_database_go_by_its_clock(hour: Hour, postgres_server: Server) -> None:
    """A host whose clock is an hour fast would send an hour early."""
    engine = connect(postgres_server.new_database(), hour.root)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)), pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "tick", looked := Mock(return_value=Ticked(datetime.now(UTC), [], {}, False, None)))
        room.Scheduler(hour.newsroom, engine, SECRET, Telling(engine, Outage(hour.root))).look()
        assert datetime.now(UTC) - looked.call_args.args[0] > timedelta(minutes=55)
    engine.dispose()
