"""Versions: listed, shown, compared, brought back, and dropped when there are too many."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from composer.clock import now
from composer.errors import Refused
from composer.studio.saving import history as histories
from composer.studio.saving import kept_versions
from composer.studio.saving.history import FileChanged, History
from composer.studio.saving.keeper import Keeper
from composer.studio.saving.kept_versions import drop_old, dropped, keep, versions_in
from composer.studio.saving.prose_difference import ProsePart, ProsePassage, differing_passages
from tests.support.saving import ODILE, TEXT, history_of, typed


@pytest.fixture
def folder(root: Path, path: Path) -> Iterator[int]:
    history_of(root, path).mkdir(parents=True)
    descriptor = os.open(history_of(root, path), os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Personne", "-c", "user.email=p@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=root, capture_output=True, check=True)


@pytest.mark.parametrize("under_git", [True, False])
def test_any_version_is_shown_compared_and_brought_back(
    path: Path, root: Path, under_git: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    if under_git:
        for arguments in (
            ["init", "-q"],
            ["config", "core.autocrlf", "true"],
            ["add", "-A"],
            ["commit", "-qm", "first"],
        ):
            git(root, *arguments)
    with Keeper(root) as keeper:
        keeper.save(path, typed("anne", "un"), ODILE)
    keeper, history = Keeper(root), History(Keeper(root))
    versions = history.versions(path)
    first = versions.found[-1]
    # A commit's time is in seconds: the version that was found may stand before the second one, or after it.
    assert sorted(version.commit for version in versions.found) == [False, *([True, True] if under_git else [False])]
    assert (first.why, first.by) == (("first", ("Personne <p@example.org>",)) if under_git else ("found", ()))
    assert ("Odile Ferrand <odile@example.org>",) in [version.by for version in versions.found[:2]]
    assert not versions.more
    assert versions.dropped is None
    assert history.text(path, first.id).replace("\r\n", "\n") == TEXT
    comparison = history.compare(path, first.id)
    assert comparison.passages == [ProsePassage(3, (ProsePart("same", "- anne: mots"), ProsePart("gone", " un")))]
    path.write_bytes(path.read_bytes().replace(b"place: mots", b"place: autres"))
    with pytest.raises(FileChanged):
        history.bring_back(path, first.id, comparison.seen, ODILE)
    History(keeper).bring_back(path, first.id, history.compare(path, first.id).seen, ODILE)
    assert path.read_bytes() == b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    assert any("autres" in history.text(path, version.id) for version in history.versions(path).found)
    monkeypatch.setattr(histories, "MOST_COMMITS", 1)
    assert history.versions(path).more == under_git


@pytest.mark.parametrize("id", ["", "--help", "HEAD", "0" * 40, "../../secret", "20260101T000000.000000Z-" + "0" * 16])
def test_what_is_no_version_is_refused(path: Path, root: Path, id: str) -> None:
    git(root, "init", "-q")
    with pytest.raises(Refused, match="no such version"):
        History(Keeper(root)).text(path, id)
    assert History(Keeper(root)).versions(path).found == ()


def test_a_version_that_is_no_text_is_refused(path: Path, root: Path, folder: int) -> None:
    with pytest.raises(Refused, match="UTF-8"):
        History(Keeper(root)).text(path, keep(folder, b"\xe9\xff", "found"))


def test_the_same_is_kept_once_and_the_order_is_that_of_time(folder: int) -> None:
    kept = [keep(folder, content, "saved", ["Odile <>"]) for content in (b"a", b"a", b"b", b"a")]
    assert kept[0] == kept[1]
    assert [version.id for version in versions_in(folder)] == [kept[0], kept[2], kept[3]]
    assert {(version.why, version.by) for version in versions_in(folder)} == {("saved", ("Odile <>",))}


def test_the_oldest_versions_are_dropped_and_it_is_said(
    root: Path, path: Path, folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_versions, "VERSION_BYTES", 100)
    kept = [keep(folder, str(number).encode() * 30, "saved") for number in range(5)]
    assert [version.id for version in versions_in(folder)] == kept[2:]
    assert dropped(folder) == kept_versions._at(kept[1])
    assert History(Keeper(root)).versions(path).dropped == dropped(folder)
    monkeypatch.setattr(kept_versions, "MOST_IN_ALL", 70)
    drop_old(root)
    assert [version.id for version in versions_in(folder)] == kept[3:]
    monkeypatch.setattr(kept_versions, "now", lambda: now() + timedelta(days=kept_versions.VERSION_DAYS + 1))
    drop_old(root)
    assert versions_in(folder) == []
    assert len(os.listdir(folder)) == 1  # what says so


def test_a_history_without_its_notes_is_still_one(folder: int, path: Path, root: Path) -> None:
    kept = keep(folder, b"a", "saved")
    (history_of(root, path) / f"{kept}.json").write_text("[")
    assert [(version.id, version.why) for version in versions_in(folder)] == [(kept, "")]


@pytest.mark.parametrize(
    ("old", "new", "passages"),
    [
        ("a\n  b\n", "a\r\nb\r\n", []),
        ("a b\nc\n", "a b\n", [ProsePassage(2, (ProsePart("gone", "c"),))]),
        ("a\n", "a\nb c\n", [ProsePassage(2, (ProsePart("new", "b c"),))]),
        (
            "le port, ici\n",
            "le grand port ici\n",
            [
                ProsePassage(
                    1,
                    (
                        ProsePart("same", "le "),
                        ProsePart("new", "grand "),
                        ProsePart("same", "port"),
                        ProsePart("gone", ","),
                        ProsePart("same", " ici"),
                    ),
                )
            ],
        ),
    ],
)
def test_texts_are_compared_as_prose(old: str, new: str, passages: list[ProsePassage]) -> None:
    assert differing_passages(old, new) == passages


def test_long_passages_are_compared_whole() -> None:
    (passage,) = differing_passages("a " * 3000, "b " * 3000)
    assert [part.kind for part in passage.parts] == ["gone", "new"]
