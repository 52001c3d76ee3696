"""What is promised to paying readers alone is not sent to all: a cut that was meant and is not there is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.issue import load_issue
from composer.newsroom.model import Newsroom
from composer.source.finding import Severity
from tests.issue.support.sample_issue import newsroom

START = "objet: Le pont attendra\nblocs:\n"
ARTICLE = "- article:\n    titre: Le pont\n    {}\n    texte: |\n      Une phrase.\n\n      Une autre.\n"
TEASER = "amorce: La suite est pour les abonnés."


@pytest.fixture
def house(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def found(house: Newsroom, text: str, name: str = "2026-11-28.yaml") -> list[tuple[str, Severity, int]]:
    path = house.root / "issues" / "samedi" / name
    path.write_text(text)
    return [(each.code, each.severity, each.place.line) for each in load_issue(path, house).findings]


@pytest.mark.parametrize("others", ["", "acces: gratuit\n    ", "public: gratuit\n    "])
def test_a_teaser_without_a_cut_is_an_error_at_its_line(house: Newsroom, others: str) -> None:
    line = 5 + others.count("\n")
    assert found(house, START + ARTICLE.format(others + TEASER)) == [("teaser-without-cut", Severity.ERROR, line)]


@pytest.mark.parametrize("others", ["acces: payant\n    ", "public: payant\n    "])
def test_a_teaser_of_what_is_paid_for_is_none(house: Newsroom, others: str) -> None:
    assert found(house, START + ARTICLE.format(others + TEASER)) == []


def test_a_teaser_of_what_is_cut_is_none(house: Newsroom) -> None:
    assert found(house, START + ARTICLE.format(TEASER) + "\n      ===\n\n      La suite.\n") == []


LABELS = ["Réservé aux abonnés", "🔒 Grand angle | réservé à nos abonnés", "Abonnés seulement", "Subscribers only"]


@pytest.mark.parametrize("label", [*LABELS, "Article payant", "For paying members only"])
def test_a_label_that_keeps_free_readers_out_does_not_alone(house: Newsroom, label: str) -> None:
    article = START + ARTICLE.format(f'rubrique: "{label}"')
    assert found(house, article) == [("label-without-cut", Severity.ERROR, 5)]
    assert found(house, START + ARTICLE.format(f'public: payant\n    rubrique: "{label}"')) == []
    assert found(house, f'{START}- liens:\n    rubrique: "{label}"\n    liste: ["[a](https://example.org/)"]\n') == [
        ("label-without-cut", Severity.ERROR, 4)
    ]
    assert found(house, f'{START}- exclusivites:\n    rubrique: "{label}"\n    liste: [Un texte]\n') == []


@pytest.mark.parametrize("label", ["Grand angle", "Le courrier des abonnés", "Immobilier premium", "Readers write"])
def test_a_label_of_another_kind_is_one(house: Newsroom, label: str) -> None:
    assert found(house, START + ARTICLE.format(f"rubrique: {label}")) == []


def test_a_box_of_the_free_part_that_says_it_is_paid_for(house: Newsroom) -> None:
    box = "\n      :::encadre Les chiffres\n      :rubrique: Réservé aux abonnés\n{}      Dix.\n      :::\n"
    article = START + ARTICLE.format("genre: article")
    assert found(house, article + box.format("")) == [("label-without-cut", Severity.ERROR, 11)]
    assert found(house, article + box.format("      :public: payant\n")) == []
    assert found(house, article + "\n      ===\n" + box.format("")) == []


@pytest.mark.parametrize(
    "line", ["acces: payant", "accès: payant", "access: paid", "amorce: La suite", ":public: payant"]
)
def test_a_key_that_stands_among_the_text_cuts_nothing(house: Newsroom, line: str) -> None:
    assert found(house, f"{START}{ARTICLE.format('genre: article')}      {line}\n") == [
        ("key-in-text", Severity.ERROR, 10)
    ]


def test_a_translation_that_gives_what_its_original_sells_is_remarked_upon(house: Newsroom) -> None:
    cut = START + ARTICLE.format(TEASER) + "\n      ===\n\n      La suite.\n"
    assert found(house, cut) == []
    whole = "traduction_de: 2026-11-28.yaml\n" + START + ARTICLE.format("genre: article")
    assert found(house, whole, "2026-11-28.en.yaml") == [("unlike-original", Severity.WARNING, 5)]
    assert found(house, f"traduction_de: 2026-11-28.yaml\n{cut}", "2026-11-28.en.yaml") == []
