"""A newsroom with one issue, approved or not yet."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.approval.support.sample_approval import WITH_ALL, seal_it, sealed_folder
from tests.support.newsrooms import FRIDAY, png, write_issue, write_newsroom, write_sponsor


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A newsroom whose one issue has a picture, a transcript and an advertisement, and is approved."""
    folder = write_newsroom(tmp_path_factory.mktemp("newsroom"))
    write_sponsor(folder)
    path = write_issue(folder, "vendredi", FRIDAY, WITH_ALL)
    (path.parent / "digue.png").write_bytes(png("teal"))
    (path.parent / "entretien.txt").write_text("00:00 Bonjour", encoding="utf-8")
    seal_it(path)
    return folder


@pytest.fixture
def sealed(original: Path, tmp_path: Path) -> Path:
    """The issue, approved."""
    shutil.copytree(original, tmp_path / "newsroom")
    return tmp_path / "newsroom" / "issues" / "vendredi" / f"{FRIDAY}.yaml"


@pytest.fixture
def issue(sealed: Path) -> Path:
    """The same, not approved yet."""
    shutil.rmtree(sealed_folder(sealed))
    return sealed
