from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from composer.errors import Refused
from composer.rendering import media
from composer.rendering.media import Pictures, read
from tests.rendering.editions import picture


def test_a_picture_is_named_by_its_source(tmp_path: Path) -> None:
    path = picture(tmp_path / "quay.png")
    pictures = Pictures("https://lettres.maree.example/")
    placed = pictures.place(path, 640)
    name = f"{sha256(path.read_bytes()).hexdigest()[:32]}.png"
    assert (placed.url, placed.width, placed.height) == (f"https://lettres.maree.example/media/{name}", 640, 360)
    assert pictures.place(path, 592).width == 592
    (medium,) = pictures.media()
    assert (medium.name, medium.content, medium.type) == (name, path.read_bytes(), "image/png")


@pytest.mark.parametrize(("size", "laid"), [((100, 50), (100, 50)), ((641, 100), (640, 100)), ((5000, 1), (640, 1))])
def test_a_picture_is_never_enlarged_and_never_vanishes(
    size: tuple[int, int], laid: tuple[int, int], tmp_path: Path
) -> None:
    placed = Pictures("https://x.example").place(picture(tmp_path / "a.png", *size), 640)
    assert (placed.width, placed.height) == laid


@pytest.mark.parametrize(
    ("name", "type_"),
    [("a.png", "image/png"), ("a.jpg", "image/jpeg"), ("a.gif", "image/gif"), ("a.webp", "image/webp")],
)
def test_four_formats(name: str, type_: str, tmp_path: Path) -> None:
    assert read(picture(tmp_path / name, 20, 10))[0].type == type_


def test_the_content_says_the_format_and_not_the_name(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg", 20, 10).rename(tmp_path / "a.png")
    assert read(path)[0].name.endswith(".jpg")


def test_a_telephone_s_picture_stands_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert read(tmp_path / "a.jpg")[1:] == (20, 40)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ("a.png", b"<?xml version='1.0'?><svg/>", "SVG"),
        ("a.png", b"not a picture", "no PNG"),
        ("a.png", b"", "no PNG"),
        ("a.bmp", b"BM" + bytes(60), "no PNG"),
    ],
)
def test_what_clients_do_not_show_is_refused_with_the_reason(
    name: str, content: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=f"{name}.*{why}"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_half_a_picture_is_refused(name: str, tmp_path: Path) -> None:
    path = picture(tmp_path / name)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Refused, match="damaged"):
        read(path)


def test_too_many_pixels_are_refused_before_they_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture(tmp_path / "bomb.png", 300, 300)
    monkeypatch.setattr(media, "MOST_PIXELS", 80_000)
    with pytest.raises(Refused, match=r"300 × 300 pixels"):
        read(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40_000)
    with pytest.raises(Refused, match="pixels"):
        read(path)


def test_a_picture_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"gone\.png"):
        read(tmp_path / "gone.png")
