from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composer.newsroom.colour import CONTRAST, contrast
from composer.newsroom.model import Theme
from composer.newsroom.palette import palette, readable

_colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(_colours, _colours, _colours)
def test_every_pair_reads_whatever_the_theme(accent: str, accent_dark: str, paper: str) -> None:
    colours = palette(Theme(accent=accent, accent_dark=accent_dark, paper=paper))
    for ground in (colours.light, colours.dark):
        for text in (ground.ink, ground.soft, ground.quiet, ground.accent):
            assert contrast(text, ground.paper) >= CONTRAST
            assert contrast(text, ground.tint) >= CONTRAST
        assert contrast(ground.ink, ground.field) >= CONTRAST
        assert contrast(ground.quiet, ground.field) >= CONTRAST
        assert contrast(ground.on_accent, ground.accent) >= CONTRAST
        assert contrast(ground.on_ink, ground.ink) >= CONTRAST


def test_a_theme_that_reads_is_left_alone() -> None:
    colours = palette(Theme(accent="#a8201a", accent_dark="#ef8a80", paper="#ffffff"))
    assert (colours.light.ink, colours.light.accent, colours.dark.accent) == ("#1b1a18", "#a8201a", "#ef8a80")
    assert palette(Theme(paper="#fbf8f2")).light.ink == "#20201d"


def test_the_dark_has_no_pure_black_or_white() -> None:
    dark = palette(Theme()).dark
    assert not {"#000000", "#ffffff"} & {dark.paper, dark.ink, dark.field, dark.tint}


def test_contrast_is_the_one_of_wcag() -> None:
    assert round(contrast("#000000", "#ffffff"), 6) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@given(_colours, _colours)
def test_readable_reads(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= CONTRAST
