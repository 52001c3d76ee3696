"""What was made before: it changes nothing but time, whatever becomes of the folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import time_machine

from composer.rendering import cache as caching
from composer.rendering import media, render
from composer.rendering.cache import Cache, key
from composer.rendering.letter import CACHE
from composer.rendering.templates import forget_templates
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import newsroom

NAME = key("an", "entry")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "cache"


def test_an_entry_comes_back_and_is_for_this_account_alone(folder: Path) -> None:
    cache = Cache(folder)
    assert cache.get(NAME) is None
    cache.put(NAME, b"made")
    assert cache.get(NAME) == b"made"
    assert cache.get(key("another")) is None
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    assert {path.name for path in folder.iterdir()} == {NAME, "swept"}


def test_no_two_lists_of_parts_have_the_same_name() -> None:
    assert len({key("a", "b"), key("ab"), key("ab", ""), key("", "ab"), key("b", "a")}) == 5
    assert key("a", "b") == key("a", b"b")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _changed(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def _of_another_name(path: Path) -> None:
    Cache(path.parent).put(key("another"), b"made")
    (path.parent / key("another")).replace(path)


def _a_link(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


def _a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _open_to_others(path: Path) -> None:
    path.chmod(0o622)


def _in_a_folder_open_to_others(path: Path) -> None:
    path.parent.chmod(0o770)


def _in_a_folder_behind_a_link(path: Path) -> None:
    moved = path.parent.rename(path.parent.parent / "moved")
    path.parent.symlink_to(moved)


DAMAGED = [
    _cut, _emptied, _changed, _of_another_name, _a_link, _a_pipe, _a_folder, _open_to_others,
    _in_a_folder_open_to_others, _in_a_folder_behind_a_link,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
def test_what_cannot_be_trusted_is_not_there(damage: Callable[[Path], None], folder: Path) -> None:
    cache = Cache(folder)
    cache.put(NAME, b"made")
    damage(folder / NAME)
    assert cache.get(NAME) is None
    cache.put(NAME, b"made")  # whether it is kept or not: nothing is raised


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder would be", "utf-8")
    Cache(tmp_path / "var" / "cache").put(NAME, b"made")
    assert Cache(tmp_path / "var" / "cache").get(NAME) is None


def test_a_full_disk_leaves_no_half_entry(folder: Path) -> None:
    Cache(folder).put(key("first"), b"made")
    program = (
        "import resource, signal, sys; from pathlib import Path; from composer.rendering.cache import Cache\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "Cache(Path(sys.argv[1])).put(sys.argv[2], bytes(1000))"
    )
    subprocess.run([sys.executable, "-c", program, str(folder), NAME], check=True)
    assert {path.name for path in folder.iterdir()} == {key("first"), "swept"}


def test_two_at_once_leave_one_whole_entry(folder: Path) -> None:
    content = bytes(2_000_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _number: Cache(folder).put(NAME, content), range(32)))
    assert Cache(folder).get(NAME) == content
    assert {path.name for path in folder.iterdir()} == {NAME, "swept"}


def test_what_is_not_used_for_a_month_goes_and_what_is_used_stays(folder: Path) -> None:
    cache, used, left = Cache(folder), key("used"), ".left.by.a.killed.process"
    with time_machine.travel("2026-11-01 12:00:00+00:00", tick=False):
        for name in (NAME, used):
            cache.put(name, b"made")
        (folder / left).write_bytes(b"half")
        for path in folder.iterdir():
            os.utime(path, (1_793_534_400, 1_793_534_400))  # the same instant: the disk's clock did not travel
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False):
        assert cache.get(used) == b"made"  # marked as used by the disk's clock
        os.utime(folder / used, (1_795_176_000, 1_795_176_000))
    with time_machine.travel("2026-12-10 12:00:00+00:00", tick=False):
        cache.put(key("new"), b"made")
    assert {path.name for path in folder.iterdir()} == {used, key("new"), "swept"}


def test_the_least_used_go_above_the_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MOST_KEPT", 300)
    cache, names = Cache(folder), [key(str(number)) for number in range(6)]
    for number, name in enumerate(names):
        cache.put(name, bytes(68))
        os.utime(folder / name, (1_700_000_000 + number, 1_700_000_000 + number))
    (folder / "swept").unlink()
    monkeypatch.setattr(caching, "UNUSED", 10**10)
    cache.put(NAME, b"")
    assert {path.name for path in folder.iterdir()} == {NAME, *names[-2:], "swept"}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of an account."""
    forget_templates()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "account"))
    return tmp_path / "account" / "filigrane"


@pytest.mark.slow
def test_a_letter_is_the_same_without_with_and_after_a_cache(
    tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition, house = everything(tmp_path), newsroom(tmp_path)
    kept = house.root / CACHE

    def rendered() -> object:
        monkeypatch.setattr(media, "_made", {})
        forget_templates()
        return render(edition, house)

    first = rendered()
    made = {path.name: path.stat().st_ino for path in kept.iterdir()}
    assert len(made) > 3  # pictures, styles, and when it was swept
    assert any((own / "templates").iterdir())
    assert rendered() == first
    assert {path.name: path.stat().st_ino for path in kept.iterdir()} == made  # nothing was made again
    for path in [*kept.iterdir(), *(own / "templates").iterdir()]:
        path.write_bytes(path.read_bytes()[:50])
    assert rendered() == first
    for path in kept.iterdir():
        path.unlink()
    kept.rmdir()
    kept.write_text("no folder", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.delenv("HOME", raising=False)
    assert rendered() == first


def test_a_newsroom_from_elsewhere_brings_no_code(tmp_path: Path, own: Path) -> None:
    """Compiled templates would be code: they are the account's, and none is in the folder that is handed on."""
    house = newsroom(tmp_path)
    render(everything(tmp_path), house)
    assert any((own / "templates").iterdir())
    made = [path.read_bytes()[32:] for path in (house.root / CACHE).iterdir() if path.name != "swept"]
    assert made
    assert {content[:1] for content in made} == {b"["}  # JSON: a picture's facts, or styles
