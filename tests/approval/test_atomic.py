"""A folder is whole or not there: when the disk is full, and when the process is killed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from composer.approval.atomic import put_whole
from composer.errors import OutsideWorld

_WRITER = """
import sys
from pathlib import Path
from composer.approval.atomic import put_whole
for number in range(10**9):
    put_whole(Path(sys.argv[1]), {"one": b"%d" % number, "two": b"%d" % number, "media/three": b"%d" % number})
    print(number, flush=True)
"""


def test_replacing_leaves_nothing_of_the_old(tmp_path: Path) -> None:
    folder = tmp_path / "a.sealed"
    put_whole(folder, {"old": b"1", "media/old.png": b"1"})
    put_whole(folder, {"new": b"2"})
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["a.sealed", "a.sealed/new"]


@pytest.mark.parametrize("full_at", range(6))
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: int) -> None:
    folder = tmp_path / "a.sealed"
    put_whole(folder, {"one": b"1", "media/two": b"1"})
    calls = 0

    def fsync(descriptor: int) -> None:
        nonlocal calls
        if calls == full_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        calls += 1

    monkeypatch.setattr("composer.approval.atomic.os.fsync", fsync)
    try:
        put_whole(folder, {"one": b"2", "media/two": b"2"})
    except OutsideWorld:
        assert calls == full_at
    contents = {path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert contents in ({b"1"}, {b"2"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.sealed"]


def test_a_killed_process_leaves_a_whole_folder_or_none(tmp_path: Path) -> None:
    folder = tmp_path / "a.sealed"
    for round_ in range(8):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(folder)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline()
        time.sleep(0.003 * round_)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        if folder.exists():
            names = {
                path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
            }
            assert set(names) == {"one", "two", "media/three"}
            assert len(set(names.values())) == 1
