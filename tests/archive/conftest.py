"""An open archive without a letter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archive.support.sample_archive import SampleArchive, sample_archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[SampleArchive]:
    found = sample_archive(tmp_path / "newsroom")
    yield found
    found.close()
