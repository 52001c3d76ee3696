"""Lines typed apart that run into one paragraph: said where they were meant so, and nowhere else."""

from __future__ import annotations

import pytest

from composer.issue.blocks import body
from composer.source.finding import Severity

VERSE = "Le fleuve passe sous la halle\nEt le pont\nAttend qu’on le répare"
APART = [
    VERSE,
    "Mairie de Vix\n12, rue du Port\n75000 Paris",
    "Nom : Duval\nPrénom : Anne",
    "Anne : bonjour.\nPaul : bonsoir.",
    "ANNE. — Bonjour.\nPAUL. — Bonsoir.",
    "Jour 1 - Vix\nJour 2 - Ys",
    "« Oui. »\n« Non. »",
    "À lire aussi :\n[Le pont](https://example.org/a)\n[La halle](https://example.org/b)",
]


@pytest.mark.parametrize("text", APART)
def test_lines_that_were_meant_apart_are_said_once_with_what_keeps_them_so(text: str) -> None:
    (found,) = body(f"Un mot.\n\n{text}\n").problems
    assert (found.code, found.line, found.severity) == ("run-on-lines", 2, Severity.WARNING)
    assert found.suggestion == text.replace("\n", "\\\n")
    assert body(f"{found.suggestion}\n").problems == ()


def test_links_one_below_the_other_are_points() -> None:
    text = "[Le pont](https://example.org/a)\n[La halle](https://example.org/b)"
    (found,) = body(text).problems
    assert (found.code, found.suggestion) == ("bullet", "- " + text.replace("\n", "\n- "))


@pytest.mark.parametrize(
    "text",
    [
        "Le chantier avance\n– lentement, dit-on –\net le port respire.",
        "« Le pont »\nde Jean-Pierre\nDuval",
        "Il faut lire la lettre,\nSamedi,\nVendredi.",
        "Une phrase finit ici.\nUne autre commence.\nUne troisième aussi.",
        "Le président de la communauté de communes\nAnne Duval a dit non.",
        "« Vers un,\\\nvers deux,\\\nvers trois. »",
        "Cordialement,\nAnne",
        "Le 3 mars 2026, 14 h.\nLe 4 mars 2026, 15 h.",
        "Le maire a tranché, et la presse avec lui, dans une phrase qui est longue\nParis\nVix",
    ],
)
def test_lines_that_only_go_on_are_words(text: str) -> None:
    assert [each.code for each in body(text).problems] == []


CUT = [
    ("A state-of-the-\nart bridge.", "A state-of-the-art\nbridge."),
    ("Un mot cou-\npé en deux.", "Un mot coupé\nen deux."),
    ("Un porte-\nparole.", "Un porte-parole."),
    ("Oui, dit-\nil enfin.", "Oui, dit-il\nenfin."),
    ("La gare d’Aix-\nMarseille ferme.", "La gare d’Aix-Marseille\nferme."),
]


@pytest.mark.parametrize(("text", "better"), CUT)
def test_a_word_cut_at_the_end_of_a_line_is_made_whole(text: str, better: str) -> None:
    (found,) = body(text).problems
    assert (found.code, found.line, found.suggestion) == ("run-on-lines", 0, better)
    assert body(better).problems == ()


@pytest.mark.parametrize("text", ["Un micro-\net macro-économiste.", "Il part –\net revient.", "Une liste-\n12 noms."])
def test_a_hyphen_that_waits_for_its_word_stays(text: str) -> None:
    assert body(text).problems == ()


def test_a_text_that_follows_a_list_without_an_empty_line_is_said() -> None:
    (found,) = body("Liste :\n- un\n- deux\nSuite du texte.\n").problems
    assert (found.code, found.line, found.suggestion) == ("run-on-lines", 3, "\nSuite du texte.")
    (cited,) = body("> Une citation.\nLe texte reprend.\n").problems
    assert (cited.code, cited.line) == ("run-on-lines", 1)


@pytest.mark.parametrize(
    "text",
    [
        "- Le maire de\nParis a dit oui.\n- Fin.",
        "- un point\n  Qui continue sous ses mots.",
        "- un\nsuite\n- deux",
        "> Une citation\n> En deux lignes.",
    ],
)
def test_a_point_that_goes_on_is_one(text: str) -> None:
    assert body(text).problems == () or text.startswith("> ")


def test_letters_and_drawings_within_a_point_are_points() -> None:
    found = body("1. un\n   a. sous-un\n   b. sous-deux\n2. deux\n").problems
    assert [(each.code, each.line) for each in found] == [("bullet", 1), ("bullet", 2)]
    marked = body("- un\n  ◦ sous-un\n  ◦ sous-deux\n").problems
    assert [(each.code, each.line, each.suggestion) for each in marked] == [
        ("bullet", 1, "- sous-un"),
        ("bullet", 2, "- sous-deux"),
    ]


def test_each_line_of_a_citation_that_has_its_mark_belongs_to_it() -> None:
    assert body("> Un mot.\n> Un autre.\n").problems == ()
    (found,) = body("> Un mot.\nUn autre.\n").problems
    assert found.code == "run-on-lines"
