"""A paper for the dark is dark, and is not black."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.source.finding import Severity
from tests.issue.support.sample_issue import newsroom
from tests.proofreading.test_proofread import START, remarks


@pytest.mark.parametrize(
    ("theme", "why"),
    [
        ({"paper_dark": "#000000"}, "on black, letters glow"),
        ({"paper_dark": "#ffffff", "ink_dark": "#111111", "accent_dark": "#9c1d18"}, "the letter glows"),
        ({"paper_dark": "#16181b"}, None),
        ({"paper_dark": "#0b0c0e"}, None),
        ({"paper_dark": "#3a3328"}, None),
    ],
)
def test_a_paper_that_glows_or_makes_letters_glow_is_said(
    theme: dict[str, str], why: str | None, tmp_path: Path
) -> None:
    found = remarks(newsroom(tmp_path, publication={"theme": theme}), START)
    assert [(each.code, each.severity) for each in found] == ([("night-paper", Severity.WARNING)] if why else [])
    assert why is None or why in found[0].message
