"""What is read of a newsroom's files is in the newsroom: no link, pipe or device leads anywhere else."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from composer.cli import main
from composer.errors import FiligraneError, Refused
from composer.issue.model import Front
from composer.newsroom import load_newsroom
from composer.newsroom.load import examine
from composer.newsroom.starting import KINDS, start
from composer.source import FileMissing, OutsideNewsroom, inside, load
from composer.source.opening import content_of

SECRET = "5ec7e7c0ffee5ec7e7c0ffee5ec7e7c0ffee5ec7e7c0ffee"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "redaction"
    start(root, KINDS, "fr")
    for folder in ("var", "issues/lettre", "config/sponsors"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "var/secret.key").write_text(SECRET)
    (tmp_path / "shadow").write_text(f"root: {SECRET}")
    return root


AWAY = ["../../var/secret.key", "../../../shadow", "../../VAR/../var/secret.key"]
FILES = ["config/publications/fuite.yaml", "config/sponsors/fuite.yaml", "issues/lettre/2999-11-29.yaml"]


@pytest.mark.slow
@pytest.mark.parametrize("away", AWAY[:2])
@pytest.mark.parametrize("file", FILES)
def test_a_link_to_a_secret_is_named_and_nothing_of_it_is_printed(
    root: Path, capsys: pytest.CaptureFixture[str], file: str, away: str
) -> None:
    (root / file).symlink_to(away)
    for arguments in (["check", "--all"], ["check", "--all", "--json"]):
        with pytest.raises(SystemExit) as ended:
            main(["--newsroom", str(root), *arguments])
        said = capsys.readouterr()
        assert ended.value.code == 1
        assert SECRET not in said.out + said.err
        assert file in said.out
        assert "outside-newsroom" in said.out


@pytest.mark.parametrize("away", ["../var/secret.key", "../../shadow"])
@pytest.mark.parametrize("file", ["config/lexicon.yaml", "config/newsroom.yaml"])
def test_a_link_in_place_of_the_configuration_is_a_mistake_of_it(root: Path, file: str, away: str) -> None:
    (root / file).unlink(missing_ok=True)
    (root / file).symlink_to(away)
    _newsroom, (finding,) = examine(root)
    assert (finding.code, str(finding.place), finding.excerpt) == ("outside-newsroom", f"{file}:1:1", None)
    assert SECRET not in str(finding)


def test_a_folder_that_is_a_link_leads_nowhere_either(root: Path) -> None:
    (root / "issues/lettre").rmdir()
    (root / "issues/lettre").symlink_to("../var")
    (root / "var/2026-11-27.yaml").write_text(SECRET)
    (finding,) = load(root / "issues/lettre/2026-11-27.yaml", Front, root=root).findings
    assert finding.code == "outside-newsroom"
    assert SECRET not in str(finding)


def test_a_link_between_files_of_the_newsroom_is_followed(root: Path) -> None:
    (root / "issues/lettre/2026-11-27.yaml").write_text("objet: x\nblocs:\n- ours:\n")
    (root / "issues/lettre/2026-12-04.yaml").symlink_to("2026-11-27.yaml")
    assert load(root / "issues/lettre/2026-12-04.yaml", Front, root=root).require().subject == "x"
    here = root.parent / "here"
    here.symlink_to(root)
    assert load(here / "issues/lettre/2026-12-04.yaml", Front, root=here).require().subject == "x"


@pytest.mark.parametrize("name", ["key", "below/secret.key"])
def test_a_picture_is_not_below_var(root: Path, name: str) -> None:
    folder = root / "issues/lettre"
    (folder / "key").symlink_to("../../var/secret.key")
    (folder / "below").symlink_to("../../var")
    with pytest.raises(OutsideNewsroom, match="var/"):
        inside(root, folder, name)
    with pytest.raises(OutsideNewsroom, match="var/"):
        inside(root, root, "var/secret.key")


def test_a_pipe_a_socket_and_a_device_are_refused_and_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "issues/lettre/2026-11-27.yaml")
    (finding,) = load(root / "issues/lettre/2026-11-27.yaml", Front, root=root).findings
    assert (finding.code, finding.place.file) == ("outside-newsroom", "issues/lettre/2026-11-27.yaml")
    os.mkfifo(root / "config/lexicon.yaml")
    assert [finding.place.file for finding in load_newsroom(root).findings] == ["config/lexicon.yaml"]
    (root / "device").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(root / "sock"))
        for name in ("device", "sock"):
            with pytest.raises(OutsideNewsroom):
                content_of(root / name, root)


def test_a_link_to_itself_is_refused(root: Path) -> None:
    (root / "round").symlink_to("round")
    with pytest.raises(Refused):
        content_of(root / "round", root)


def test_a_folder_and_a_missing_file_are_missing(root: Path) -> None:
    for name in ("config", "nothing", "config/newsroom.yaml/x", "."):
        with pytest.raises(FileMissing):
            content_of(root / name, root)


def test_what_becomes_a_link_while_it_is_read_gives_nothing_away(root: Path) -> None:
    """A file and its folder are exchanged for links all the time, as fast as can be; the secret is never read."""
    folder, away = root / "issues/lettre", root / "issues/other"
    (folder / "secret.key").write_text("open")
    away.symlink_to("../var")
    stop = threading.Event()

    def exchange() -> None:
        kept = root / "issues/kept"
        while not stop.is_set():
            folder.rename(kept)
            away.rename(folder)
            folder.rename(away)
            kept.rename(folder)

    other = threading.Thread(target=exchange)
    other.start()
    read: set[bytes] = set()
    try:
        for _time in range(1_500):
            try:
                read.add(content_of(folder / "secret.key", root))
            except FiligraneError:
                continue
    finally:
        stop.set()
        other.join()
    assert read <= {b"open"}
