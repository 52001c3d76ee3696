"""Files that editors name never lead out of the newsroom."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest

from composer.source.paths import FileMissing, OutsideNewsroom, inside

UnicodeForm = Literal["NFC", "NFD"]
FORMS: tuple[UnicodeForm, ...] = ("NFC", "NFD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "newsroom"
    (root / "issues/vendredi/images").mkdir(parents=True)
    (root / "issues/vendredi/port.jpg").write_bytes(b"picture")
    (root / "issues/vendredi/images/Quai.png").write_bytes(b"picture")
    (tmp_path / "secret.txt").write_text("secret")
    return root


def test_a_file_beside_and_one_below(root: Path) -> None:
    folder = root / "issues/vendredi"
    assert inside(root, folder, "port.jpg") == folder.resolve() / "port.jpg"
    assert inside(root, folder, "images/Quai.png") == folder.resolve() / "images/Quai.png"


@pytest.mark.parametrize(
    "name",
    [
        "../../../secret.txt",
        "images/../port.jpg",
        "/etc/passwd",
        "~/photo.jpg",
        "C:/photo.jpg",
        "https://photos.example/une.jpg",
        "//photos.example/une.jpg",
        "..\\..\\secret.txt",
        "port.jpg\x00.png",
        "a\nb",
        "",
        "  ",
    ],
)
def test_names_that_leave_the_newsroom_are_refused(root: Path, name: str) -> None:
    with pytest.raises(OutsideNewsroom):
        inside(root, root / "issues/vendredi", name)


def test_a_web_address_is_told_that_nothing_is_fetched(root: Path) -> None:
    with pytest.raises(OutsideNewsroom, match="nothing is fetched"):
        inside(root, root / "issues/vendredi", "https://photos.example/une.jpg")


def test_a_symbolic_link_that_leads_out_is_refused(root: Path) -> None:
    folder = root / "issues/vendredi"
    (folder / "photo.jpg").symlink_to(root.parent / "secret.txt")
    (folder / "away").symlink_to(root.parent)
    for name in ("photo.jpg", "away/secret.txt"):
        with pytest.raises(OutsideNewsroom):
            inside(root, folder, name)


def test_a_symbolic_link_inside_the_newsroom_is_followed(root: Path) -> None:
    folder = root / "issues/vendredi"
    (folder / "une.jpg").symlink_to("port.jpg")
    assert inside(root, folder, "une.jpg") == (folder / "port.jpg").resolve()


def test_a_newsroom_reached_through_a_link(root: Path) -> None:
    here = root.parent / "here"
    here.symlink_to(root)
    assert inside(here, here / "issues/vendredi", "port.jpg").read_bytes() == b"picture"


def test_a_file_alike_by_its_extension_alone_is_not_proposed(root: Path) -> None:
    (root / "issues/vendredi/vide.png").write_bytes(b"picture")
    with pytest.raises(FileMissing) as missing:
        inside(root, root / "issues/vendredi", "dossier.png")
    assert "did you mean" not in str(missing.value)


def test_a_missing_file_names_the_nearest(root: Path) -> None:
    with pytest.raises(FileMissing, match=r"did you mean images/Quai\.png"):
        inside(root, root / "issues/vendredi", "images/quai.jpg")
    with pytest.raises(FileMissing, match="issues/vendredi"):
        inside(root, root / "issues/vendredi", "zzz.gif")
    with pytest.raises(FileMissing, match=r"did you mean images/Quai\.png"):
        inside(root, root / "issues/vendredi", "quai.png")
    (root / "Phare.png").write_bytes(b"picture")
    with pytest.raises(FileMissing, match="there is one in the newsroom's own folder: move it to issues/vendredi"):
        inside(root, root / "issues/vendredi", "phare.png")


@pytest.mark.parametrize(
    "asked",
    [
        "Capture d'ecran a 10.33 AM.png",
        "C:\\Users\\anne\\Capture d’écran à 10.33\u202fAM.png",
        "https://example.org/a/Capture d’écran à 10.33\u202fAM.png?x=1",
    ],
)
def test_a_name_that_no_eye_tells_apart_is_given_letter_by_letter(root: Path, asked: str) -> None:
    there = "Capture d’écran à 10.33\u202fAM.png"
    (root / "issues/vendredi" / there).write_bytes(b"picture")
    with pytest.raises((FileMissing, OutsideNewsroom)) as refused:
        inside(root, root / "issues/vendredi", asked)
    assert getattr(refused.value, "better") == there  # noqa: B009


def test_a_folder_and_a_loop_of_links_are_not_files(root: Path) -> None:
    folder = root / "issues/vendredi"
    (folder / "loop").symlink_to("loop")
    for name in ("images", "loop"):
        with pytest.raises(FileMissing):
            inside(root, folder, name)


@pytest.mark.parametrize(("typed", "kept"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_an_accent_parted_from_its_letter_is_the_same_name(root: Path, typed: UnicodeForm, kept: UnicodeForm) -> None:
    """A Mac keeps « é » as two characters, and an editor types one."""
    folder = root / "issues/vendredi"
    there = folder / normalize(kept, "Été") / normalize(kept, "noël.png")
    there.parent.mkdir()
    there.write_bytes(b"picture")
    assert inside(root, folder, normalize(typed, "Été/noël.png")) == there.resolve()
    with pytest.raises(FileMissing, match=r"noël\.jpg.*noël\.png"):
        inside(root, folder, normalize(typed, "Été/") + "noël.jpg")


def test_the_name_as_typed_comes_first(root: Path) -> None:
    folder = root / "issues/vendredi"
    for form in FORMS:
        (folder / normalize(form, "noël.png")).write_text(form)
    assert [inside(root, folder, normalize(form, "noël.png")).read_text() for form in FORMS] == [*FORMS]
