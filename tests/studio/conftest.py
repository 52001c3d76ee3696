"""A studio that really listens, on a newsroom of its own."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from composer.studio import app
from composer.studio.act import StudioUser
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
    with served(root) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for the tests of one file that look at the studio in it."""
    from playwright.sync_api import sync_playwright  # only where Chromium is

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The address of a studio of the newsroom at ``root``, which answers to ``TOKEN``."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app(root, TOKEN, USER), log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@contextmanager
def entered(url: str) -> Iterator[httpx.Client]:
    """A client of the studio at ``url`` that holds its token."""
    with httpx.Client(base_url=url, headers={"origin": url}, timeout=120) as opened:
        opened.get("/", params={"key": TOKEN}).raise_for_status()
        yield opened


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with entered(url) as opened:
        yield opened


@pytest.fixture
def file(root: Path) -> Path:
    return root / "issues" / "vendredi" / f"{FRIDAY}.yaml"
