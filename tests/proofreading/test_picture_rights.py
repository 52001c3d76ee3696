"""A picture whose file says that an AI made it, and rights that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.load import load_issue
from composer.newsroom.model import Newsroom
from composer.proofreading import proofread
from composer.source.finding import Finding
from tests.issue.support.sample_issue import newsroom
from tests.rendering.support.pictures_with_rights import AI, ALL, CAMERA, packet, write

START = "objet: Le pont attendra\napercu: Et la halle\nblocs:\n- ours: auto\n"
FIGURE = "- illustration:\n    fichier: pont.png\n    description: Un pont\n    credit: {CREDIT}\n"
BOX = """\
- article:
    titre: Le pont
    texte: |
      Un.

      ::: illustration pont.png
      :description: Un pont
      :photo: Zoé Lac
      :::

      Deux.
"""


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def found(house: Newsroom, text: str) -> tuple[Finding, ...]:
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(START + text)
    return proofread(load_issue(path, house).require(), house)


def picture(house: Newsroom, source: str, name: str = "pont.png") -> None:
    write(house.root / "issues" / "samedi" / name, packet({**ALL, "Iptc4xmpExt:DigitalSourceType": [source]}))


def test_an_ai_that_the_credit_does_not_say_is_an_error_at_the_picture(house: Newsroom) -> None:
    picture(house, AI)
    (finding,) = found(house, FIGURE.replace("CREDIT", "photo: Zoé Lac"))
    assert (finding.code, str(finding.severity)) == ("missing-ai-credit", "error")
    assert (finding.place.line, finding.place.column) == (6, 14)
    assert "trainedAlgorithmicMedia" in finding.message
    assert "ai: …" in finding.message


def test_in_a_box_and_in_the_dark_too(house: Newsroom) -> None:
    picture(house, AI)
    (finding,) = found(house, BOX)
    assert (finding.code, finding.place.line) == ("missing-ai-credit", 10)
    picture(house, CAMERA)
    picture(house, AI.replace("trained", "compositeWithTrained"), "nuit.png")
    (finding,) = found(house, FIGURE.replace("CREDIT", "photo: Zoé Lac") + "    sombre: nuit.png\n")
    assert (finding.code, finding.place.line) == ("missing-ai-credit", 9)


@pytest.mark.parametrize(
    ("source", "credit"),
    [
        (AI, "ia: Modèle Exemple"),
        (AI, "photo: Zoé Lac, ia: Modèle Exemple"),
        (CAMERA, "photo: Zoé Lac"),
        (CAMERA, "ia: Modèle Exemple"),
        (AI.replace("trainedAlgorithmicMedia", "algorithmicMedia"), "source: Office des eaux"),
    ],
)
def test_what_is_said_and_what_is_no_ai_pass(house: Newsroom, source: str, credit: str) -> None:
    picture(house, source)
    assert found(house, FIGURE.replace("CREDIT", credit)) == ()


def test_a_credit_that_is_wrong_itself_is_not_taken_for_silence(house: Newsroom) -> None:
    picture(house, AI)
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(START + FIGURE.replace("CREDIT", "iaa: Modèle Exemple, xx: 1"))
    from composer.proofreading import review

    codes = [each.code for each in review(load_issue(path, house), house, lambda _newsroom, _key: ()).findings]
    assert codes
    assert "missing-ai-credit" not in codes


def test_rights_that_are_lost_are_a_warning_that_can_be_passed(house: Newsroom) -> None:
    write(house.root / "issues" / "samedi" / "pont.png", b"<x:xmpmeta")
    text = FIGURE.replace("CREDIT", "photo: Zoé Lac")
    (finding,) = found(house, text)
    assert (finding.code, str(finding.severity), finding.place.line) == ("picture-rights-lost", "warning", 6)
    path = house.root / "issues" / "samedi" / "2026-11-28.yaml"
    path.write_text(START.replace("blocs:", "ignorer: [picture-rights-lost]\nblocs:") + text)
    assert proofread(load_issue(path, house).require(), house) == ()
