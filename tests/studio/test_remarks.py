from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composer.source.finding import Finding, Place, Severity
from composer.studio.remarks import remark


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=400), st.integers(0, 450))
def test_the_caret_stands_under_the_letter_however_long_the_line(line: str, column: int) -> None:
    shown = remark(Finding("x", Severity.ERROR, Place("a.yaml", 1, column + 1), "why", line))
    whole = shown.before + shown.at + shown.after
    assert len(whole) <= 90
    assert shown.at == line[column : column + 1]
    assert whole[len(shown.caret) - 1 : len(shown.caret)] == shown.at
    assert whole.strip("…") in line or "…" in line


def test_a_finding_without_its_line_is_only_told() -> None:
    shown = remark(Finding("x", Severity.NOTE, Place("a.yaml", 1, 1), "why"))
    assert shown.before + shown.at + shown.after == ""
