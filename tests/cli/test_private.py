"""What the command line writes is for its account alone, except what editors share and the web shows."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from composer.newsroom.environment import secret_key
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom

Run = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The real command, in a process with the usual umask."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("FILIGRANE_")}

    def run(*arguments: str, umask: int = 0o022, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from composer.cli import main; main()", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=settings, umask=umask, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        return done

    return run


def modes(*paths: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in paths}


@pytest.mark.parametrize(("umask", "file", "folder"), [(0o022, 0o644, 0o755), (0o002, 0o664, 0o775)])
def test_editors_files_keep_the_account_s_umask(tmp_path: Path, run: Run, umask: int, file: int, folder: int) -> None:
    run("init", "room", umask=umask)
    assert modes(*(tmp_path / "room" / "config").rglob("*.yaml")) == {file}
    assert modes(*(path for path in (tmp_path / "room" / "issues").rglob("*"))) == {folder}
    assert modes(tmp_path / "room" / "var" / "filigrane.db") == {0o600}
    write_issue(write_newsroom(tmp_path / "other"), "vendredi", FRIDAY)
    run("--newsroom", "other", "approve", "vendredi/2026-11-27", "--by", "Odile", umask=umask)
    sealed = tmp_path / "other" / "issues" / "vendredi" / "2026-11-27.sealed"
    assert modes(sealed, *(path for path in sealed.rglob("*") if path.is_dir())) == {folder}
    assert modes(*(path for path in sealed.rglob("*") if path.is_file())) == {file}
    run("--newsroom", "other", "render", "vendredi/2026-11-27", "--out", "out", umask=umask)
    assert modes(tmp_path / "out" / "message.html") == {file}


def test_lists_and_reports_of_readers_are_private(tmp_path: Path, run: Run) -> None:
    root = write_newsroom(tmp_path / "room")
    run("--newsroom", "room", "db", "upgrade")
    (tmp_path / "list.csv").write_text("email\nzoe@example.org\nnobody\n")
    command = ["--newsroom", "room", "subscribers"]
    run(*command, "import", "list.csv", "--publication", "vendredi", "--source", "form", "--report", "report.csv")
    run(*command, "export", "--publication", "vendredi", "--out", "export.csv")
    run("--newsroom", "room", "backup", "backup.zip")
    kept = [tmp_path / name for name in ("report.csv", "export.csv", "backup.zip")]
    assert modes(*kept, *(path for path in (root / "var").rglob("*") if path.is_file())) == {0o600}
    run("restore", "backup.zip", "restored")
    assert modes(tmp_path / "restored" / "var" / "filigrane.db") == {0o600}
    assert modes(tmp_path / "restored" / "config" / "newsroom.yaml") == {0o644}


def test_a_secret_key_is_made_once_and_private(tmp_path: Path, run: Run) -> None:
    root = write_newsroom(tmp_path / "room")
    said = run("--newsroom", "room", "secret", "new")
    key = (root / "var" / "secret.key").read_text()
    assert len(secret_key(root)) == 32
    assert key.strip() not in said.stdout + said.stderr
    assert modes(root / "var" / "secret.key", root / "var") == {0o600, 0o700}
    refused = run("--newsroom", "room", "secret", "new", code=1)
    assert "var/secret.key is there already" in refused.stderr
    assert (root / "var" / "secret.key").read_text() == key
    printed = run("--newsroom", "room", "secret", "new", "--print").stdout.strip()
    assert (len(bytes.fromhex(printed)), printed == key.strip()) == (32, False)
    run("--newsroom", "elsewhere", "secret", "new", code=1)
    assert not (tmp_path / "elsewhere").exists()


def test_published_pictures_are_for_everybody(tmp_path: Path) -> None:
    """The web server may be another account; whatever the umask of the daemon."""
    from composer.approval.verify import publish_media
    from composer.file_modes import keep_private
    from composer.newsroom import load_newsroom

    root = write_newsroom(tmp_path / "room")
    source = root / "issues" / "picture.png"
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(b"png")
    keep_private()

    class Sealed:
        """What of a seal publishing reads."""

        key, media = "vendredi/2026-11-27", {"0" * 32 + ".png": source}

    publish_media(Sealed(), load_newsroom(root))  # type: ignore[arg-type] # reason: the two fields that it reads
    assert modes(root / "var" / "media" / ("0" * 32 + ".png")) == {0o644}
    assert modes(root / "var" / "media") == {0o755}
