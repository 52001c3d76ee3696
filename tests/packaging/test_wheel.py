"""The wheel carries what it needs: installed alone, outside any checkout, the command works."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel's content and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command from the wheel. ``-I`` would hide the wheel; ``-P`` and an editable-free path hide the checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FILIGRANE_")}
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import composer;"
        "assert 'site' in composer.__file__, composer.__file__;"
        "from composer.cli import main; main(sys.argv[1:])"
    )
    command = [sys.executable, "-P", "-c", program, str(site), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_wheel_renders_a_letter_away_from_the_checkout(site: Path, tmp_path: Path) -> None:
    made = run(site, tmp_path, "--newsroom", str(site / "composer" / "example"), "render", "vendredi/2026-11-27",
               "--out", "letter")  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert {"message.html", "message.txt", "message.eml"} <= {path.name for path in (tmp_path / "letter").iterdir()}


@pytest.mark.slow
def test_the_wheel_starts_a_newsroom_and_plays_the_demonstration(site: Path, tmp_path: Path) -> None:
    assert run(site, tmp_path, "version").stdout.startswith("filigrane ")
    assert run(site, tmp_path, "init", "mine").returncode == 0
    assert run(site, tmp_path, "--newsroom", "mine", "calendar").returncode == 0
    played = run(site, tmp_path, "demo", "--language", "en")
    assert played.returncode == 0, played.stderr
    assert "0 twice" in played.stdout


@pytest.mark.slow
def test_the_wheel_proofreads_with_the_data_it_carries(site: Path, tmp_path: Path) -> None:
    checked = run(site, tmp_path, "--newsroom", str(site / "composer" / "example"), "check", "--all")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    explained = run(site, tmp_path, "--newsroom", str(site / "composer" / "example"), "check", "--explain", "weekday")
    assert explained.stdout.startswith("weekday\n\n*Avertissement"), explained.stdout + explained.stderr
    data = site / "composer" / "proofreading" / "data"
    assert {path.name for path in data.iterdir()} == {"LICENSE", "README.md", "baseline.json", "caniemail.json"}


def test_the_wheel_carries_no_test_and_no_secret(site: Path) -> None:
    names = [str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()]
    assert not [name for name in names if name.endswith((".pem", ".key", ".db")) or "sealed" in name]
    assert {name.split("/")[0] for name in names} == {"composer", "filigrane-0.1.0.dist-info"}
