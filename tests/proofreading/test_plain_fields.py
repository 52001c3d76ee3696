"""Fields without Markdown, and the subject."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.newsroom.model import Newsroom
from composer.source.finding import Severity
from tests.issue.support.sample_issue import newsroom
from tests.proofreading.test_proofread import START, remarks


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


@pytest.mark.parametrize(
    ("typed", "code", "better"),
    [
        ("Le **grand** jour", "plain-field", "Le grand jour"),
        ("Le *Titanic*", "plain-field", "Le Titanic"),
        ("[Un mot](https://example.org)", "plain-field", "Un mot"),
        ("Le `code`", "plain-field", "Le code"),
        ("R&amp;D", "entity", "R&D"),
        ("Le ~~vieux~~ pont", "raw-marks", "Le vieux pont"),
        ("## Le pont", "raw-marks", "Le pont"),
        ("Le pont {#pont}", "raw-marks", "Le pont"),
        ("Le pont[1]", "footnote", "Le pont (1)"),
    ],
)
def test_signs_are_said_where_a_field_prints_them(house: Newsroom, typed: str, code: str, better: str) -> None:
    block = f"- article:\n    titre: A\n    rubrique: '{typed}'\n    texte: b\n"
    (found,) = remarks(house, START + block)
    assert (found.code, found.place.line, found.suggestion) == (code, 7, f"    rubrique: '{better}'")


@pytest.mark.parametrize(
    "typed", ["5 * 3 * 2", "C#", "www.example.org", "a@example.org", "[sic] (voir)", "snake_case_a", "l’an 1 \\* 2"]
)
def test_words_are_silent(house: Newsroom, typed: str) -> None:
    assert (
        remarks(
            house,
            f'{START}- article:\n    titre: A\n    rubrique: "{typed.replace(chr(92), chr(92) * 2)}"\n    texte: b\n',
        )
        == ()
    )


@pytest.mark.parametrize(
    "subject", ["RE: le pont", "Fwd: le pont", "Tr : le pont", "LA HALLE EST OUVERTE", "Le pont !!!", "Vraiment ??"]
)
def test_a_loud_subject_is_noted(house: Newsroom, subject: str) -> None:
    (found,) = remarks(house, START.replace("Le pont attendra", f'"{subject}"') + "- annonce: b\n")
    assert (found.code, found.severity, found.place.line) == ("loud-subject", Severity.NOTE, 1)


@pytest.mark.parametrize("subject", ["Brouillon - Le pont", "Copie de Le pont ferme", "[Draft] Le pont"])
def test_a_subject_of_a_draft_is_said(house: Newsroom, subject: str) -> None:
    found = remarks(house, START.replace("Le pont attendra", f'"{subject}"') + "- annonce: b\n")
    assert [each.code for each in found] == ["leftover"]


@pytest.mark.parametrize(
    "subject", ["ONU, OTAN : le retour", "Quoi ?!", "Regards sur Re", "Prétendre : oui !", "IA", "SNCF"]
)
def test_other_subjects_are_silent(house: Newsroom, subject: str) -> None:
    assert remarks(house, START.replace("Le pont attendra", f'"{subject}"') + "- annonce: b\n") == ()


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        (":::a_surveiller A\n:noms: Vix, Un **mot**\nB.\n:::", ":noms: Vix, Un mot"),
        (":::encadre A\n:rubrique: Un *mot*\nB.\n:::", ":rubrique: Un mot"),
        (":::citation [Anne](https://example.org)\nB.\n:::", ":::citation Anne"),
        (":::chiffre 12\n:unite: m&sup2;\nB.\n:::", ":unite: m²"),
        (":::illustration carte.png\n:description: Le fleuve\n:photo: Anne <b>D.</b>\n:::", ":photo: Anne D."),
        ("![Le fleuve vu du ciel](carte.png)\n:photo: **Anne**", ":photo: Anne"),
    ],
)
def test_signs_are_said_in_the_options_of_a_box(house: Newsroom, typed: str, better: str) -> None:
    lines = "".join(f"      {line}\n" for line in ["Un mot.", "", *typed.split("\n")])
    (found,) = remarks(house, f"{START}- article:\n    titre: A\n    texte: |\n{lines}")
    assert found.suggestion == f"      {better}"
