"""Our short ways through premailer change nothing of what it makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from premailer import Premailer

from composer.rendering import inlining, mjml
from composer.rendering.letter import LETTER, Letter
from tests.rendering.editions import everything, newsroom

PAGE = "<!DOCTYPE html><html><head></head><body>{}</body></html>"


def test_a_letter_is_what_premailer_itself_makes_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = Letter(everything(tmp_path), newsroom(tmp_path))
    html = mjml.html(letter.document(letter.blocks(), "https://lettres.example.org/u/TOKEN"), LETTER)
    css = letter.css() + ".absent { color: red } p.absent, p { text-indent: 1px } .absent p { color: blue }"
    short = inlining.inline(html, css)
    assert "text-indent:1px" in short
    monkeypatch.setattr(inlining, "_Premailer", Premailer)
    assert inlining.inline(html, css) == short


def test_a_sheet_read_before_does_not_cling_to_the_next_letter() -> None:
    css = ".one { text-indent: 1px } .two { text-indent: 2px }"
    one, two = (inlining.inline(PAGE.format(f"<p class='{name}'>x</p>"), css) for name in ("one", "two"))
    assert ("text-indent:1px" in one, "text-indent:2px" in one) == (True, False)
    assert ("text-indent:1px" in two, "text-indent:2px" in two) == (False, True)
