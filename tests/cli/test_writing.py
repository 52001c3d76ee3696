"""Where a disk or a right refuses, `init`, `new` and `schema` say so in a line and leave what was there before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from composer.cli import main; main()"]
#: The same, in a process that may not write a single byte to a file: a full disk.
FULL = [
    sys.executable,
    "-c",
    "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    "from composer.cli import main; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); main()",
]


def run(folder: Path, *arguments: str, program: list[str] = PROGRAM) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    assert run(tmp_path, "init", "mine", "--language", "en").returncode == 0
    return tmp_path / "mine"


@pytest.mark.slow
def test_init_where_nothing_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    for place in ("file/sub", "/proc/nowhere"):
        assert run(tmp_path, "init", place).returncode in (1, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.slow
@pytest.mark.parametrize("there", [False, True])
def test_init_on_a_full_disk_leaves_nothing_and_can_be_tried_again(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "mine").mkdir()
    assert run(tmp_path, "init", "mine", program=FULL).returncode == 3
    assert sorted(tmp_path.rglob("*")) == ([tmp_path / "mine"] if there else [])
    assert run(tmp_path, "init", "mine").returncode == 0


@pytest.mark.slow
def test_schema_on_a_full_disk_keeps_the_old_ones(newsroom: Path) -> None:
    before = {path: path.read_bytes() for path in (newsroom / "schema").iterdir()}
    assert run(newsroom, "schema", program=FULL).returncode == 3
    assert {path: path.read_bytes() for path in (newsroom / "schema").iterdir()} == before
    assert run(newsroom, "schema", "--out", "/proc/nowhere").returncode == 3


@pytest.mark.slow
def test_new_where_a_file_stands_in_the_way(newsroom: Path) -> None:
    (newsroom / "issues" / "letter").rmdir()
    (newsroom / "issues" / "letter").write_text("a file")
    assert run(newsroom, "new", "letter").returncode in (1, 3)
    assert (newsroom / "issues" / "letter").read_text() == "a file"


@pytest.mark.slow
def test_check_all_reads_folders_of_no_publication_too(newsroom: Path) -> None:
    (newsroom / "issues" / "lettr").mkdir()
    (newsroom / "issues" / "lettr" / "2026-11-27.yaml").write_text("subject: Lost\n")
    done = run(newsroom, "check", "--all")
    assert done.returncode == 1
    assert "lettr" in done.stdout + done.stderr
