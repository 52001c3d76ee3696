"""SIGTERM is obeyed at once where nothing is in flight."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from composer import clock
from composer.delivery.ledger.mailings import outcomes
from composer.schedule.tick import tick
from tests.daemon.support.daemon_process import Start, events, logs, wait_for
from tests.schedule.support.sample_hour import READERS, SECRET, Hour

pytestmark = pytest.mark.slow

#: Seconds from the signal to the last line of the log; the interpreter takes as long again on a busy machine.
AT_ONCE = 1.0


def worker(hour: Hour, start: Start, tmp_path: Path) -> subprocess.Popen[str]:
    process = start(hour.root, "worker", "--log", "json", "--metrics", "off")
    wait_for(lambda: "worker-started" in events(tmp_path), "the worker")
    return process


def ends(process: subprocess.Popen[str], tmp_path: Path) -> float:
    """Seconds from SIGTERM to its end."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    found = {
        line["event"]: datetime.fromisoformat(line["timestamp"])
        for line in map(json.loads, logs(tmp_path).splitlines())
    }
    return (found["stopped"] - found["stopping"]).total_seconds()


def test_idle(hour: Hour, start: Start, tmp_path: Path) -> None:
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    process = worker(hour, start, tmp_path)
    wait_for(lambda: outcomes(hour.engine, 1) == {"accepted": READERS}, "every outcome")
    time.sleep(1.5)
    assert ends(process, tmp_path) < AT_ONCE


def test_waiting_for_the_database(hour: Hour, start: Start, tmp_path: Path) -> None:
    process = worker(hour, start, tmp_path)
    with closing(sqlite3.connect(hour.root / "var" / "filigrane.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(2)
        assert ends(process, tmp_path) < AT_ONCE


def test_a_reload_waits_for_a_slow_commit(hour: Hour, start: Start, tmp_path: Path) -> None:
    """It was given up after half a second, "before the process ended", which it did not."""
    process = worker(hour, start, tmp_path)
    with closing(sqlite3.connect(hour.root / "var" / "filigrane.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: "configuration-read" in events(tmp_path), "the reload")
        time.sleep(1.5)
        assert "worker-left" not in events(tmp_path)
        other.execute("ROLLBACK")
    wait_for(lambda: events(tmp_path).count("worker-started") == 2, "the worker of the new configuration")
    found = events(tmp_path)
    assert "worker-stopped" in found
    assert not {"worker-left", "database-unavailable"} & set(found)
    assert ends(process, tmp_path) < AT_ONCE


def test_backing_off_from_a_relay(hour: Hour, start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    hour.write(relay=port)
    tick(clock.now(), hour.newsroom, hour.engine, SECRET)
    process = worker(hour, start, tmp_path)
    wait_for(lambda: events(tmp_path).count("backing-off") >= 2, "the backing off")
    assert ends(process, tmp_path) < AT_ONCE
    assert set(outcomes(hour.engine, 1)) == {"queued"}
