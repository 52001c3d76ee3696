"""A newsroom with two approved issues, and a relay that keeps its mail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from composer.approval.freeze import approve
from composer.newsroom import load_newsroom
from tests.schedule.support.sample_hour import Hour, Relay, paris, relaying
from tests.support.newsrooms import FRIDAY, SATURDAY, write_issue, write_newsroom


@pytest.fixture
def relay() -> Iterator[Relay]:
    with relaying() as relay:
        yield relay


@pytest.fixture(scope="session")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_newsroom(tmp_path_factory.mktemp("approved"))
    for name, date in (("vendredi", FRIDAY), ("samedi", SATURDAY)):
        path = write_issue(root, name, date)
        approve(path, load_newsroom(root), "Odile Ferrand", now=paris("2026-11-26 18:00"))
    return root


@pytest.fixture
def hour(approved: Path, tmp_path: Path, relay: Relay) -> Iterator[Hour]:
    """Friday and Saturday are approved, and the daemon ran all week."""
    shutil.copytree(approved, tmp_path / "newsroom")
    hour = Hour(tmp_path / "newsroom", relay)
    hour.write()
    hour.at("2026-11-23 12:00")
    assert relay.messages == []
    yield hour
    hour.engine.dispose()
