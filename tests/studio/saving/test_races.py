"""Two desks and two text editors save one file at once, and desks are killed: no word is lost, no file half-written."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from composer.studio.saving import kept_versions
from composer.studio.saving.keeper import Keeper
from tests.support.lengths import length
from tests.support.saving import ODILE, history_of, is_whole, kept_words, typed, words_in

HOUSE = Path(__file__).parents[3]
RACES, KILLS = length(100), length(100)  # races of each of the five meetings: 500 in all


def started(kind: str, path: Path, count: int, seed: int = 1) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.studio.saving.writers", kind, str(path.parents[2]), str(path)]
    return subprocess.Popen(
        [*command, str(seed), str(count)], cwd=HOUSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@contextmanager
def editing(path: Path, kinds: Sequence[str], stale: bool) -> Iterator[list[str]]:
    """Text editors that save all the while; at the end, the words that they saved."""
    words: list[str] = []
    editors = [started(kind, path, 0 if stale else 1) for kind in kinds]
    try:
        first = [editor.stdout.readline() for editor in editors if editor.stdout is not None]
        assert all(first)
        yield words
        for editor, word in zip(editors, first, strict=True):
            words += [word.strip(), *editor.communicate(timeout=60)[0].split()]  # closes stdin, which ends it
            assert editor.returncode == 0
    finally:
        for editor in editors:
            editor.kill()
            editor.communicate()


@contextmanager
def watching(path: Path) -> Iterator[list[str]]:
    """All texts of the file that were not whole, as another program reads it."""
    over, broken = Event(), list[str]()

    def watch() -> None:
        while not over.is_set():
            text = path.read_text("utf-8")
            if not is_whole(text):
                broken.append(text)
            time.sleep(0.001)

    watcher = Thread(target=watch)
    watcher.start()
    yield broken
    over.set()
    watcher.join()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kinds", "stale"),
    [(["rename"], False), (["rename"], True), (["place"], False), (["place"], True), (["rename", "place"], False)],
)
def test_no_word_is_lost_and_no_file_half_written(path: Path, kinds: list[str], stale: bool) -> None:
    root = path.parents[2]
    with watching(path) as broken, editing(path, kinds, stale) as edited:
        desks = [started(name, path, RACES // 2) for name in ("anne", "bruno")]
        said = [word for desk in desks for word in desk.communicate(timeout=900)[0].split()]
    assert [desk.returncode for desk in desks] == [0, 0]
    accepted = [word.removeprefix("contended") for word in said]  # what was told of is kept like what was accepted
    assert len([word for word in said if not word.startswith("contended")]) == RACES // 2 * 2
    assert len(edited) > len(kinds)
    history = history_of(root, path)
    assert set(accepted) - words_in(path, history / "journal.jsonl") == set()
    assert set(edited) - kept_words(root, path) == set()
    if kinds == ["rename"]:  # the other one leaves the file half-written itself
        assert broken == []
    assert is_whole(path.read_text("utf-8"))
    assert not [*path.parent.glob(".*.saving")]
    if not stale:  # they read the file each time, and nobody takes anything back
        assert set(accepted) <= words_in(path) | {
            word for span in Keeper(root).missing(path) for word in span.after.split()
        }


@pytest.mark.slow
def test_a_desk_killed_at_any_instant_loses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_versions, "VERSION_BYTES", 10**9)  # as in the writers
    root, accepted, chance = path.parents[2], list[str](), random.Random(7)
    with watching(path) as broken, editing(path, ["rename"], stale=False) as edited:
        for number in range(KILLS):
            desk = started("anne", path, 10_000, seed=number)
            assert desk.stdout is not None
            accepted.append(desk.stdout.readline().strip())
            time.sleep(chance.uniform(0, 0.02))
            os.kill(desk.pid, signal.SIGKILL)
            accepted += [line for line in desk.communicate()[0].split("\n") if "x" in line]
    Keeper(root).save(path, typed("bruno", "dernier"), ODILE)
    assert broken == []
    assert "" not in accepted
    accepted = [word.removeprefix("contended") for word in accepted]
    assert set(accepted) - words_in(path, history_of(root, path) / "journal.jsonl") == set()
    assert set(edited) - kept_words(root, path) == set()
    assert not [*path.parent.glob(".*.saving")]
