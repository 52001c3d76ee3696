"""Drawings that are not seen on the letter's paper, by night or by day."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

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


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    content = BytesIO()
    image.save(content, form, **options)
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


def chart(ink: str, *, outlined: bool = False) -> bytes:
    """Bars in a colour that is seen, with letters of ``ink`` below, or an outline of it."""
    image = Image.new("RGBA", (1280, 720), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for left in range(100, 1100, 200):
        draw.rectangle([left, 100, left + 150, 600], (220, 90, 30), ink if outlined else None, width=6)
        if not outlined:
            draw.text((left, 640), "2026", ink, font=ImageFont.load_default(36))
    return saved(image)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (chart("#000000"), "letters or lines of dessin.png are as dark as the paper at night: give dark"),
        (chart("#ffffff"), "letters or lines of dessin.png are as bright as the letter's paper, and not seen"),
        (chart("#777777"), ""),
        (chart("#000000", outlined=True), ""),
    ],
)
def test_letters_of_a_chart_that_are_lost_are_said(content: bytes, words: str, house: Newsroom) -> None:
    found = remarks(house, block(house, content))
    assert [each.message[: len(words)] for each in found] == ([words] if words else [])


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


CLEAR, WHITE = Image.new("RGBA", (600, 300), (0, 0, 0, 0)), Image.new("RGB", (600, 300), "white")
PALE = Image.new("RGB", (600, 300), "white")
ImageDraw.Draw(PALE).rectangle((100, 100, 200, 200), fill=(248, 248, 248))
MIST = Image.linear_gradient("L").resize((600, 300)).point(lambda value: 200 + value // 5)


@pytest.mark.parametrize("content", [saved(CLEAR), saved(WHITE), saved(WHITE, "JPEG"), saved(PALE)])
def test_a_picture_on_which_nothing_is_seen_is_said(content: bytes, house: Newsroom) -> None:
    (found,) = remarks(house, block(house, content))
    assert (found.code, found.place.line) == ("lost-picture", 6)
    assert "is empty" in found.message


@pytest.mark.parametrize("content", [saved(MIST), saved(Image.new("RGB", (600, 300), "#ffd6e0"))])
def test_a_pale_picture_is_not_taken_for_an_empty_one(content: bytes, house: Newsroom) -> None:
    assert remarks(house, block(house, content)) == ()


def test_of_what_moves_the_first_frame_is_looked_at(house: Newsroom) -> None:
    black = Image.open(BytesIO(drawing((0, 0, 0))))
    red = Image.open(BytesIO(drawing((200, 30, 30), clear=False))).convert("RGB")
    moving = {"save_all": True, "duration": 200, "loop": 0, "disposal": 2}
    for frames, why in (((black, black.rotate(9)), "as dark as"), ((WHITE, red), "no other"), ((red, WHITE), None)):
        text = block(house, b"").replace("dessin.png", "dessin.gif")
        content = saved(frames[0], "GIF", append_images=frames[1:], **moving)
        (house.root / "issues" / "samedi" / "dessin.gif").write_bytes(content)
        found = remarks(house, text)
        assert [each.code for each in found] == (["lost-picture"] if why else [])
        assert why is None or why in found[0].message


@pytest.mark.parametrize(
    ("content", "dark", "said"),
    [
        (drawing((0, 0, 0), clear=False), None, 1),
        (drawing((0, 0, 0), clear=False), drawing((240, 240, 240)), 0),
        (drawing((200, 30, 30)), None, 0),
        (saved(Image.new("RGB", (600, 300), "#9c1d18")), None, 0),
    ],
)
def test_a_nameplate_on_white_glows_at_night(content: bytes, dark: bytes | None, said: int, tmp_path: Path) -> None:
    theme = {"logo": "titre.png", **({"logo_dark": "nuit.png"} if dark else {})}
    house = newsroom(tmp_path, publication={"theme": theme})
    folder = house.root / "config" / "publications"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "titre.png").write_bytes(content)
    (folder / "nuit.png").write_bytes(dark or b"")
    assert [each.code for each in remarks(house, START)] == ["bright-picture"] * said


def test_a_twin_for_the_dark_that_is_on_white_is_said(house: Newsroom) -> None:
    on_white = drawing((0, 0, 0), clear=False)
    (found,) = remarks(house, block(house, drawing((0, 0, 0)), on_white))
    assert (found.code, found.place.line) == ("bright-picture", 9)
    assert remarks(house, block(house, on_white)) == (), "most charts are on white, and nobody draws them twice"


def test_pictures_of_the_same_name_in_two_folders_are_told_apart(house: Newsroom) -> None:
    text = block(house, drawing((200, 30, 30), clear=False))
    folder = house.root / "issues" / "samedi" / "nuit"
    folder.mkdir()
    (folder / "dessin.png").write_bytes(drawing((0, 0, 0)))
    other = "- illustration:\n    fichier: nuit/dessin.png\n    description: La nuit du port\n    credit: {photo: B}\n"
    (found,) = remarks(house, text + other)
    assert (found.code, found.place.line) == ("lost-picture", 10)
