from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from composer.newsroom.colour import CONTRAST, SENTENCE, contrast, from_lch, inverted, lch, nearest_colour
from composer.newsroom.palette import PAIRS, Background, failures, palette, readable
from composer.newsroom.theme import Theme

_colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
THEMES = [Theme.model_validate({"name": name}) for name in ("daily", "magazine")]


def _pairs(theme: Theme) -> list[tuple[str, str, str, str, float]]:
    return [
        (text, ground, getattr(colours, text), getattr(colours, ground), least)
        for colours in (palette(theme).light, palette(theme).dark)
        for text, ground, least in PAIRS
    ]


@pytest.mark.slow
@given(_colours, _colours, _colours)
@settings(suppress_health_check=[HealthCheck.filter_too_much], max_examples=40)
def test_every_pair_of_a_theme_that_is_not_refused_reads(accent: str, paper: str, ink: str) -> None:
    theme = Theme(accent=accent, paper=paper, ink=ink)
    assume(not failures(theme))
    # an accent or an ink that just passes on its paper is used as it is
    for text, ground, above, below, _least in _pairs(theme):
        assert contrast(above, below) >= CONTRAST, (text, ground)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_pair_of_a_finished_theme_reads_after_a_client_s_own_inversion(theme: Theme) -> None:
    for text, ground, above, below, least in _pairs(theme):
        assert contrast(above, below) >= least, (text, ground)
        assert contrast(inverted(above), inverted(below)) >= CONTRAST, (text, ground)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_what_is_read_in_sentences_stands_at_seven_to_one(theme: Theme) -> None:
    sentences = {(text, ground) for text, ground, *_colours, least in _pairs(theme) if least == SENTENCE}
    assert {("ink", "paper"), ("soft", "paper"), ("quiet", "tint"), ("ink", "field")} <= sentences
    assert all(contrast(above, below) >= least for *_names, above, below, least in _pairs(theme))


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_no_ground_of_a_finished_theme_gave_way(theme: Theme) -> None:
    for colours in (palette(theme).light, palette(theme).dark):
        assert len({colours.paper, colours.tint, colours.field}) == 3


@pytest.mark.slow
@given(_colours, _colours)
@settings(max_examples=25)
def test_a_failure_names_the_nearest_colour_that_passes(accent: str, paper: str) -> None:
    for failure in failures(Theme(accent=accent, paper=paper)):
        assert failure.ratio < CONTRAST
        assert contrast(failure.colour, failure.ground) == failure.ratio
        assert failure.better is None or contrast(failure.better, failure.ground) >= CONTRAST
        mended = {failure.token: failure.better}
        if failure.better and failure.token == "accent":
            assert "accent" not in {each.token for each in failures(Theme.model_validate({"paper": paper, **mended}))}


def test_an_ink_that_only_just_passes_keeps_the_fields_of_its_letter() -> None:
    colours = palette(Theme(ink="#5a5a5a", accent="#0f4c5c")).light
    assert CONTRAST <= contrast(colours.ink, colours.paper) < SENTENCE
    assert colours.tint != colours.paper


def test_the_nearest_colour_keeps_its_hue() -> None:
    better = nearest_colour("#f08d84", "#ffffff")
    assert better is not None
    assert abs(lch(better)[2] - lch("#f08d84")[2]) < 0.2
    assert 4.5 <= contrast(better, "#ffffff") < 4.7


def test_a_theme_that_reads_is_left_alone() -> None:
    daily, magazine = (palette(theme) for theme in THEMES)
    assert (daily.light.paper, daily.light.ink, daily.light.accent) == ("#ffffff", "#1b1a18", "#9c1d18")
    assert (magazine.light.paper, magazine.light.ink, magazine.light.accent) == ("#fbf8f2", "#20201d", "#0f4c5c")
    assert not [failure for theme in THEMES for failure in failures(theme)]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_dark_has_no_pure_black_or_white(theme: Theme) -> None:
    dark: Background = palette(theme).dark
    assert not {"#000000", "#ffffff"} & {dark.paper, dark.ink, dark.field, dark.tint}


def test_contrast_is_the_one_of_wcag() -> None:
    assert round(contrast("#000000", "#ffffff"), 6) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@given(_colours)
def test_lightness_and_back(colour: str) -> None:
    back = from_lch(*lch(colour))
    assert all(abs(int(colour[i : i + 2], 16) - int(back[i : i + 2], 16)) <= 3 for i in (1, 3, 5)), back


def test_inversion_turns_lightness_about_its_middle() -> None:
    assert lch(inverted("#ffffff"))[0] == pytest.approx(12.5, abs=0.3)
    assert lch(inverted("#000000"))[0] == pytest.approx(87.5, abs=0.3)


@given(_colours, _colours)
@settings(max_examples=40)
def test_readable_reads(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= CONTRAST


@pytest.mark.parametrize("paper", ["#ffffff", "#fbf8f2", "#e9edf1", "#262b31", "#000000", "#ffd6e0", "#16181b"])
def test_an_advertisement_s_field_is_apart_from_any_paper(paper: str) -> None:
    ink = "#ffffff" if contrast(paper, "#000000") < 5 else "#111111"
    theme = Theme(paper=paper, paper_dark=paper, ink=ink, ink_dark=ink, accent=ink, accent_dark=ink)
    for ground in (palette(theme).light, palette(theme).dark):
        assert contrast(ground.field, ground.paper) >= 1.1
        assert contrast(ground.ink, ground.field) >= 7
