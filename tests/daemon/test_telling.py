"""Alerts are told beside the alarm clock: what they wait for, no letter waits for. Real sockets that say nothing."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import composer.daemon.telling as room
from composer.daemon.outage import Outage
from composer.daemon.scheduler import Scheduler as Clock
from composer.daemon.telling import Telling
from composer.database import read_only
from composer.delivery.tables import mailings
from composer.issue.model import IssueKey
from composer.schedule.manual import open_later
from composer.schedule.occurrences import plan
from composer.schedule.tables import notices
from composer.schedule.tick import tick
from tests.daemon.support.daemon_process import Start, events, wait_for
from tests.schedule.support.sample_hour import SECRET, Hour
from tests.schedule.test_webhook import listening

NAMES = ("un", "deux", "trois")


@contextmanager
def swallowing(full: bool) -> Iterator[int]:
    """A port behind which nothing answers: it takes connections and says no word, or swallows the first packet too."""
    with ExitStack() as opened:
        mute = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0 if full else 100))
        if full:
            for _ in range(4):
                waiting = opened.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(mute.getsockname())
        yield mute.getsockname()[1]


def issue_of(hour: Hour) -> Path:
    (path,) = (hour.root / "issues" / "vendredi").glob("*.yaml")
    return path


def hold_three(hour: Hour) -> None:
    """Three letters that were asked for a minute ago, and whose issues are not there."""
    day = datetime.fromisoformat(issue_of(hour).stem).date()
    with hour.engine.begin() as connection:
        for name in NAMES:
            assert plan(connection, IssueKey("vendredi", day, name), datetime.now(UTC) - timedelta(minutes=1))


def told(hour: Hour, channel: str) -> int:
    with read_only(hour.engine).connect() as connection:
        query = select(notices.c.id).where(notices.c.channel == channel, notices.c.told_at.is_not(None))
        return len(connection.execute(query).all())


def opened_late(hour: Hour) -> timedelta | None:
    """How long after its instant the letter was opened; None where it was not yet."""
    (due,) = [row.due_at for row in hour.occurrences("vendredi") if row.slug == ""]
    with read_only(hour.engine).connect() as connection:
        opened = connection.execute(select(mailings.c.opened_at)).scalar_one_or_none()
    return None if opened is None else opened - due


@pytest.mark.slow
@pytest.mark.parametrize("full", [False, True], ids=["no word is said", "no packet is answered"])
async def test_a_letter_due_while_three_alerts_wait_in_the_void_opens_within_two_seconds_of_its_hour(
    hour: Hour, full: bool
) -> None:
    """Two seconds are the promise of the issue, and no measure of this machine: a tick that waited would need 60."""
    telling = Telling(hour.engine, Outage(hour.root))
    with swallowing(full) as relay, swallowing(full) as webhook:
        hour.write(relay=relay, webhook=f"http://127.0.0.1:{webhook}/", ping=f"http://127.0.0.1:{webhook}/ping")
        hold_three(hour)
        now = datetime.now(UTC)
        open_later(now, issue_of(hour), hour.newsroom, hour.engine, now + timedelta(seconds=9))
        stop = asyncio.Event()
        running = asyncio.create_task(Clock(hour.newsroom, hour.engine, SECRET, telling).run(stop))
        for _ in range(400):
            if (late := opened_late(hour)) is not None:
                break
            await asyncio.sleep(0.1)
        held = [row.reason for row in hour.occurrences("vendredi") if row.state == "held"]
        waiting = told(hour, "mail"), told(hour, "webhook")
        stop.set()
        await running
    await asyncio.to_thread(telling.rest, 60)
    telling.stop()
    assert (held, waiting) == (["no-file"] * 3, (0, 0))
    assert late is not None
    assert timedelta(0) <= late < timedelta(seconds=2)


@pytest.mark.parametrize("dead", ["mail", "webhook"])
def test_a_channel_that_says_nothing_stops_no_other_one(hour: Hour, dead: str) -> None:
    telling = Telling(hour.engine, Outage(hour.root))
    with swallowing(full=False) as void, listening() as hook:
        port = void if dead == "webhook" else hook.port
        hour.write(relay=void if dead == "mail" else hour.relay.port, webhook=f"http://127.0.0.1:{port}/")
        hold_three(hour)
        telling.after(tick(datetime.now(UTC), hour.newsroom, hour.engine, SECRET), hour.newsroom)
        alive = "webhook" if dead == "mail" else "mail"
        wait_for(lambda: told(hour, alive) >= len(NAMES), "every alert on the other channel")
        assert told(hour, dead) == 0
    assert telling.rest(60)
    telling.stop()


def test_what_was_not_told_when_a_process_ended_the_next_one_tells_once(hour: Hour) -> None:
    """There is no queue: the list is made from the database after each tick."""
    hold_three(hour)
    tick(datetime.now(UTC), hour.newsroom, hour.engine, SECRET)  # and then it was killed
    for _ in range(2):
        telling = Telling(hour.engine, Outage(hour.root))
        telling.after(tick(datetime.now(UTC), hour.newsroom, hour.engine, SECRET), hour.newsroom)
        assert telling.rest(60)
        telling.stop()
    held = [subject for subject in hour.relay.subjects() if subject.endswith("held, nothing was sent")]
    assert len(held) == len(NAMES)


def test_after_it_stopped_nothing_is_told(hour: Hour) -> None:
    hold_three(hour)
    telling = Telling(hour.engine, Outage(hour.root))
    telling.stop()
    telling.after(tick(datetime.now(UTC), hour.newsroom, hour.engine, SECRET), hour.newsroom)
    assert telling.rest(0)
    assert hour.relay.messages == []


@pytest.mark.slow
def test_a_signal_waits_for_an_alert_in_the_void_for_a_bounded_time(hour: Hour, start: Start, tmp_path: Path) -> None:
    hold_three(hour)
    issue_of(hour).unlink()
    with swallowing(full=False) as void:
        hour.write(relay=void)
        process = start(hour.root, "run", "--port", "0", "--log", "json")
        wait_for(lambda: "occurrence" in events(tmp_path), "the tick")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert told(hour, "mail") == 0
    assert room.GRACE < 60
