"""Dates inside a letter are written as its dateline is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from composer.newsroom.model import HOUSE_STYLE, Style
from composer.rendering import render
from tests.rendering.support.sample_editions import box, edition, newsroom


@pytest.mark.parametrize(
    ("language", "form", "written"),
    [
        ("fr", "long", "1er mars 2027"),
        ("en", "long", "1 March 2027"),
        ("fr", "short", "01/03/2027"),
        ("en", "short", "01/03/2027"),
    ],
)
def test_a_due_date_is_written_as_the_dateline_is(language: str, form: str, written: str, tmp_path: Path) -> None:
    style = Style.model_validate({"dates": form}).over(HOUSE_STYLE)
    watched = box("a_surveiller", "À surveiller", style, due=date(2027, 3, 1))
    letter = render(replace(edition(watched), language=language, style=style), newsroom(tmp_path))
    assert f">{written}<" in letter.html
    assert f"({written})" in letter.text
