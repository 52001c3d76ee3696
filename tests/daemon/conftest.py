"""A newsroom whose issue of today is approved and due, and a relay that keeps its mail."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from composer.approval import approve
from composer.newsroom import load_newsroom
from composer.schedule.calendar import WEEKDAYS
from tests.newsrooms import write_issue, write_newsroom
from tests.schedule.scene import SECRET, Hour, Relay


@pytest.fixture
def relay() -> Iterator[Relay]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    relay = Relay(port)
    controller = Controller(relay, hostname="127.0.0.1", port=port)
    controller.start()
    yield relay
    controller.stop()


@pytest.fixture(scope="session")
def due(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two publications of which the first has an approved issue, due this very minute."""
    now = datetime.now(UTC)
    root = tmp_path_factory.mktemp("due")
    due = {"every": [WEEKDAYS[now.weekday()]], "at": f"{now:%H:%M}", "window": "00:00-23:59"}
    settings = {"timezone": "UTC", "schedule": due}
    write_newsroom(root, **settings)  # type: ignore[arg-type] # reason: settings of two kinds
    path = write_issue(root, "vendredi", now.date())
    approve(path, load_newsroom(root), "Odile Ferrand", now=now)
    (root / "var").mkdir()
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
