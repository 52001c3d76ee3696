"""A database of its own for each test, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from composer.database import open_database
from tests.support import databases


@pytest.fixture
def engine(each_engine: str, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.url(tmp_path), tmp_path, create=True)
    yield engine
    engine.dispose()
