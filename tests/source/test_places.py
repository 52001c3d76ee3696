"""Places inside values: in literal blocks, between quotes, behind escapes."""

from __future__ import annotations

import pytest

from composer.issue.model import Front
from composer.source import read
from composer.source.finding import Place
from composer.source.quoting import columns


def found(text: str) -> list[tuple[str, int, int]]:
    findings = read(text, Front, file="issue.yaml").findings
    return [(each.code, each.place.line, each.place.column) for each in findings if each.severity == "error"]


def issue(written: str) -> str:
    return f"subject: A\nblocks:\n- article:\n    headline: B\n    body: {written}\n"


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        ("|\n      [x](y) is first", 6, 7),
        ("|\n      A [x](y) is not", 6, 9),
        ('"[x](y) is first"', 5, 12),
        ('"A [x](y)"', 5, 14),
        (r'"\u00e9 [x](y)"', 5, 19),
        (r'"\xe9\u00e9\U000000e9 [x](y)"', 5, 33),
        (r'"\"A\" [x](y)"', 5, 18),
        ("'L''eau [x](y)'", 5, 19),
    ],
)
def test_a_finding_stands_where_its_characters_were_typed(written: str, line: int, column: int) -> None:
    assert found(issue(written)) == [("bad-link", line, column)]


def test_a_break_that_is_typed_as_an_escape_begins_another_line_of_the_value() -> None:
    assert columns(r"A\n\u00e9", '"', 2) == ((2, 3), (5, 11))


def test_the_value_itself_is_not_its_first_character() -> None:
    source = read(issue("|\n      Text."), Front, file="issue.yaml").source
    loc = ("blocks", 0, "body")
    assert (source.place(loc), source.place(loc, 0)) == (Place("issue.yaml", 5, 11), Place("issue.yaml", 6, 7))


def test_a_key_without_a_value_at_the_very_end_has_a_place() -> None:
    assert all(line <= 2 for _code, line, _column in found("?\n  subject"))


@pytest.mark.parametrize(
    ("typed", "column"),
    [
        ("A [x](y)", 9),
        ("e\u0301te\u0301 [x](y)", 13),
        ("\u200bA\u200b [x](y)", 11),
        ("e\u0301\u200b [x](y) e\u0301", 11),
        ("A  b  [x](y)", 13),
    ],
)
def test_a_column_counts_what_was_typed_and_the_caret_what_is_shown(typed: str, column: int) -> None:
    findings = read(issue(f"|\n      {typed}"), Front, file="issue.yaml").findings
    (bad,) = (each for each in findings if each.code == "bad-link")
    assert bad.place.typed_column == bad.as_json()["place"]["column"] == column
    assert str(bad.place) == f"issue.yaml:6:{column}"
    _head, line, caret, *_better = str(bad).split("\n")
    assert line[caret.index("^")] == "["


def test_a_lost_character_is_told_once_after_an_accent_apart() -> None:
    findings = read(issue("|\n      e\u0301 \u200b\ufffd."), Front, file="issue.yaml").findings
    told = [(each.code, each.place.typed_column) for each in findings if each.severity == "warning"]
    assert told == [("invisible-character", 10), ("lost-character", 11)]
