from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.source.finding import Finding, Place, Severity
from composer.studio.remarks import _start, remark


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=400), st.integers(0, 450))
def test_the_marked_words_begin_where_the_finding_stands_however_long_the_line(line: str, column: int) -> None:
    shown = remark(Finding("x", Severity.ERROR, Place("a.yaml", 1, column + 1), "why", line))
    whole = shown.before + shown.at + shown.after
    assert len(whole) <= 130
    assert line[column:].startswith(shown.at)
    assert bool(shown.at) is (column < len(line))
    assert whole.strip("…") in line or "…" in line


@pytest.mark.parametrize(
    ("line", "suggestion", "mended"),
    [
        ("titre: Le port a Roterdam", "titre: Le port a Rotterdam", ("titre: Le port a ", "Rotterdam", "")),
        ("titre: Le port ,dit-il", "titre: Le port, dit-il", ("titre: Le ", "port, dit-il", "")),
        ("a: b", "a: b\nc: d", None),
    ],
)
def test_what_a_correction_changes_is_marked_at_whole_words(
    line: str, suggestion: str, mended: tuple[str, str, str] | None
) -> None:
    assert remark(Finding("x", Severity.ERROR, Place("a.yaml", 1, 1), "why", line, suggestion)).mended == mended


@pytest.mark.parametrize(("line", "start"), [(1, 1), (3, 2), (4, 4), (6, 5), (7, 7)])
def test_a_line_within_a_paragraph_leads_to_the_paragraphs_first(line: int, start: int) -> None:
    lines = ["texte: |", "  Un pont,", "  une rive.", "  - Un point", "  - Deux", "    points", "  ## Intertitre"]
    assert _start(lines, line) == start


def test_a_finding_without_its_line_is_only_told() -> None:
    shown = remark(Finding("x", Severity.NOTE, Place("a.yaml", 1, 1), "why"))
    assert shown.before + shown.at + shown.after == ""
