"""Pictures too small, too high, or unlike their twin; figures, advertisements and nameplates alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from composer.newsroom.model import Newsroom
from composer.source.finding import Severity
from tests.issue.support.sample_issue import newsroom
from tests.proofreading.test_lost_pictures import drawing
from tests.proofreading.test_proofread import START, remarks
from tests.rendering.support.sample_editions import picture


def figure(house: Newsroom, size: tuple[int, int], dark: tuple[int, int] | None = None) -> str:
    folder = house.root / "issues" / "samedi"
    picture(folder / "pile.png", *size)
    more = ""
    if dark is not None:
        picture(folder / "nuit.png", *dark)
        more = "    sombre: nuit.png\n"
    return f"{START}- illustration:\n    fichier: pile.png\n    description: La pile\n    credit: {{photo: B}}\n{more}"


@pytest.mark.parametrize(
    ("size", "dark", "why"),
    [
        ((1, 1), None, "1 × 1 pixels on the page: too small"),
        ((8000, 1), None, "640 × 1 pixels on the page: too small"),
        ((30, 4000), None, "30 × 4000 pixels on the page, several screens"),
        ((60, 400), None, "several screens"),
        ((1280, 720), (640, 640), "640 × 360 pixels on the page, and nuit.png, for the dark, 640 × 640"),
    ],
)
def test_a_shape_that_no_letter_shows_well_is_said(
    size: tuple[int, int], dark: tuple[int, int] | None, why: str, tmp_path: Path
) -> None:
    house = newsroom(tmp_path)
    (found,) = remarks(house, figure(house, size, dark))
    assert (found.code, found.severity, found.place.line) == ("picture-shape", Severity.WARNING, 6)
    assert why in found.message


@pytest.mark.parametrize(
    ("size", "dark"), [((1280, 720), (1280, 722)), ((720, 1280), None), ((8000, 100), None), ((100, 100), (50, 50))]
)
def test_usual_shapes_are_silent(size: tuple[int, int], dark: tuple[int, int] | None, tmp_path: Path) -> None:
    house = newsroom(tmp_path)
    assert remarks(house, figure(house, size, dark)) == ()


@pytest.mark.parametrize(("size", "shown"), [((8000, 100), "640 × 8"), ((1080, 6000), "17 × 96")])
def test_a_nameplate_too_small_to_be_read_is_said(size: tuple[int, int], shown: str, tmp_path: Path) -> None:
    house = newsroom(tmp_path, publication={"theme": {"logo": "titre.png"}})
    folder = house.root / "config" / "publications"
    folder.mkdir(parents=True, exist_ok=True)
    picture(folder / "titre.png", *size)
    (found,) = remarks(house, START)
    assert found.code == "picture-shape"
    assert f"titre.png is {shown} pixels on the page: too small" in found.message


@pytest.mark.parametrize(("colour", "why"), [((0, 0, 0), "as dark as"), ((255, 255, 255), "as bright as")])
def test_a_nameplate_and_an_advertisement_are_seen_by_day_and_by_night(
    colour: tuple[int, int, int], why: str, tmp_path: Path
) -> None:
    house = newsroom(tmp_path, publication={"theme": {"logo": "titre.png"}})
    for folder, name in (("publications", "titre.png"), ("sponsors", "pub.png")):
        (house.root / "config" / folder).mkdir(parents=True, exist_ok=True)
        (house.root / "config" / folder / name).write_bytes(drawing(colour))
    name, sponsor = next(iter(house.sponsors.items()))
    creative, first = next(iter(sponsor.creatives.items()))
    shown = first.model_validate({**first.model_dump(), "image": {"src": "pub.png", "alt": "Une croix"}})
    sponsor = sponsor.model_copy(update={"creatives": {creative: shown}})
    house = replace(house, sponsors={**house.sponsors, name: sponsor})
    slot = next(slot for slot, each in house.publications["samedi"].slots.items() if each.form != "small")
    found = remarks(house, f"{START}- publicite:\n    emplacement: {slot}\n    creation: {name}/{creative}\n")
    lost = [finding.message for finding in found if finding.code == "lost-picture"]
    assert [message.split(" is ")[0] for message in lost] == ["the drawing titre.png", "the drawing pub.png"]
    assert all(why in message for message in lost)


CARD = """\
- lecture:
    liste:
    - titre: Le port
      lien: https://ailleurs.example/port
      illustration:
        fichier: pile.png
        description: La pile
        credit: {photo: B}
"""
SMALL = """\
- article:
    titre: La pile
    texte: |
      :::illustration pile.png
      :description: La pile du pont
      :photo: B
      :format: petit
      :::

      Une phrase à côté.
"""


@pytest.mark.parametrize(
    ("text", "size", "why"),
    [
        (CARD, (1080, 6000), None),
        (CARD, (2400, 100), "120 × 5 pixels on the page: too small"),
        (SMALL, (400, 1400), None),
        (SMALL, (1080, 6000), "176 × 978 pixels on the page, several screens"),
        (SMALL, (2400, 100), "176 × 7 pixels on the page: too small"),
    ],
)
def test_a_picture_is_measured_where_it_stands(
    text: str, size: tuple[int, int], why: str | None, tmp_path: Path
) -> None:
    house = newsroom(tmp_path)
    picture(house.root / "issues" / "samedi" / "pile.png", *size)
    found = [each.message for each in remarks(house, START + text) if each.code == "picture-shape"]
    assert len(found) == (why is not None)
    assert why is None or why in found[0]


def test_colours_for_a_press_that_is_not_named_are_guessed_and_said(tmp_path: Path) -> None:
    house = newsroom(tmp_path)
    text = figure(house, (1280, 720)).replace("pile.png", "presse.jpg")
    Image.new("CMYK", (1280, 720), (10, 200, 30, 0)).save(house.root / "issues" / "samedi" / "presse.jpg")
    (found,) = remarks(house, text)
    assert (found.code, found.severity, found.place.line) == ("picture-colours", Severity.NOTE, 6)
    Image.new("L", (1280, 720), 90).save(house.root / "issues" / "samedi" / "presse.jpg")
    assert remarks(house, text) == ()
