"""init and git: nothing without consent, and what is committed is said."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from composer.cli import filigrane


def init(folder: Path, *options: str) -> Result:
    done = CliRunner().invoke(filigrane, ["init", str(folder), "--language", "en", *options])
    assert done.exit_code == 0, done.exception
    return done


def test_nothing_is_run_where_nobody_was_asked(tmp_path: Path) -> None:
    assert "git init" in init(tmp_path / "a").stderr
    assert "git" not in init(tmp_path / "b", "--no-git").stderr
    assert not any(path.name == ".git" for path in tmp_path.rglob("*"))


def test_with_consent_all_but_var_is_there_to_commit(tmp_path: Path) -> None:
    assert "everything but var/" in init(tmp_path / "a", "--git").stderr
    command = ["git", "ls-files", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=tmp_path / "a", capture_output=True, text=True, check=True)
    known = listed.stdout.splitlines()
    assert {"config/newsroom.yaml", ".gitignore", ".vscode/extensions.json", "schema/issue.en.json"} <= {*known}
    assert (tmp_path / "a/var/address.key").exists()
    assert not [name for name in known if name.startswith("var/")]


def test_a_folder_that_is_under_git_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a/.git").mkdir(parents=True)
    assert "everything but var/" in init(tmp_path / "a", "--git").stderr
    assert list((tmp_path / "a/.git").iterdir()) == []


def test_a_terminal_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr("composer.cli.git_offer.ask", no)
    monkeypatch.setattr("composer.cli.git_offer._terminal", lambda: True)
    init(tmp_path / "a")
    assert len(asked) == 1
    assert not (tmp_path / "a/.git").exists()


def test_a_git_that_fails_leaves_the_newsroom_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/git"
    program.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "not today" in init(tmp_path / "a", "--git").stderr
    assert (tmp_path / "a/config/newsroom.yaml").exists()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert "not installed" in init(tmp_path / "b", "--git").stderr
