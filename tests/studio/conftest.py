"""A studio that really listens, on a newsroom of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from composer.studio import app
from composer.studio.acts import StudioUser
from composer.studio.saving.actor import Actor
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A newsroom with one issue, vendredi/2026-11-27."""
    write_newsroom(tmp_path)
    write_issue(tmp_path, "vendredi", FRIDAY)
    return tmp_path.resolve()


TOKEN = "a-token-of-the-tests"
USER = StudioUser(Actor("Odile Ferrand", "odile@example.org"))


@pytest.fixture
def url(root: Path) -> Iterator[str]:
    """Where the studio of ``root`` answers, to ``TOKEN``."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app(root, TOKEN, USER), log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()
