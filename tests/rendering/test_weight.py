from __future__ import annotations

import pytest

from composer.rendering import Medium, Rendering
from composer.rendering.weight import findings, weight
from composer.source.document import Source
from composer.source.finding import Severity

FILE = Source("issues/a/2026-11-27.yaml", "subject: x\nblocks:\n# a.png\n- figure:\n    src: a.png\n")


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
    found = findings(_rendering("é" * (size // 2) + "x" * (size % 2)), FILE)
    assert [(finding.code, finding.severity) for finding in found] == expected
    assert all(str(finding.place) == "issues/a/2026-11-27.yaml:1:1" for finding in found)


def test_all_style_sheets_count_together() -> None:
    sheet = f"<style type='text/css'>{'a' * 9000}</style>"
    assert weight(_rendering(sheet * 2)).style == 18_000
    assert [finding.code for finding in findings(_rendering(sheet * 2), FILE)] == ["heavy-style"]
    assert findings(_rendering(sheet), FILE) == ()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (300_000, []),
        (300_001, [("heavy-picture", Severity.WARNING)]),
        (2_000_001, [("too-heavy-picture", Severity.ERROR), ("heavy-pictures", Severity.WARNING)]),
        (6_000_001, [("too-heavy-picture", Severity.ERROR), ("too-heavy-pictures", Severity.ERROR)]),
    ],
)
def test_a_picture_has_a_budget_and_is_shown_where_it_is_named(size: int, expected: list[tuple[str, Severity]]) -> None:
    found = findings(_rendering("", Medium("0.png", bytes(size), "image/png", "a.png")), FILE)
    assert [(finding.code, finding.severity) for finding in found] == expected
    if found:
        assert (str(found[0].place), found[0].excerpt) == ("issues/a/2026-11-27.yaml:5:10", "    src: a.png")
        assert "export a photograph as JPEG" in found[0].message


def test_many_light_pictures_are_heavy_together() -> None:
    many = [Medium(f"{number}.jpg", bytes(250_000), "image/jpeg", "b.jpg") for number in range(7)]
    assert findings(_rendering("", *many[:6]), FILE) == ()
    (found,) = findings(_rendering("", *many), FILE)
    assert (found.code, found.severity, str(found.place)) == ("heavy-pictures", Severity.WARNING, f"{FILE.file}:1:1")
    assert "1750 KB together" in found.message


@pytest.mark.parametrize(("type_", "advice"), [("image/gif", "fewer frames"), ("image/jpeg", "crop it")])
def test_a_heavy_picture_is_told_what_helps(type_: str, advice: str) -> None:
    (found,) = findings(_rendering("", Medium("0.x", bytes(400_000), type_, "advert.x")), FILE)
    assert advice in found.message
    assert str(found.place) == f"{FILE.file}:1:1"
