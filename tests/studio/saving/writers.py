"""Programs that save one file at the same time: ``python writers.py KIND ROOT FILE SEED COUNT``.

``anne`` and ``bruno`` save through the keeper. ``rename`` and ``place`` are text editors that know nothing of it: one
saves by renaming a new file over the old one, the other writes into it. Each word is printed once it is saved.
"""

from __future__ import annotations

import fcntl
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from composer.studio.saving import kept_versions
from composer.studio.saving.actor import Actor
from composer.studio.saving.keeper import Contended, Keeper
from tests.support.saving import typed


def desk(name: str, root: Path, path: Path, count: int, chance: random.Random) -> None:
    kept_versions.VERSION_BYTES = 10**9  # minutes here are years of a newsroom: what is dropped has its own tests
    keeper, number = Keeper(root), 0
    while number < count:
        word = f"{name}{chance.randrange(10**6):06}x{number}"
        try:
            keeper.save(path, typed(name, word), Actor(name, f"{name}@example.org"))
        except Contended:  # on a busy machine; a person is told, and tries again
            print(f"contended{word}", flush=True)
            continue
        number += 1
        print(word, flush=True)
        time.sleep(chance.uniform(0, 0.002))


def editor(name: str, path: Path, chance: random.Random, stale: bool) -> None:
    """Save until stdin is closed. ``stale``: often what it read long ago, with its own line as it has it."""
    os.set_blocking(0, False)
    number, buffer = 0, ""
    while is_open():
        number += 1
        word = f"{name}x{number}x{chance.randrange(10**6)}"
        with alone(path):
            if not buffer or not stale or chance.random() < 0.6:
                buffer = path.read_text("utf-8")
            time.sleep(chance.uniform(0, 0.002))
            buffer = typed(name, word)(buffer).text
            save(name, path, buffer, chance)
        print(word, flush=True)
        time.sleep(chance.uniform(0, 0.004))


def save(name: str, path: Path, text: str, chance: random.Random) -> None:
    if name == "rename":
        new = path.with_name(f"{path.name}~new")
        new.write_text(text, "utf-8")
        new.replace(path)
        return
    with path.open("w", encoding="utf-8") as file:  # empty from here on
        half = len(text) // 2
        file.write(text[:half])
        file.flush()
        time.sleep(chance.uniform(0, 0.001))
        file.write(text[half:])


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """The two text editors keep out of each other's way: what they take from each other is not ours to keep."""
    with path.with_name("editors").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_open() -> bool:
    """Whether stdin is."""
    try:
        return os.read(0, 1) != b""
    except BlockingIOError:
        return True


if __name__ == "__main__":
    kind, root, path, seed, count = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], int(sys.argv[5])
    chance = random.Random(f"{kind}{seed}")
    if kind in ("anne", "bruno"):
        desk(kind, root, path, count, chance)
    else:
        editor(kind, path, chance, stale=count == 0)
