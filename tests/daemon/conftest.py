"""A newsroom whose issue of today is approved and due, and a relay that keeps its mail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from composer.approval.freeze import approve
from composer.newsroom import load_newsroom
from composer.newsroom.weekdays import WEEKDAYS
from tests.daemon.support.daemon_process import Start
from tests.schedule.support.sample_hour import SECRET, Hour, Relay, relaying
from tests.support import program
from tests.support.newsrooms import write_issue, write_newsroom


@pytest.fixture
def relay() -> Iterator[Relay]:
    with relaying() as relay:
        yield relay


@pytest.fixture(scope="session")
def due(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two publications of which the first has an approved issue, due this very minute."""
    now = datetime.now(UTC)
    root = tmp_path_factory.mktemp("due")
    due: dict[str, object] = {"every": [WEEKDAYS[now.weekday()]], "at": f"{now:%H:%M}", "window": "00:00-23:59"}
    write_newsroom(root, timezone="UTC", schedule=due)
    path = write_issue(root, "vendredi", now.date())
    approve(path, load_newsroom(root), "Odile Ferrand", now=now)
    (root / "var").mkdir(exist_ok=True)
    (root / "var" / "secret.key").write_text(SECRET.hex())
    return root


@pytest.fixture
def hour(due: Path, tmp_path: Path, relay: Relay) -> Iterator[Hour]:
    """The same with readers and a database; the window is the whole day."""
    root = tmp_path / "newsroom"
    shutil.copytree(due, root)
    hour = Hour(root, relay)
    schedule = hour.newsroom.publications["vendredi"].schedule
    plain: dict[str, object] = {"every": list(schedule.every), "at": f"{schedule.at:%H:%M}", "window": "00:00-23:59"}
    hour.settings = {"timezone": "UTC", "schedule": plain}
    hour.write()
    assert hour.engine
    yield hour
    hour.engine.dispose()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts ``filigrane``, its logs as JSON in a file; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(root: Path, *arguments: str, alone: bool = False, **environment: str) -> subprocess.Popen[str]:
        log = (tmp_path / f"log-{len(started)}").open("w")
        with log:
            process = program.begin(
                "filigrane", "--newsroom", str(root), *arguments, stderr=log, alone=alone, environment=environment
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
