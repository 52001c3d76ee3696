"""Where one types, in files that are not YAML yet."""

from __future__ import annotations

import pytest

from composer.issue.model import Front
from composer.lsp.cursor import cursor_at, spec_at
from composer.lsp.desk import _moved
from composer.lsp.lines import Lines
from composer.source.field_spec import record_of
from composer.source.finding import Finding, Place, Severity
from composer.source.fixes import fix_of

TEXT = """\
objet: Un objet
et_aussi:
- [premier](#un)
blocs:
- article:
    titre: Un titre
    texte: |
      Une ligne.

        # pas une clé : du texte
    illustration:
      fichier: a.png
  - breves
- breves:
    liste:
    - titre: A
      texte: B
    -
- "ours":
"""


@pytest.mark.parametrize(
    ("line", "column", "kind", "steps", "typed"),
    [
        (0, 3, "key", (), "obj"),
        (0, 10, "value", ("objet",), "Un "),
        (2, 5, "key", ("et_aussi", None), "[pr"),
        (4, 5, "key", ("blocs", None), "art"),
        (5, 4, "key", ("blocs", None, "article"), ""),
        (5, 13, "value", ("blocs", None, "article", "titre"), "Un"),
        (7, 9, "text", ("blocs", None, "article", "texte"), "Une"),
        (8, 0, "key", (), ""),
        (9, 18, "text", ("blocs", None, "article", "texte"), "  # pas une "),
        (11, 6, "key", ("blocs", None, "article", "illustration"), ""),
        (11, 19, "value", ("blocs", None, "article", "illustration", "fichier"), "a.pn"),
        (15, 6, "key", ("blocs", None, "breves", "liste", None), ""),
        (17, 5, "key", ("blocs", None, "breves", "liste", None), ""),
        (99, 0, "key", (), ""),
    ],
)
def test_the_keys_above_the_cursor(
    line: int, column: int, kind: str, steps: tuple[str | None, ...], typed: str
) -> None:
    cursor = cursor_at(TEXT.split("\n"), line, column)
    assert (cursor.kind, cursor.steps, cursor.typed) == (kind, steps, typed)


def test_keys_beside_the_cursor_are_those_of_its_own_mapping() -> None:
    lines = TEXT.split("\n")
    assert cursor_at(lines, 5, 4).siblings == {"texte", "illustration"}
    assert cursor_at([*lines[:15], "      ", *lines[15:]], 15, 6).siblings == set()
    assert cursor_at([*lines[:16], "      ", *lines[16:]], 16, 6).siblings == {"titre", "texte"}
    assert cursor_at([*lines[:4], "- ", *lines[4:]], 4, 2).siblings == set()


def test_steps_lead_to_what_may_stand_there() -> None:
    record = record_of(Front)
    blocks = spec_at(record, ("blocs", None))
    assert blocks is not None
    assert blocks.blocks is not None
    body = spec_at(record, ("Blocs", None, "article", "body"))
    assert body is not None
    assert body.holds_lines
    assert spec_at(record, ("blocs", None, "sommet")) is None
    assert spec_at(record, ("objet", "titre")) is None


@pytest.mark.parametrize("line", ["- " * 20_000, ":" * 40_000, "'" * 40_000, "a" * 40_000 + ":", " " * 40_000 + "- a"])
def test_a_line_of_any_length_is_read(line: str) -> None:
    assert cursor_at([line, line, "a"], 2, 1).typed == "a"


@pytest.mark.parametrize(("units", "column"), [("utf-8", 8), ("utf-16", 4), ("utf-32", 2)])
def test_columns_in_the_units_of_the_client(units: str, column: int) -> None:
    lines = Lines("é\n🎈🎈a", units)
    assert (lines.to_units(1, 2), lines.to_column(1, column), lines.to_column(1, 999)) == (column, 2, 3)


def _finding(line: int, excerpt: str, suggestion: str | None = None) -> Finding:
    return Finding("unknown-key", Severity.ERROR, Place("a.yaml", line, 1), "wrong", excerpt, suggestion)


def test_a_finding_of_an_earlier_text_moves_with_its_line_and_leaves_with_it() -> None:
    found = _finding(2, "b: 1")
    assert _moved([found], ["x", "b: 1"]) == [found]
    assert [each.place.line for each in _moved([found], ["new", "x", "b: 1"])] == [3]
    assert _moved([found], ["x", "b: 2"]) == []


def test_a_fix_that_takes_a_word_away_or_leaves_the_finding_is_not_offered() -> None:
    text = "a: 1\nb: deux mots\nc: 3"
    gone = fix_of(_finding(2, "b: deux mots", "b: |\n  deux"), text, lambda new: [])
    assert gone is None
    stays = _finding(2, "b: deux mots", "b: 2")
    assert fix_of(stays, text, lambda new: [stays]) is None
    fix = fix_of(_finding(2, "b: deux mots", "b: |\n  deux mots"), text, lambda new: [])
    assert fix is not None
    assert fix.applied(text.split("\n")) == "a: 1\nb: |\n  deux mots\nc: 3"


def test_a_fix_is_offered_for_each_of_two_lines_with_the_same_mistake() -> None:
    text = "a: x\nb: x"
    two = [_finding(1, "a: x", "a: y"), _finding(2, "b: x", "b: y")]
    fix = fix_of(two[0], text, lambda new: [each for each in two if each.excerpt in new.split("\n")])
    assert fix is not None
    assert fix.applied(text.split("\n")) == "a: y\nb: x"
