"""Quotation marks that would be printed otherwise than meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.newsroom.model import Newsroom
from composer.source.finding import Finding
from tests.issue.support.sample_issue import newsroom
from tests.proofreading.test_proofread import START, remarks


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path, publication={"typography": {"profile": "french"}})


def test_with_typography_off_marks_stay_as_typed(tmp_path: Path) -> None:
    assert of_text(newsroom(tmp_path), 'Un mot" et puis rien.') == ()


def of_text(house: Newsroom, text: str) -> tuple[Finding, ...]:
    return remarks(house, f"{START}- article:\n    titre: A\n    texte: |\n      Un début.\n\n      {text}\n")


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ('Un mot"collé" et "deux".', 'Un mot«\u00a0collé\u00a0» et "deux".'),
        ('Il dit " oui "non" à tous.', None),
    ],
)
def test_straight_marks_that_typography_leaves_are_said(house: Newsroom, typed: str, better: str | None) -> None:
    found = {(each.code, each.place.line, each.suggestion) for each in of_text(house, typed)}
    assert found == {("straight-quotes", 10, better and f"      {better}")}


def test_a_mark_alone_is_said_and_an_inch_is_none(house: Newsroom) -> None:
    assert [each.code for each in of_text(house, 'Un mot" et puis rien.')] == ["straight-quotes"]
    assert of_text(house, 'Un écran de 27" et un de 32".') == ()
    assert of_text(house, 'Un "mot" et "deux".') == ()
    assert of_text(house, 'Du code, `print("a"`, et voilà.') == ()


@pytest.mark.parametrize(
    ("line", "column"),
    [("et_aussi:\n- “[Le compteur](https://example.org/)”", 3), ("- article:\n    titre: “Le pont”\n    texte: b", 12)],
)
def test_curly_marks_around_a_whole_value_are_said(house: Newsroom, line: str, column: int) -> None:
    text = START + line if line.startswith("-") else f"{line}\n{START}"
    (found,) = remarks(house, text + "\n")
    assert (found.code, found.place.column) == ("curly-quoting", column)
    assert '"' in (found.suggestion or "")


@pytest.mark.parametrize("value", ['"“Le pont”"', "« Le pont »", "“Le” et “la”", "Le “pont”", "“Le pont” attend"])
def test_curly_marks_that_are_meant_are_silent(house: Newsroom, value: str) -> None:
    assert remarks(house, f"{START}- article:\n    titre: {value}\n    texte: b\n") == ()
