from __future__ import annotations

import pytest

from composer.rendering import Medium, Rendering
from composer.rendering.weight import findings, weight
from composer.source.finding import Severity


def _rendering(html: str, *media: Medium) -> Rendering:
    return Rendering("Sujet", "", html, "texte", {"unsubscribe": "X"}, media)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (80_000, []),
        (80_001, [("heavy", Severity.WARNING)]),
        (100_000, [("heavy", Severity.WARNING)]),
        (100_001, [("too-heavy", Severity.ERROR)]),
    ],
)
def test_the_letter_s_size(size: int, expected: list[tuple[str, Severity]]) -> None:
    found = findings(_rendering("é" * (size // 2) + "x" * (size % 2)), "issues/a/2026-11-27.yaml")
    assert [(finding.code, finding.severity) for finding in found] == expected
    assert all(str(finding.place) == "issues/a/2026-11-27.yaml:1:1" for finding in found)


def test_all_style_sheets_count_together() -> None:
    sheet = f"<style type='text/css'>{'a' * 9000}</style>"
    assert weight(_rendering(sheet * 2)).style == 18_000
    assert [finding.code for finding in findings(_rendering(sheet * 2), "x")] == ["heavy-style"]
    assert findings(_rendering(sheet), "x") == ()


def test_a_heavy_picture() -> None:
    heavy, light = Medium("a.png", bytes(1_000_001), "image/png"), Medium("b.png", bytes(1000), "image/png")
    assert [finding.code for finding in findings(_rendering("", heavy, light), "x")] == ["heavy-picture"]
    assert weight(_rendering("", heavy, light)).media == 1_001_001
