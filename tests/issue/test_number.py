"""``number``: a figure and its unit are one word."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue import compose
from composer.issue.blocks.number import NBSP, ResolvedNumber
from composer.issue.model import Front, Issue, IssueKey
from composer.rendering import render
from composer.source.load import read
from tests.issue.support.sample_issue import DAY, newsroom


def _resolved(folder: Path, block: str, profile: str, language: str = "fr") -> tuple[ResolvedNumber, str]:
    publication = {"typography": {"profile": profile}, "language": language}
    house = newsroom(folder, publication=publication)
    front = read(f"objet: Lundi\nblocs:\n{block}", Front, file="issues/samedi/2026-11-28.yaml")
    assert front.value is not None, front.findings
    edition = compose(Issue(IssueKey("samedi", DAY), front.value, front.source), house, "free")
    (found,) = (each for each in edition.blocks if isinstance(each, ResolvedNumber))
    return found, render(edition, house).html


@pytest.mark.parametrize(
    ("number", "unit", "profile", "before"),
    [
        ("42", "%", "french", f"42{NBSP}"),
        ("42", "%", "english", "42"),
        ("42", "%", "off", f"42{NBSP}"),
        ("140 000", "thoniers", "french", f"140{NBSP}000{NBSP}"),
        ("3 500", "€", "french", f"3{NBSP}500{NBSP}"),
        ("12 %", "%", "french", f"12{NBSP}"),  # typed twice, printed once
        ("12%", "%", "english", "12"),
        ("5 km", "m", "french", f"5{NBSP}km{NBSP}"),
    ],
)
def test_a_number_and_its_unit_are_set_as_one_and_never_parted(
    tmp_path: Path, number: str, unit: str, profile: str, before: str
) -> None:
    block = f'- chiffre: {{nombre: "{number}", unite: "{unit}", texte: Une ligne.}}\n'
    found, html = _resolved(tmp_path, block, profile)
    assert found.parts == (before, unit)
    assert f">{before}<span" in html
    assert f">{unit}</span></p>" in html


def test_a_number_without_unit_is_one_word(tmp_path: Path) -> None:
    found, html = _resolved(tmp_path, "- chiffre: {nombre: 1886, texte: Une année.}\n", "french")
    assert found.parts == ("1886", "")
    assert "<span" not in html[html.index(">1886") : html.index("Une année.")]


def test_a_long_number_is_set_smaller(tmp_path: Path) -> None:
    sizes = []
    for number in ("42", "12 000 000", "12 000 000 000"):
        _found, html = _resolved(
            tmp_path, f'- chiffre: {{nombre: "{number}", unite: km, texte: Une ligne.}}\n', "french"
        )
        sizes.append(
            int(html.partition(f">{number.replace(' ', NBSP)}")[0].rpartition("font-size:")[2].partition("px")[0])
        )
    assert sizes == sorted({*sizes}, reverse=True)


def test_a_unit_that_is_set_otherwise_beside_its_number_is_printed_once() -> None:
    assert ResolvedNumber("3 « pas »", (), '"pas"').parts == ("3 « pas »", "")
