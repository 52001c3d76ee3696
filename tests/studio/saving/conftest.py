"""A newsroom's folder with one file in it, which several sides save."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.saving import TEXT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """issues/vendredi/2026-11-27.yaml: its newsroom is ``path.parents[2]``."""
    path = tmp_path.resolve() / "newsroom/issues/vendredi/2026-11-27.yaml"
    path.parent.mkdir(parents=True)
    path.write_bytes(TEXT.encode())
    return path


@pytest.fixture
def root(path: Path) -> Path:
    return path.parents[2]
