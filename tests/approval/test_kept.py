"""What lies in the folder long after: approvals that are whole, and what killed ones left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from composer import clock
from composer.approval.freeze import approve
from composer.approval.kept import abandoned, kept, sweep
from composer.approval.model import Sealed
from composer.approval.verify import verdict
from composer.issue import key_of
from composer.newsroom import load_newsroom
from composer.newsroom.model import Newsroom
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    approve(write_issue(write_newsroom(tmp_path), "vendredi", FRIDAY), load_newsroom(tmp_path), "Odile")
    return load_newsroom(tmp_path)


def folder(room: Newsroom) -> Path:
    return room.root / "issues" / "vendredi"


def test_an_approval_is_kept_while_it_is_whole_whatever_became_of_the_issue(room: Newsroom) -> None:
    path = folder(room) / f"{FRIDAY}.yaml"
    sealed = verdict(path, room)
    assert isinstance(sealed, Sealed)
    path.write_text(path.read_text() + "# later\n")
    assert kept(room, key_of(path, room)) == sealed.seal.digest
    (path.with_suffix(".sealed") / "paid.fr.html").unlink()
    assert kept(room, key_of(path, room)) is None


def test_what_a_killed_approval_left_goes_after_a_day_and_nothing_else(room: Newsroom) -> None:
    left = folder(room) / f".{FRIDAY}.sealed.0123abcd"
    others = [
        folder(room) / name
        for name in (f".{FRIDAY}.sealed.notes", f".{FRIDAY}.sealed.0123abcde", ".git", f"{FRIDAY}.sealed.0123abcd")
    ]
    for each in (left, *others):
        each.mkdir()
        (each / "free.fr.html").write_text("half of it")
    (folder(room) / f".{FRIDAY}.sealed.ffffffff").symlink_to(folder(room) / f"{FRIDAY}.sealed")
    assert sweep(room, clock.now() + timedelta(hours=23)) == 0
    assert sweep(room, clock.now() + timedelta(hours=25)) == 1
    assert not left.exists()
    assert all(each.exists() for each in others)
    assert (folder(room) / f"{FRIDAY}.sealed" / "seal.yaml").exists()


def test_the_only_approval_that_a_kill_left_hidden_is_not_taken(room: Newsroom) -> None:
    """The process died between the two renames: the old approval is in one hidden folder, the new one in another."""
    sealed, old = folder(room) / f"{FRIDAY}.sealed", folder(room) / f".{FRIDAY}.sealed.0123abcd"
    sealed.rename(old)
    later = clock.now() + timedelta(days=9)
    assert list(abandoned(room, later)) == []
    approve(folder(room) / f"{FRIDAY}.yaml", room, "Odile")
    assert list(abandoned(room, later)) == [old]
