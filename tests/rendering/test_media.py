"""Pictures: what is refused, how large they are laid, and what they are called."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from composer.rendering import images, making, media
from composer.rendering.media import Pictures, made_picture
from composer.rendering.picture import UnusablePicture
from tests.rendering.support.sample_editions import picture


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "_made", {})


def test_a_picture_is_placed_once_whatever_asks_for_it(tmp_path: Path) -> None:
    path = picture(tmp_path / "quay.png")
    pictures = Pictures("https://lettres.maree.example/")
    placed = pictures.place(path, 640)
    assert (placed.width, placed.height) == (640, 360)
    assert re.fullmatch(r"https://lettres\.maree\.example/media/[0-9a-f]{32}\.png", placed.url)
    assert pictures.place(path, 640) == placed
    (medium,) = pictures.media()
    assert placed.url.endswith(medium.name)
    assert (medium.type, medium.file) == ("image/png", "quay.png")


@pytest.mark.parametrize(("size", "laid"), [((100, 50), (100, 50)), ((641, 100), (640, 100)), ((5000, 1), (640, 1))])
def test_a_picture_is_never_enlarged_and_never_vanishes(
    size: tuple[int, int], laid: tuple[int, int], tmp_path: Path
) -> None:
    placed = Pictures("https://x.example").place(picture(tmp_path / "a.png", *size), 640)
    assert (placed.width, placed.height) == laid


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "published"),
    [
        ((3000, 1500), (1280, 640)),
        ((1281, 721), (1280, 720)),
        ((1280, 721), (1280, 721)),
        ((900, 300), (900, 300)),
        ((20, 30), (20, 30)),
    ],
)
def test_it_is_published_with_two_pixels_for_each_of_the_page(
    size: tuple[int, int], published: tuple[int, int], tmp_path: Path
) -> None:
    made = made_picture(picture(tmp_path / "a.png", *size), 640)
    assert Image.open(BytesIO(made.medium.content)).size == published


def test_its_name_is_of_source_and_recipe_and_not_of_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = picture(tmp_path / "quay.jpg", 1600, 900)
    here = made_picture(path, 640).medium
    monkeypatch.setattr(media, "_made", {})
    monkeypatch.setattr(images, "JPEG_QUALITY", 40)  # as another Pillow would: other bytes for the same picture
    elsewhere = made_picture(path, 640).medium
    assert here.content != elsewhere.content
    assert here.name == elsewhere.name
    assert made_picture(path, 592).medium.name != here.name
    monkeypatch.setattr(media, "_made", {})
    monkeypatch.setattr(making, "RECIPE", images.RECIPE + 1)
    assert made_picture(path, 640).medium.name != here.name
    assert made_picture(picture(tmp_path / "quay.jpg", 1600, 901), 640).medium.name != here.name


def test_a_picture_is_made_once_for_both_editions(tmp_path: Path) -> None:
    path = picture(tmp_path / "quay.png")
    assert made_picture(path, 640).medium is made_picture(path, 640).medium


def test_what_was_made_is_forgotten_before_it_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "_MOST_MADE", 2)
    for width in (10, 11, 12, 13):
        made_picture(picture(tmp_path / "a.png", width, 10), 640)
    assert len(media._made) == 2


@pytest.mark.parametrize(
    ("name", "type_"),
    [("a.png", "image/png"), ("a.jpg", "image/jpeg"), ("a.gif", "image/png"), ("a.webp", "image/jpeg")],
)
def test_four_formats_are_read_and_outlook_shows_what_is_published(name: str, type_: str, tmp_path: Path) -> None:
    assert made_picture(picture(tmp_path / name, 20, 10), 640).medium.type == type_


def test_the_content_says_the_format_and_not_the_name(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg", 20, 10).rename(tmp_path / "a.png")
    assert made_picture(path, 640).medium.name.endswith(".jpg")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ("a.png", b"<?xml version='1.0'?><svg/>", "SVG"),
        ("a.png", b"not a picture", "no PNG"),
        ("a.png", b"<!-- drawn by hand --><svg/>", "SVG"),
        ("a.png", b"", "is empty"),
        ("a.bmp", b"BM" + bytes(60), "in BMP"),
        ("a.jpg", b"\0\0\0\x18ftypheic" + bytes(60), "in HEIC"),
        ("a.jpg", b"\0\0\0\x18ftypavif" + bytes(60), "in AVIF"),
        ("a.png", b"II*\0" + bytes(60), "in TIFF"),
        ("a.png", b"8BPS\0\1" + bytes(60), "in PSD"),
        ("a.png", b"%PDF-1.7", "in PDF"),
        ("a.jpg", b"<!DOCTYPE html><title>404</title>", "a page"),
        ("a.jpg", b"\n\n<!doctype HTML>\n<html><body><svg/></body></html>", "a page"),
        ("a.png", b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "a page"),
        ("a.png", b'{"error": "not found"}', "a page"),
        ("a.gif", b"\0\0\0\x20ftypisom" + bytes(60), "a film"),
        ("a.gif", b"\x1aE\xdf\xa3" + bytes(60), "a film"),
        ("a.jpg", b"PK\3\4" + bytes(60), "an archive"),
        ("a.jpg", b"\xff\x0a" + bytes(60), "in JPEG XL"),
        ("a.jpg", b"\0\0\0\x18ftypcrx " + bytes(60), "in RAW"),
        ("a.svg", "<svg/>".encode("utf-16"), "SVG"),
        ("a.png", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    ],
)
def test_what_clients_do_not_show_is_refused_with_the_reason(
    name: str, content: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnusablePicture, match=f"{name}.*{why}") as refused:
        made_picture(tmp_path / name, 640)
    assert refused.value.path == tmp_path / name


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_half_a_picture_is_refused(name: str, tmp_path: Path) -> None:
    path = picture(tmp_path / name)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnusablePicture, match="damaged"):
        made_picture(path, 640)


def test_half_a_film_is_refused(tmp_path: Path) -> None:
    frames = [Image.new("P", (40, 40), number) for number in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    path = tmp_path / "a.gif"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(UnusablePicture, match="damaged"):
        made_picture(path, 640)


def test_too_many_pixels_are_refused_before_they_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture(tmp_path / "bomb.png", 300, 300)
    monkeypatch.setattr(making, "MOST_PIXELS", 80_000)
    with pytest.raises(UnusablePicture, match=r"300 × 300 pixels"):
        made_picture(path, 640)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40_000)
    with pytest.raises(UnusablePicture, match="pixels"):
        made_picture(path, 640)


def test_too_many_bytes_are_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(media.MOST_BYTES + 1)
    with pytest.raises(UnusablePicture, match="50 MB"):
        made_picture(tmp_path / "a.png", 640)


def test_a_picture_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusablePicture, match=r"gone\.png"):
        made_picture(tmp_path / "gone.png", 640)


@pytest.mark.parametrize("name", ["a.webp", "a.png"])
def test_what_moves_only_in_some_clients_is_refused(name: str, tmp_path: Path) -> None:
    first, second = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    first.save(tmp_path / name, save_all=True, append_images=[second], duration=200)
    with pytest.raises(UnusablePicture, match="only GIF moves"):
        made_picture(tmp_path / name, 640)


def test_a_picture_is_read_by_its_content_whatever_its_name_ends_in(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_bytes(picture(tmp_path / "a.png", 40, 20).read_bytes())
    assert made_picture(path, 640).medium.type == "image/png"
