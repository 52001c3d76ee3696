"""Texts: elements, leads, and the paywall."""

from __future__ import annotations

import re

import pytest

from composer.issue import markdown
from composer.issue.blocks import body
from composer.issue.body import Citation, Crosshead, Paragraph, Paywall, Points
from composer.issue.inline import Text, plain
from tests.issue.support.markdown_tree import codes, of, place, words


def test_the_elements_of_a_text_know_their_lines() -> None:
    found = body("Un.\n\n## Deux\n\n- **Lead :** trois\n- quatre\n\n> cinq\n>\n> six\n\n===\n\nSept.\n")
    assert [type(element) for element in found] == [Paragraph, Crosshead, Points, Citation, Paywall, Paragraph]
    assert found.lines == (0, 2, 4, 7, 11, 13)
    assert not found.problems


@pytest.mark.parametrize(
    "written",
    [
        "- **Lead :** texte",
        "- **Lead\u00a0:** texte",
        "- **Lead.** texte",
        "- **Lead** • texte",
        "- **Lead •** texte",
        "- **Lead** : texte",
        "- **Lead**: texte",
        "- **Lead** – texte",
        "* **Lead :** texte",
    ],
)
def test_a_lead_is_stored_without_the_mark_that_ends_it(written: str) -> None:
    (points,) = body(written)
    assert isinstance(points, Points)
    assert points.items[0].lead == (Text("Lead"),)
    assert points.items[0].spans == (Text("texte"),)


@pytest.mark.parametrize(
    ("written", "lead", "rest"),
    [
        ("- **Et après ?** texte", None, "Et après ? texte"),
        ("- **Deux mots** sans marque", None, "Deux mots sans marque"),
        ("- **Tout en gras.**", None, "Tout en gras."),
        ("- texte **Lead :** texte", None, "texte Lead : texte"),
        ("- **Suite...** texte", None, "Suite... texte"),
        ("- **Lead :** [lien](https://example.org/) fin", "Lead", "lien fin"),
        ("- **Le *mot* :** fin", "Le mot", "fin"),
    ],
)
def test_what_is_a_lead_and_what_is_only_bold(written: str, lead: str | None, rest: str) -> None:
    (points,) = body(written)
    assert isinstance(points, Points)
    (point,) = points.items
    assert (plain(point.lead) if point.lead else None, plain(point.spans)) == (lead, rest)


@pytest.mark.parametrize("written", ["# Titre", "### Titre", "###### Titre", "##Titre"])
def test_the_only_crosshead_has_two_hashes(written: str) -> None:
    found = body(f"Avant.\n\n{written}\n\nAprès.")
    assert place(found, "crosshead") == (2, 0)
    assert found.problems[0].suggestion == "## Titre"


@pytest.mark.parametrize(
    ("written", "code", "line"),
    [
        ("- a\n  - b", "nesting", 1),
        ("> a\n> > b", "nesting", 1),
        ("> - a", "nesting", 0),
        ("- a\n\n  suite", "point", 2),
        ("- a\n  ## b", "crosshead", 1),
        ("a\n\n```\ncode\n```", "code-block", 2),
        ("a\n\n---\n\nb", "rule", 2),
        ("a\n\n___\nb", "rule", 2),
        ("2026. Une année de plus", "list-number", 0),
        ("• un point collé", "bullet", 0),
        ("##", "crosshead", 0),
    ],
)
def test_what_has_no_place_in_a_letter(written: str, code: str, line: int) -> None:
    found = body(written)
    assert codes(found) == [code]
    assert found.problems[0].line == line
    typed = re.findall(r"\w+", written)
    assert re.findall(r"\w+", words(found)) == typed


def test_a_sentence_that_begins_with_a_year_is_given_its_escape() -> None:
    found = body("Oui.\n\n2026. Une année")
    assert found.problems[0].suggestion == "2026\\. Une année"
    assert not body("2026\\. Une année").problems
    assert not body("1. un\n2. deux").problems


def test_a_mistake_deep_in_a_text_is_placed_to_the_letter() -> None:
    found = body("Un.\n\nDeux lignes\net [là](ici) fin.\n\n- **Lead :** voir\n  [x](y)\n\n> et [z](k)")
    places = [(problem.line, problem.column) for problem in found.problems]
    assert places == [(3, 3), (6, 2), (8, 5)]


def test_a_setext_underline_is_no_heading() -> None:
    """CommonMark makes a heading of a paragraph over ===, and the cut would be gone."""
    found = body("Libre\n===\nPayant")
    assert [type(element) for element in found] == [Paragraph, Paywall, Paragraph]
    assert not [element for element in body("Libre\n---\nencore") if isinstance(element, Crosshead)]


# The paywall


@pytest.mark.parametrize(
    "written",
    [
        "====",
        "==",
        " ===",
        "    ===",
        "\t===",
        "- ===",
        "> ===",
        "=== abonnés",
        "= = =",
        "\u200b===",
        "===\u200b",
        "\ufeff===",
        "\u00a0===",
        "1. ===",
    ],
)
def test_almost_a_paywall_is_a_mistake_and_never_text(written: str) -> None:
    found = body(f"Libre.\n\n{written}\n\nPayant.")
    assert codes(found) == ["paywall"]
    assert found.problems[0].line == 2
    before = list(found)[: next(n for n, e in enumerate(found) if isinstance(e, Paywall))]
    assert "Payant" not in repr(before)


@pytest.mark.parametrize(
    "breaks", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"], ids=lambda breaks: repr(breaks)
)
def test_no_line_break_hides_the_paywall(breaks: str) -> None:
    found = body(breaks.join(["Libre", "===", "Payant"]))
    assert [type(element) for element in found] == [Paragraph, Paywall, Paragraph]


@pytest.mark.parametrize(
    ("written", "line", "column", "why"),
    [
        ("Libre\n\n===\n\nPayant\n\n===\n\nFin", 6, 0, "one paywall"),
        (":::en_filigrane Titre\nTexte\n  ===\nsuite\n:::", 2, 2, "inside a box"),
        ("```\ncode\n ===\n```", 2, 1, "block of code"),
        ("- a\n  ===\n- b", 1, 2, "alone on it"),
    ],
)
def test_a_paywall_out_of_place(written: str, line: int, column: int, why: str) -> None:
    found = body(written)
    (problem,) = (each for each in found.problems if each.code == "paywall")
    assert (problem.line, problem.column) == (line, column)
    assert why in problem.message
    assert len(of(found, Paywall)) <= 1


def test_equal_signs_in_a_sentence_are_text() -> None:
    assert not body("si a == b alors `===`\nx = y").problems
    assert codes(markdown.body("Texte.\n\n===")) == ["paywall"]


def test_a_title_with_a_mark_of_another_program_is_given_two_corrections_that_unite() -> None:
    found = body("# Titre {#id}\n").problems
    given = [("crosshead", "## Titre {#id}"), ("raw-marks", "# Titre")]
    assert [(each.code, each.suggestion) for each in found] == given
    assert body("## Titre\n").problems == ()
