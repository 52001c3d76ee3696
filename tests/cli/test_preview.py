"""``filigrane preview`` as it is typed: a process, a port, Ctrl-C."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

COMMAND = [sys.executable, "-c", "from composer.cli import main; main()"]


@pytest.mark.slow
@pytest.mark.parametrize("broken", [False, True])
def test_the_studio_says_where_it_is_answers_and_closes(tmp_path: Path, broken: bool) -> None:
    write_newsroom(tmp_path)
    if broken:
        with (tmp_path / "config" / "newsroom.yaml").open("a") as settings:
            settings.write("colour: red\n")
    write_issue(tmp_path, "vendredi", FRIDAY)
    typed = [*COMMAND, "--newsroom", str(tmp_path), "preview", "vendredi/2026-11-27"]
    with subprocess.Popen(typed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as studio:
        try:
            _walk(studio, "config/newsroom.yaml" if broken else "La digue tiendra")
        finally:
            studio.kill()  # of one that is at its end already, nothing


def _walk(studio: subprocess.Popen[str], words: str) -> None:
    """Open the printed address, find ``words``, and close the studio while a page is open."""
    assert studio.stdout is not None
    assert studio.stderr is not None
    printed = re.search(r"(http://127\.0\.0\.1:\d+)/\?key=[\w-]{43}(?= )", studio.stdout.readline())
    assert printed is not None, studio.stderr.read()
    with httpx.Client(base_url=printed[1], follow_redirects=True) as browser:
        assert browser.get("/").status_code == 403
        leads = re.search(r'content="0;url=([^"]+)"', browser.get(printed[0]).text)
        assert leads is not None
        assert leads[1] == "/issue/vendredi/2026-11-27"
        assert words in browser.get(leads[1]).text
        with browser.stream("GET", "/changes") as stream:  # a page is open: it must not hold the process
            assert stream.status_code == 200
            studio.send_signal(signal.SIGINT)
            assert studio.wait(timeout=30) == 0
    assert studio.stderr.read() == ""


def test_an_issue_that_is_not_there_is_told_before_anything_starts(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    typed = [*COMMAND, "--newsroom", str(tmp_path), "preview", "vendredi/2026-11-27"]
    told = subprocess.run(typed, capture_output=True, text=True, timeout=60)
    assert told.returncode == 1
    assert "vendredi/2026-11-27" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.slow
def test_an_empty_folder_is_told_as_everywhere_else(tmp_path: Path) -> None:
    typed = [*COMMAND, "--newsroom", str(tmp_path)]
    told, check = (
        subprocess.run([*typed, *rest], capture_output=True, text=True, timeout=60)
        for rest in (["preview"], ["check", "--all"])
    )
    assert (told.returncode, told.stderr) == (check.returncode, check.stderr)
    assert "filigrane init FOLDER" in told.stderr
    assert list(tmp_path.iterdir()) == []
