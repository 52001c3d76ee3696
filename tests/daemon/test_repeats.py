"""Of lines that repeat, one a minute is logged."""

from __future__ import annotations

import io
import json
import resource
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
import structlog

import composer.daemon.repeats as room
from composer.daemon.log import configure
from tests.daemon.support.daemon_process import Start, events, wait_for
from tests.schedule.support.sample_hour import Hour


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(room, "monotonic", clock)
    return clock


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    configure("json", to=stream)
    return stream


def said(lines: io.StringIO) -> list[tuple[str, str, int | None]]:
    found = map(json.loads, lines.getvalue().splitlines())
    return [(line["event"], line.get("why", ""), line.get("times")) for line in found]


def test_the_first_is_logged_and_then_one_a_minute_with_their_number(clock: Clock, lines: io.StringIO) -> None:
    log = structlog.get_logger("some")
    for _second in range(130):
        log.error("database-unavailable", why="the disk is full")
        clock.now += 1
    assert said(lines) == [("database-unavailable", "the disk is full", times) for times in (None, 60, 60)]


def test_other_words_and_other_events_are_logged(clock: Clock, lines: io.StringIO) -> None:
    log = structlog.get_logger("some")
    for _time in range(2):
        log.error("database-unavailable", why="the disk is full")
        log.error("database-unavailable", why="it is locked")
        log.info("accepted")
    assert [line[1] for line in said(lines)] == ["the disk is full", "it is locked", "", ""]


def test_trouble_that_comes_back_is_the_first_again(clock: Clock, lines: io.StringIO) -> None:
    log = structlog.get_logger("some")
    for pause in (1, 1, 61, 1):
        log.warning("relay-unreachable", relay="main", why="refused")
        clock.now += pause
    assert [line[2] for line in said(lines)] == [None, None]


def test_no_more_than_so_many_are_remembered(clock: Clock, lines: io.StringIO) -> None:
    repeats = room.Repeats()
    for number in range(1000):
        repeats(None, "error", {"event": "tick-failed", "why": str(number)})
    assert len(repeats._lines) == room._MOST


@pytest.mark.slow
def test_a_worker_whose_disk_is_full_says_it_once(hour: Hour, start: Start, tmp_path: Path) -> None:
    process = start(hour.root, "worker", "--log", "json", "--metrics", "off")
    wait_for(lambda: "worker-started" in events(tmp_path), "the worker")
    limit = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    log = tmp_path / "log-0"
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (log.stat().st_size + 10_000, limit[1]))
    wait_for(lambda: "database-unavailable" in events(tmp_path), "the trouble")
    time.sleep(6)  # it tries once a second, in several places
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limit)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    found = Counter((line["event"], line.get("why")) for line in map(json.loads, log.read_text().splitlines()))
    assert max(found.values()) == 1
