"""A table: its lines, what is wrong with them, which columns hold figures, and its bars."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from composer.issue.blocks.table import ResolvedTable
from composer.issue.compose import composed
from composer.issue.figures import figure
from composer.issue.inline import plain
from composer.issue.load import load_issue
from composer.issue.rows import table_rows
from composer.locale import Language
from composer.newsroom import load_newsroom
from composer.rendering import render
from tests.support.newsrooms import FRIDAY, write_issue, write_newsroom


@pytest.mark.parametrize(
    "text",
    [
        "Taille | Bars\ngrands | 12",
        "| Taille | Bars |\n| --- | ---: |\n| grands | 12 |",
        "Taille | Bars\n–––|–––\ngrands | 12\n\n",  # dashes that typography has replaced
        "Taille\tBars\ngrands\t12",  # pasted from a spreadsheet
    ],
)
def test_a_table_is_read_as_it_is_typed_or_pasted(text: str) -> None:
    table = table_rows(text)
    cells = [[plain(cell) for cell in row.cells] for row in table.elements]  # type: ignore[union-attr] # reason: rows
    assert (cells, table.problems) == ([["Taille", "Bars"], ["grands", "12"]], ())


def test_an_escaped_bar_is_printed_and_an_empty_cell_kept() -> None:
    table = table_rows("a \\| b | c |\n| | d |")
    cells = [[plain(cell) for cell in row.cells] for row in table.elements]  # type: ignore[union-attr] # reason: rows
    assert (cells, table.problems) == ([["a | b", "c"], ["", "d"]], ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("table-rows", 0, 0)),
        ("A | B", ("table-rows", 0, 0)),
        ("A\nB", ("table-columns", 0, 0)),
        ("A | B | C | D | E\n1 | 2 | 3 | 4 | 5", ("table-columns", 0, 0)),
        ("A | B\nc | d\ne", ("table-columns", 2, 0)),
        ("A | B\nc | d | e", ("table-columns", 1, 0)),
        ("A | B" + "\nc | d" * 31, ("table-rows", 31, 0)),
        ("A | B\nc | [d](javascript:x)", ("bad-link", 1, 4)),
    ],
)
def test_what_is_wrong_with_a_table_has_its_place(text: str, found: tuple[str, int, int]) -> None:
    table = table_rows(text)
    assert [(each.code, each.line, each.column) for each in table.problems] == [found]
    assert len({len(row.cells) for row in table.elements}) <= 1  # type: ignore[union-attr] # reason: rows


@pytest.mark.parametrize(
    ("words", "language", "value"),
    [
        ("65\u00a0%", "fr", "65"),
        ("1\u202f234,5 M€", "fr", "1234.5"),
        ("1.5", "fr", "1.5"),
        ("1.234", "fr", "1234"),
        ("$1,234.5m", "en", "1234.5"),
        ("−3", "en", "-3"),
        ("2 à 3", "fr", None),
        ("16:27", "fr", None),
        ("12 rue de la Paix", "fr", None),
        ("9" * 200, "fr", None),
    ],
)
def test_a_figure_is_read_as_its_language_writes_it(words: str, language: Language, value: str | None) -> None:
    found = figure(words, language)
    assert (found and found.value) == (value and Decimal(value))


def _composed(root: Path, block: str) -> tuple[ResolvedTable | None, list[tuple[str, int, int]], str]:
    write_newsroom(root)
    path = write_issue(root, "vendredi", FRIDAY, f"subject: La digue\nblocks:\n{block}- masthead: auto\n")
    newsroom = load_newsroom(root)
    issue = load_issue(path, newsroom).require()
    edition, findings = composed(issue, newsroom, "free")
    table = next((each for each in edition.blocks if isinstance(each, ResolvedTable)), None)
    places = [(each.code, each.place.line, each.place.column) for each in findings]
    return table, places, render(edition, newsroom).html if table else ""


def _table(*lines: str, bars: bool = False) -> str:
    return "- table:\n" + "    bars: yes\n" * bars + "    rows: |\n" + "".join(f"      {line}\n" for line in lines)


def test_columns_of_figures_stand_at_the_right_and_bars_are_per_cent_of_the_greatest(tmp_path: Path) -> None:
    lines = ("Ville | Avis | Prix", "A | 12 ? | 2,50 €", "B | bon | n. d.", "C | – | 10 €", "D | – | 0,01 €")
    table, found, html = _composed(tmp_path, _table(*lines, bars=True))
    assert table is not None
    assert (table.right, table.bars, found) == ((False, False, True), (25, 0, 100, 1), [])
    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 4
    assert html.count('aria-hidden="true"') >= 3
    assert 'width="25%"' in html


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("Ville | Avis", "A | bon"), "table-bars"),
        (("Ville | Prix", "A | 3 m", "B | 2 km"), "table-bars"),
        (("Ville | Prix", "A | 3", "B | –2"), "table-bars"),
        (("Ville | Prix", "A | 0", "B | 0"), "table-bars"),
        (("Ville | Prix", "anticonstitutionnellement-parlant | 3 000 000 000 €"), "table-wide"),
    ],
)
def test_bars_that_would_lie_and_tables_too_wide_are_said(tmp_path: Path, lines: tuple[str, ...], code: str) -> None:
    _letter, found, _html = _composed(tmp_path, _table(*lines, bars=code == "table-bars"))
    assert [each for each, _line, _column in found] == [code]


def test_a_table_in_a_text_reports_its_mistakes_where_they_are(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    text = "\n".join(["Avant.", "", ":::table Prix", ":bars: yes", "A | B", "c | 1", "d", ":::"])
    body = "".join(f"      {line}".rstrip() + "\n" for line in text.split("\n"))
    issue = f"subject: La digue\nblocks:\n- article:\n    headline: Un\n    body: |\n{body}- masthead: auto\n"
    path = write_issue(tmp_path, "vendredi", FRIDAY, issue)
    found = load_issue(path, load_newsroom(tmp_path)).findings
    assert [(each.code, each.place.line, each.place.column) for each in found] == [("table-columns", 12, 7)]
