"""What another program does at each step of one save: its words stay, and so do ours."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from composer.issue.revision.model import Revision, Stale
from composer.source.opening import OutsideNewsroom
from composer.studio.saving import exchange as exchanging
from composer.studio.saving import keeper as saving
from composer.studio.saving.keeper import Contended, Keeper
from tests.support.saving import ODILE, TEXT, history_of, kept_words, replaced, typed, words_in

Step = Callable[[], object]


def at_each_exchange(monkeypatch: pytest.MonkeyPatch, *steps: Step) -> None:
    """Before each exchange, what another program does."""
    real, left = exchanging.exchange, [*steps]

    def after_step(folder: int, new: str, name: str) -> None:
        if left:
            left.pop(0)()
        real(folder, new, name)

    monkeypatch.setattr(saving, "exchange", after_step)


def renamed_over(path: Path, change: Callable[[str], Revision], text: str | None = None) -> Step:
    """A text editor that saves ``change`` of ``text``, or of what the file says, by renaming."""

    def save() -> None:
        new = path.with_name("new")
        new.write_bytes(change(path.read_bytes().decode() if text is None else text).text.encode())
        new.replace(path)

    return save


def test_what_another_program_saves_meanwhile_stays(path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_each_exchange(monkeypatch, *(renamed_over(path, typed("rename", f"r{n}"), TEXT) for n in range(3)))
    saved = Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert saved.text == path.read_text() == typed("anne", "mot")(typed("rename", "r2")(TEXT).text).text
    assert {"r0", "r1", "r2", "mot"} <= kept_words(root, path)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    journal = history_of(root, path).joinpath("journal.jsonl").read_text().splitlines()
    assert len({json.loads(line)["id"] for line in journal}) == 1


def test_what_another_program_read_from_us_and_saved_is_not_made_twice(
    path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the file between two exchanges: the line is there already, and would be inserted again."""
    at_each_exchange(
        monkeypatch, renamed_over(path, typed("rename", "r1"), TEXT), renamed_over(path, typed("place", "p1"))
    )
    change = replaced("end: ici\n", "  - ajout: une fois\nend: ici\n")
    Keeper(root).save(path, change, ODILE)
    assert path.read_text().count("une fois") == 1
    assert {"r1", "p1"} <= kept_words(root, path)


def test_the_same_sentence_changed_meanwhile_is_left_and_the_other_one_is_journaled(
    path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(text: str) -> Revision:
        if "anne: mots\n" not in text:
            raise Stale("les leurs")
        return replaced("anne: mots", "anne: les miens")(text)

    theirs = replaced("anne: mots", "anne: les leurs")
    at_each_exchange(
        monkeypatch, renamed_over(path, theirs, TEXT), renamed_over(path, typed("place", "p1"), theirs(TEXT).text)
    )
    keeper = Keeper(root)
    with pytest.raises(Stale):
        keeper.save(path, change, ODILE)
    assert path.read_text() == typed("place", "p1")(theirs(TEXT).text).text
    assert "miens" in words_in(history_of(root, path) / "journal.jsonl")
    assert keeper.missing(path) == []  # it was refused, and the desk shows both
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_is_written_in_place_during_the_exchange_is_waited_for(
    path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other program has opened, and so emptied, the file that is displaced; it writes a moment later."""
    writers: list[threading.Timer] = []

    def begin() -> None:
        file = path.open("w")
        file.write("subj")
        file.flush()

        def end() -> None:
            file.write(typed("place", "p1")(TEXT).text[4:])
            file.close()

        writers.append(threading.Timer(0.1, end))
        writers[0].start()

    at_each_exchange(monkeypatch, begin)
    Keeper(root).save(path, typed("anne", "mot"), ODILE)
    writers[0].join()
    assert path.read_text() == typed("anne", "mot")(typed("place", "p1")(TEXT).text).text


def test_a_program_that_keeps_the_file_open_loses_nothing(
    path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes once the save is over: into the displaced file, which is in the history."""
    monkeypatch.setattr(exchanging, "PATIENCE", 0.05)
    with path.open("r+") as file:
        Keeper(root).save(path, typed("anne", "mot"), ODILE)
        file.write(typed("place", "tard")(TEXT).text)
    assert "mot" in words_in(path)
    assert "tard" in kept_words(root, path)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_moved_away_for_a_moment_is_waited_for(path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text editors do that keep a copy: the old file is renamed, then a new one is written."""

    def away() -> None:
        path.rename(path.with_name("copy~"))
        threading.Timer(0.1, lambda: path.write_text(typed("place", "p1")(TEXT).text)).start()

    at_each_exchange(monkeypatch, away)
    Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert path.read_text() == typed("anne", "mot")(typed("place", "p1")(TEXT).text).text


def test_a_link_put_in_the_file_s_place_is_not_followed(
    path: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(TEXT)

    def link() -> None:
        path.unlink()
        path.symlink_to(outside)

    at_each_exchange(monkeypatch, link)
    with pytest.raises(OutsideNewsroom, match="link"):
        Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert outside.read_text() == TEXT
    Keeper(root).save(path, typed("anne", "encore"), ODILE)
    assert words_in(path) >= {"mot", "encore"}
    assert not path.is_symlink()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_program_that_saves_without_end_is_told_of_and_both_versions_are_kept(
    path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "TRIES", 4)
    at_each_exchange(monkeypatch, *(renamed_over(path, typed("rename", f"r{n}"), TEXT) for n in range(9)))
    with pytest.raises(Contended, match="again and again"):
        Keeper(root).save(path, typed("anne", "mot"), ODILE)
    versions = [*history_of(root, path).glob("*.yaml")]
    assert any("r3" in words_in(each) and "mot" not in words_in(each) for each in versions)
    assert any("r2" in words_in(each) and "mot" in words_in(each) for each in versions)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("links", [True, False])
def test_elsewhere_than_on_linux(path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """Without an exchange, a lease and second names: the same, but for what is renamed between two calls."""

    def without(*_arguments: object, **_options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(exchanging, "_libc", object)
    monkeypatch.delattr(fcntl, "F_SETLEASE")
    if not links:
        monkeypatch.setattr(os, "link", without)
    at_each_exchange(monkeypatch, renamed_over(path, typed("rename", "r1"), TEXT))
    Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert path.read_text() == typed("anne", "mot")(typed("rename", "r1")(TEXT).text).text
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_kernel_that_cannot_exchange_says_so(path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Libc:
        @staticmethod
        def renameat2(*_arguments: object) -> int:
            ctypes.set_errno(22)
            return -1

    monkeypatch.setattr(exchanging, "_libc", Libc)
    Keeper(root).save(path, typed("anne", "mot"), ODILE)
    assert path.read_text() == typed("anne", "mot")(TEXT).text
