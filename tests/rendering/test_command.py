"""filigrane render, from the outside."""

from __future__ import annotations

import json
import subprocess
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.support import program

ROOT = Path(__file__).resolve().parents[2]
ISSUES = ["samedi/2026-11-28", "vendredi/2026-11-27"]


def _filigrane(*arguments: str) -> subprocess.CompletedProcess[str]:
    return program.run("filigrane", "--newsroom", str(ROOT), *arguments)


@pytest.mark.slow
@pytest.mark.parametrize("issue", ISSUES)
def test_what_is_written_is_what_would_be_sent(issue: str, tmp_path: Path) -> None:
    done = _filigrane("render", issue, "--out", str(tmp_path / "out"), "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {str(path) for path in (tmp_path / "out").rglob("*") if path.is_file()} == set(report["files"])
    message = message_from_bytes((tmp_path / "out" / "message.eml").read_bytes(), policy=policy.default)
    assert message["subject"] == report["subject"]
    for subtype, name in (("html", "message.html"), ("plain", "message.txt")):
        part = message.get_body((subtype,))
        assert part is not None
        written = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert part.get_content().replace("\r\n", "\n").rstrip("\n") == written.rstrip("\n")
    for path in (tmp_path / "out" / "media").iterdir():
        assert f"/media/{path.name}" in (tmp_path / "out" / "message.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_missing_issue_writes_nothing(tmp_path: Path) -> None:
    done = _filigrane("render", "samedi/1999-01-02", "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_folder_that_is_a_file_is_the_outside_world(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    done = _filigrane("render", ISSUES[0], "--out", str(tmp_path / "out" / "below"))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
