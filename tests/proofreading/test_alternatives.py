"""Descriptions of pictures, and words of links, that say nothing or something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue.markdown import inline
from composer.newsroom.model import Newsroom
from composer.proofreading.alternatives import LONGEST_ALT
from composer.source.finding import Severity
from tests.issue.support.sample_issue import newsroom
from tests.proofreading.test_proofread import START, remarks

NOTHING = [
    "IMG_2034.JPG",
    "carte.png",
    "carte",
    "DSC00123",
    "image",
    "Une photo.",
    "TODO",
    "a",
    "Le pont vu du quai",
]
SPEAKS = ["La carte du port", "Le logo du concours", "Une photo du pont", "Anne Duval", "12 % en 2026", "Plan d’Ys"]


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


@pytest.mark.parametrize("alt", NOTHING)
def test_a_description_that_says_nothing_is_said(house: Newsroom, alt: str) -> None:
    block = f'- illustration:\n    fichier: carte.png\n    description: "{alt}"\n    credit: {{photo: B}}\n'
    (found,) = remarks(house, f"{START}{block}    legende: Le pont, vu du quai.\n".replace("pont, vu", "pont vu"))
    assert (found.code, found.severity, found.place.line) == ("empty-alt", Severity.WARNING, 7)


@pytest.mark.parametrize("alt", SPEAKS)
def test_a_description_that_says_something_is_silent(house: Newsroom, alt: str) -> None:
    block = f'- illustration:\n    fichier: carte.png\n    description: "{alt}"\n    credit: {{photo: B}}\n'
    assert remarks(house, START + block) == ()


@pytest.mark.parametrize(
    ("box", "line", "column"),
    [
        ("      :::illustration carte.png\n      :photo: B\n      :description: image\n      :::\n", 12, 21),
        ("      ![photo](carte.png)\n      :photo: Une photo\n", 10, 9),
    ],
)
def test_a_description_in_a_box_is_found_on_its_line(box: str, line: int, column: int, house: Newsroom) -> None:
    (found,) = remarks(house, f"{START}- article:\n    titre: A\n    texte: |\n      Un.\n\n{box}")
    assert (found.code, found.place.line, found.place.column) == ("empty-alt", line, column)


def test_a_long_description_is_noted(house: Newsroom) -> None:
    alt = "mot " * (LONGEST_ALT // 4 + 1)
    block = f"- illustration:\n    fichier: carte.png\n    description: {alt}\n    credit: {{photo: B}}\n"
    assert [(each.code, each.severity) for each in remarks(house, START + block)] == [("long-alt", Severity.NOTE)]


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("[.](https://example.org)", "vague-link"),
        ("[👉](https://example.org)", "vague-link"),
        ("[→](https://example.org)", "vague-link"),
        ("[www.banque.example](https://autre.example)", "misleading-link"),
        ("[https://banque.example/a](https://autre.example/a)", "misleading-link"),
        ("[a@example.org](mailto:b@example.org)", "misleading-link"),
        ("[www.banque.example](https://banque.example/a)", None),
        ("[https://banque.example](https://www.lettres.banque.example/a)", None),
        ("[a@example.org](mailto:a@example.org)", None),
        ("[Booking.com](https://example.org)", None),
        ("[1926](https://example.org)", None),
        ("<https://example.org/a>", None),
    ],
)
def test_the_words_of_a_link_say_where_it_leads(house: Newsroom, link: str, code: str | None) -> None:
    text = f"{START}- article:\n    titre: A\n    texte: |\n      Voir {link} et la suite.\n"
    assert [each.code for each in remarks(house, text)] == ([code] if code else [])


def test_a_link_without_words_is_an_error_where_it_stands() -> None:
    (found,) = inline("Un [ ](https://example.org) et").problems
    assert (found.code, found.column) == ("empty-link", 3)
