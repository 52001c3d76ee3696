"""Drawings that are not seen on the letter's paper, by night or by day."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from composer.newsroom.model import Newsroom
from composer.proofreading.lost_pictures import vanishes
from composer.source.finding import Severity
from tests.issue.support.sample_issue import newsroom
from tests.proofreading.test_proofread import START, remarks

PAPER, NIGHT = "#ffffff", "#232023"


def drawing(colour: tuple[int, int, int], *, clear: bool = True, mode: str = "RGBA") -> bytes:
    """A thick cross of ``colour``, on transparency or on white."""
    image = Image.new("RGBA", (600, 300), (255, 255, 255, 0 if clear else 255))
    ImageDraw.Draw(image).line([(0, 0), (600, 300)], fill=(*colour, 255), width=40)
    content = BytesIO()
    image.convert(mode).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def block(house: Newsroom, content: bytes, dark: bytes | None = None) -> str:
    folder = house.root / "issues" / "samedi"
    (folder / "dessin.png").write_bytes(content)
    more = ""
    if dark is not None:
        (folder / "nuit.png").write_bytes(dark)
        more = "    sombre: nuit.png\n"
    head = "- illustration:\n    fichier: dessin.png\n"
    return f"{START}{head}    description: La croix\n    credit: {{photo: B}}\n{more}"


@pytest.mark.parametrize("colour", [(0, 0, 0), (20, 20, 60), (40, 40, 40)])
def test_a_dark_drawing_on_transparency_without_its_twin_is_said(house: Newsroom, colour: tuple[int, int, int]) -> None:
    (found,) = remarks(house, block(house, drawing(colour)))
    assert (found.code, found.severity, found.place.line) == ("lost-picture", Severity.WARNING, 6)
    assert "give dark" in found.message
    assert remarks(house, block(house, drawing(colour), drawing((240, 240, 240)))) == ()
    (again,) = remarks(house, block(house, drawing(colour), drawing(colour)))
    assert (again.code, again.place.line) == ("lost-picture", 9)


def test_a_white_drawing_on_transparency_is_said(house: Newsroom) -> None:
    (found,) = remarks(house, block(house, drawing((250, 250, 250))))
    assert (found.code, found.place.line) == ("lost-picture", 6)
    assert "give dark" not in found.message


@pytest.mark.parametrize("content", [drawing((0, 0, 0), clear=False), drawing((200, 30, 30)), drawing((120, 120, 120))])
def test_a_drawing_that_is_seen_is_silent(house: Newsroom, content: bytes) -> None:
    assert remarks(house, block(house, content)) == ()


def test_the_nameplate_is_looked_at_too(tmp_path: Path) -> None:
    house = newsroom(tmp_path, publication={"theme": {"logo": "titre.png"}})
    folder = house.root / "config" / "publications"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "titre.png").write_bytes(drawing((0, 0, 0)))
    (found,) = remarks(house, START)
    assert (found.code, found.place.line) == ("lost-picture", 1)
    assert "give logo_dark" in found.message
    assert "config/publications/samedi.yaml" in found.message


def test_a_palette_with_transparency_and_a_picture_of_one_pixel() -> None:
    image = Image.new("P", (40, 40), 0)
    image.putpalette([255, 255, 255, 0, 0, 0])
    ImageDraw.Draw(image).rectangle((0, 0, 20, 40), fill=1)
    content = BytesIO()
    image.save(content, "PNG", transparency=0)
    assert vanishes(content.getvalue(), NIGHT)
    assert not vanishes(content.getvalue(), PAPER)
    assert vanishes(drawing((0, 0, 0)), NIGHT)
    one = BytesIO()
    Image.new("RGBA", (1, 1), (0, 0, 0, 0)).save(one, "PNG")
    assert not vanishes(one.getvalue(), NIGHT)
