"""Our short ways through premailer change nothing of what it makes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from premailer import Premailer

from composer.rendering import inlining, mjml, styling
from composer.rendering.letter import LETTER, LetterTemplate
from composer.rendering.selectors import names_of
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import newsroom

PAGE = "<!DOCTYPE html><html><head></head><body>{}</body></html>"


def as_premailer(html: str, css: str) -> str:
    """What premailer makes of the whole page, element by element; but for the blanks that it writes."""
    page = html.replace("<!doctype html>", "<!DOCTYPE html>", 1).replace("<style", '<style data-premailer="ignore"')
    made: str = Premailer(page, css_text=[css], **styling.RECIPE).transform(pretty_print=False)
    made = made.replace(' data-premailer="ignore"', "").replace("</source>", "")
    return re.sub(r"""style=(?:"[^"]*"|'[^']*')""", lambda style: re.sub("([;,]) ", r"\1", style[0]), made)


@pytest.mark.parametrize(
    "more",
    [
        ".absent { color: red } p.absent, p { text-indent: 1px } .absent p { color: blue }",
        "td h2 { text-indent: 1px } .g p { text-indent: 2px } body li { text-indent: 3px }",
        "p + p { text-indent: 1px }",
        "a[href] { text-indent: 1px }",
        "td > div > p { text-indent: 1px }",
        "a:hover { color: red } p { text-indent: 1px }",
    ],
)
def test_a_letter_is_what_premailer_itself_makes_of_it(more: str, tmp_path: Path) -> None:
    letter = LetterTemplate(everything(tmp_path), newsroom(tmp_path))
    html = mjml.html(letter.document(letter.blocks(), "https://lettres.example.org/u/TOKEN"), LETTER)
    css = letter.css() + more
    made = inlining.inline_styles(html, css)
    assert "text-indent:1px" in made
    assert made == as_premailer(html, css)


def test_a_sheet_read_before_does_not_cling_to_the_next_letter() -> None:
    css = ".one { text-indent: 1px } .two { text-indent: 2px }"
    one, two = (inlining.inline_styles(PAGE.format(f"<p class='{name}'>x</p>"), css) for name in ("one", "two"))
    assert ("text-indent:1px" in one, "text-indent:2px" in one) == (True, False)
    assert ("text-indent:1px" in two, "text-indent:2px" in two) == (False, True)


@pytest.mark.parametrize(
    ("css", "names"),
    [
        ("td .a, p.b { color: red }\n.c{}\n", {"td", ".a", "p", ".b", ".c"}),
        ("", set()),
        ("td > p {}", None),
        ("td { color", None),
        ("a}", None),
        ("a{}" * 99, {"a"}),
    ],
)
def test_the_names_that_a_plain_style_sheet_selects_by(css: str, names: set[str] | None) -> None:
    assert names_of(css) == names
