"""What lies in var/workers/, whoever put it there: it keeps no worker from starting, and is never silent."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from composer.delivery.ledger import workers
from composer.delivery.worker.beat_file import FOLDER, BeatFile, compare
from tests.delivery.support.sample_ledger import engine

pytestmark = pytest.mark.usefixtures("each_engine")

HIGH = f"{2**40:020d}\n"


def link(path: Path) -> None:
    (path.parent / "other").write_text(HIGH)
    path.symlink_to(path.parent / "other")


STRANGE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "pipe": ("1.beat", os.mkfifo),
    "folder": ("1.beat", Path.mkdir),
    "link": ("1.beat", link),
    "empty": ("1.beat", Path.touch),
    "torn": ("1.beat", lambda path: path.write_text(HIGH[:7])),
    "huge": ("1.beat", lambda path: path.write_bytes(b"9" * 2**22)),
    "no-number": ("one.beat", lambda path: path.write_text(HIGH)),
    "underscore": ("1_0.beat", lambda path: path.write_text(HIGH)),
    "beyond-the-database": (f"{2**70}.beat", lambda path: path.write_text(HIGH)),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_counter_is_named_and_stops_nobody(tmp_path: Path, kind: str) -> None:
    name, put = STRANGE[kind]
    (tmp_path / FOLDER).mkdir(parents=True)
    put(tmp_path / FOLDER / name)
    with engine(tmp_path).begin() as connection, capture_logs() as logs:
        assert compare(connection, tmp_path).back == ()
        worker = workers.join(connection)
    assert [(line["event"], line["file"]) for line in logs] == [("beat-file-unreadable", name)]
    file = BeatFile.create(tmp_path, worker + 1, 12)
    assert file is not None
    assert (tmp_path / FOLDER / f"{worker + 1}.beat").read_text() == f"{12:020d}\n"
    file.close(keep=False)


def test_a_name_that_is_taken_is_made_anew_and_what_it_led_to_is_left_alone(tmp_path: Path) -> None:
    """Also a file of the same number of another database, whose worker lives."""
    (tmp_path / FOLDER).mkdir(parents=True)
    other = BeatFile.create(tmp_path, 7, 5)
    assert other is not None
    os.link(tmp_path / FOLDER / "7.beat", tmp_path / "kept")
    file = BeatFile.create(tmp_path, 7, 12)
    assert file is not None
    other.write(6)
    assert (tmp_path / FOLDER / "7.beat").read_text() == f"{12:020d}\n"
    assert (tmp_path / "kept").read_text() == f"{6:020d}\n"
    for each in (file, other):
        each.close(keep=True)


def test_a_thousand_files_are_compared_too(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir(parents=True)
    for number in range(2, 1202):
        (tmp_path / FOLDER / f"{number}.beat").write_text(HIGH)
    with engine(tmp_path).begin() as connection:
        assert len(compare(connection, tmp_path).back) == 1200


def test_a_file_that_is_closed_is_written_no_more(tmp_path: Path) -> None:
    file = BeatFile.create(tmp_path, 7, 5)
    assert file is not None
    file.close(keep=True)
    with (tmp_path / "another").open("w") as another:  # may have the number of the descriptor
        file.write(6)
        another.flush()
        assert (tmp_path / "another").read_text() == ""
    assert (tmp_path / FOLDER / "7.beat").read_text() == f"{5:020d}\n"
