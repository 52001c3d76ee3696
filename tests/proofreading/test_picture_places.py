"""What is written of a picture, or of an advertisement, that is not printed where it stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from composer.newsroom.model import Newsroom
from composer.source.finding import Finding, Severity
from tests.issue.support.sample_issue import newsroom
from tests.proofreading.test_proofread import START, remarks
from tests.rendering.support.sample_editions import picture

FIGURE = "fichier: pile.png\n{0}description: La pile\n{0}credit: {{photo: B}}\n{0}format: petit\n"
BOX = (
    "      :::illustration pile.png\n      :description: La pile\n      :photo: B\n      :format: petit\n      :::\n\n"
)
ARTICLE = "- article:\n    titre: La pile\n    texte: |\n"
TEXT, QUOTE = "      Une phrase.\n\n", "      :::citation Zoé\n      Un mot.\n      :::\n\n"


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    house = newsroom(tmp_path)
    picture(house.root / "issues" / "samedi" / "pile.png")
    return house


def fields(house: Newsroom, text: str) -> list[Finding]:
    return [each for each in remarks(house, text) if each.code == "picture-field"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- illustration:\n    " + FIGURE.format("    "), 6),
        (ARTICLE + BOX + QUOTE + TEXT, 8),
        (ARTICLE + TEXT + BOX, 10),
        (ARTICLE + TEXT + BOX + "      ===\n\n" + TEXT, 10),
        (ARTICLE + BOX + BOX + TEXT, 8),
        ("- article:\n    titre: A\n    illustration:\n      " + FIGURE.format("      ") + "    texte: |\n" + QUOTE, 8),
    ],
)
def test_a_small_picture_without_a_text_beside_it_is_said(text: str, line: int, house: Newsroom) -> None:
    (found,) = fields(house, START + text)
    assert (found.severity, found.place.line) == (Severity.WARNING, line)
    assert "size" in found.message


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE + BOX + TEXT,
        ARTICLE + BOX + "      - Un point\n      - Un autre\n",
        ARTICLE + BOX + "      ## Un intertitre\n\n" + TEXT,
        "- article:\n    titre: A\n    illustration:\n      " + FIGURE.format("      ") + "    texte: |\n" + TEXT,
    ],
)
def test_a_small_picture_beside_a_text_is_silent(text: str, house: Newsroom) -> None:
    assert fields(house, START + text) == []


def test_a_cover_is_never_small(house: Newsroom) -> None:
    text = START.replace("blocs:", "couverture:\n  " + FIGURE.format("  ") + "blocs:") + ARTICLE + TEXT
    (found,) = fields(house, text)
    assert found.place.line == 4


def test_a_card_prints_no_caption_and_no_other_link(house: Newsroom) -> None:
    card = (
        "- lecture:\n    liste:\n    - titre: A\n      lien: https://ailleurs.example/a\n      illustration:\n        "
    )
    more = "        legende: La pile, vue de près\n        lien: https://ailleurs.example/b\n"
    found = fields(house, START + card + FIGURE.format("        ") + more)
    assert [each.place.line for each in found] == [14, 15]


def test_a_slot_of_one_line_says_what_it_leaves_out(house: Newsroom) -> None:
    name, sponsor = next(iter(house.sponsors.items()))
    creative, first = next(iter(sponsor.creatives.items()))
    (house.root / "config" / "sponsors").mkdir(parents=True)
    picture(house.root / "config" / "sponsors" / "pub.png")
    whole = first.model_validate(
        {**first.model_dump(), "image": {"src": "pub.png", "alt": "Une croix"}, "body": "Un texte."}
    )
    bare = whole.model_copy(update={"image": None, "body": None})
    slot = next(slot for slot, each in house.publications["samedi"].slots.items() if each.form == "small")
    for shown, count in ((whole, 1), (bare, 0)):
        changed = sponsor.model_copy(update={"creatives": {creative: shown}})
        house = replace(house, sponsors={**house.sponsors, name: changed})
        text = f"{START}- publicite:\n    emplacement: {slot}\n    creation: {name}/{creative}\n"
        found = [each for each in remarks(house, text) if each.code == "creative-cut"]
        assert [each.severity for each in found] == [Severity.NOTE] * count
        assert not found or f"of {name}/{creative} it does not print image, body" in found[0].message
