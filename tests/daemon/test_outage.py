"""What is told of the database itself, and how often: a file in ``var/`` remembers it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError

from composer.daemon.outage import Outage
from composer.daemon.run import alerting
from composer.database import DatabaseDamaged, DatabaseReplaced, DatabaseUnavailable, file_number
from composer.errors import OutsideWorld
from tests.daemon.support.daemon_process import wait_for
from tests.delivery.support.ledger_calls import written_over
from tests.schedule.support.sample_hour import Hour

AWAY = DatabaseUnavailable("the disk is full")


def of_file(kind: type[DatabaseDamaged | DatabaseReplaced], file: str) -> OutsideWorld:
    error = kind("the file")
    error.file = file
    return error


def tell(hour: Hour, error: OutsideWorld) -> None:
    """As a process that has just started: nothing is in memory."""
    Outage(hour.root).tell_all(hour.newsroom, error)


def test_a_process_that_is_started_again_tells_nothing_twice_until_the_database_was_there(hour: Hour) -> None:
    for _start in range(3):
        tell(hour, AWAY)
    assert len(hour.relay.messages) == 1
    Outage(hour.root).over()
    tell(hour, AWAY)
    assert len(hour.relay.messages) == 2


@pytest.mark.parametrize("kind", [DatabaseDamaged, DatabaseReplaced])
def test_of_one_file_damage_is_told_once_a_day_and_that_it_is_away_then_is_no_news(
    hour: Hour, kind: type[DatabaseDamaged | DatabaseReplaced]
) -> None:
    for error in (of_file(kind, "1:7"), of_file(kind, "1:7"), AWAY):
        tell(hour, error)
        Outage(hour.root).over()
    assert len(hour.relay.messages) == 1
    tell(hour, of_file(kind, "1:8"))
    assert len(hour.relay.messages) == 2
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1, minutes=1)):
        tell(hour, of_file(kind, "1:7"))
    assert len(hour.relay.messages) == 3


async def test_what_no_room_expects_of_a_database_is_told_once_a_day_and_hides_no_outage(hour: Hour) -> None:
    for _start in range(2):
        with pytest.raises(IntegrityError):
            async with alerting(hour.root, Outage(hour.root)):
                raise IntegrityError("INSERT INTO x", ("lectrice-1@lecteurs.example",), Exception("CHECK failed: x"))
        Outage(hour.root).over()  # a tick succeeds each time
    assert len(hour.relay.messages) == 1
    assert "CHECK failed: x" in hour.relay.last()
    assert "lectrice" not in hour.relay.last()
    await asyncio.to_thread(tell, hour, AWAY)
    assert len(hour.relay.messages) == 2


def test_two_processes_that_notice_it_at_once_tell_it_once(hour: Hour) -> None:
    hour.relay.slow = 0.3
    both = [Thread(target=tell, args=(hour, AWAY)) for _process in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(hour.relay.messages) == 1


def test_where_its_file_cannot_be_written_a_process_remembers(hour: Hour) -> None:
    (hour.root / "var" / "outage.json").mkdir()
    outage = Outage(hour.root)
    for _tick in range(2):
        outage.tell_all(hour.newsroom, AWAY)
    assert len(hour.relay.messages) == 1
    outage.over()
    outage.tell_all(hour.newsroom, AWAY)
    assert len(hour.relay.messages) == 2


async def test_a_process_that_cannot_write_down_what_it_told_waits_before_it_ends(
    hour: Hour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd would start it again after five seconds, and each one would tell it."""
    monkeypatch.setattr("composer.daemon.run._LOOK", 0.05)
    (hour.root / "var" / "outage.json").mkdir()

    async def ended() -> None:
        async with alerting(hour.root, Outage(hour.root)):
            raise AWAY

    process = asyncio.create_task(ended())
    await asyncio.to_thread(wait_for, lambda: hour.relay.messages, "the alert")
    done, _ = await asyncio.wait((process,), timeout=0.5)
    assert not done
    (hour.root / "var" / "outage.json").rmdir()
    with pytest.raises(DatabaseUnavailable):
        await process
    await asyncio.to_thread(tell, hour, AWAY)
    assert len(hour.relay.messages) == 1


def test_what_was_damaged_is_looked_through_before_anything_is_sent(hour: Hour) -> None:
    """The page that is damaged is one that a start does not read."""
    file = Path(hour.engine.url.database or "")
    hour.engine.dispose()
    sound = written_over(file, "mailing_editions")
    outage = Outage(hour.root)
    outage.refuse_damaged(hour.engine)  # nobody has noticed yet
    tell(hour, of_file(DatabaseDamaged, file_number(file)))
    for _start in range(2):
        with pytest.raises(DatabaseDamaged) as raised:
            Outage(hour.root).refuse_damaged(hour.engine)
        tell(hour, raised.value)
    assert len(hour.relay.messages) == 1
    hour.engine.dispose()
    written_over(file, "mailing_editions", sound)
    Outage(hour.root).refuse_damaged(hour.engine)
    tell(hour, of_file(DatabaseDamaged, file_number(file)))  # again: that is news
    assert len(hour.relay.messages) == 2


def test_what_could_not_be_sent_is_tried_again(hour: Hour) -> None:
    hour.relay.refuses = True
    tell(hour, AWAY)
    hour.relay.refuses = False
    tell(hour, AWAY)
    assert len(hour.relay.messages) == 1
