"""A database of its own for each test, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support import databases
from tests.support.address_keys import open_database


@pytest.fixture
def engine(each_engine: str, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.url(tmp_path), tmp_path, create=True)
    yield engine
    engine.dispose()
