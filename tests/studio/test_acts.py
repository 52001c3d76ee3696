"""Acts and the right that each needs; the one person at this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from composer.newsroom import load_newsroom
from composer.studio.act import NotAllowed, Right, StudioUser, Writing
from composer.studio.acts import ACTS
from composer.studio.saving.actor import Actor
from composer.studio.saving.keeper import Keeper
from composer.studio.studio_user import user_here
from tests.support.newsrooms import FRIDAY


@pytest.mark.parametrize("name", ACTS)
def test_a_reader_acts_not(root: Path, name: str) -> None:
    file = root / "issues" / "vendredi" / f"{FRIDAY}.yaml"
    before = file.read_bytes()
    reader = StudioUser(Actor("Odile"), frozenset())
    with pytest.raises(NotAllowed):
        ACTS[name].by(reader, Writing(load_newsroom(root), file, Keeper(root)), {})
    assert file.read_bytes() == before


def test_the_person_here_signs_as_git_does_or_as_the_account(root: Path) -> None:
    assert user_here(root).actor.name
    assert user_here(root).rights == frozenset(Right)
    for arguments in (["init", "-q"], ["config", "user.name", "Odile"], ["config", "user.email", "odile@example.org"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    assert user_here(root).actor == Actor("Odile", "odile@example.org")
