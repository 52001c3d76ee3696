"""Compute a letter's colours from its theme, light and dark: sentences at 7:1 or better, labels and buttons at 4.5:1.

The theme's own colours (paper, ink, accent) are used unchanged: ``failures`` lists those with too little contrast, and
loading a newsroom refuses them. Computed colours have enough contrast by construction, where possible also after
inversion by a client's dark mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from composer.newsroom.colour import CONTRAST, SENTENCE, contrast, inverted, mix, nearest_colour
from composer.newsroom.theme import Theme

#: Background of advertisements: a cool grey, distinct from white and warm papers; and from dark ones.
_FIELDS = ("#e9edf1", "#262b31")

#: Least contrast of that field with the paper, lest an advertisement look like a text; and most, lest it be a hole.
_APART, _HOLE = 1.1, 4.0


@dataclass(frozen=True)
class Background:
    """The colours of one mode, light or dark, ``#rrggbb``.

    Text: ``ink``, ``soft`` (standfirst), ``quiet`` (credits, datelines), ``accent``, all on ``paper`` and ``tint``.
    Advertisements: ``ink`` on ``field``, and a button of ``ink`` with ``on_ink`` text.
    """

    paper: str
    ink: str
    soft: str
    quiet: str
    rule: str
    accent: str
    on_accent: str
    tint: str
    field: str
    on_ink: str


#: Every pair of text and background in a letter, by field of ``Background``, with the least contrast it needs. Each has
#: text of 14 to 17 px somewhere, so WCAG's exception for large text does not apply.
PAIRS = (
    *((text, ground, SENTENCE) for text in ("ink", "soft", "quiet") for ground in ("paper", "tint")),
    ("ink", "field", SENTENCE),
    *(("accent", ground, CONTRAST) for ground in ("paper", "tint")),
    ("on_accent", "accent", CONTRAST),
    ("on_ink", "ink", CONTRAST),
)


@dataclass(frozen=True)
class Palette:
    light: Background
    dark: Background


@dataclass(frozen=True)
class Failure:
    """Two tokens of a theme with too little contrast; ``better``: the nearest ``colour`` with enough, or None."""

    token: str
    under: str
    colour: str
    ground: str
    ratio: float
    better: str | None


@lru_cache(maxsize=64)
def palette(theme: Theme) -> Palette:
    return Palette(
        light=_ground(theme.paper, theme.ink, theme.accent),
        dark=_ground(theme.paper_dark, theme.ink_dark, theme.accent_dark),
    )


def failures(theme: Theme) -> list[Failure]:
    """The tokens of ``theme`` with too little contrast on their paper."""
    colours = palette(theme)
    found = []
    for ground, suffix in ((colours.light, ""), (colours.dark, "_dark")):
        # Tint and field fall back to the paper where contrast is too low, and other text colours are computed: only
        # these two need the check.
        for token, colour in (("ink", ground.ink), ("accent", ground.accent)):
            ratio = contrast(colour, ground.paper)
            if ratio < CONTRAST:
                better = nearest_colour(colour, ground.paper)
                found.append(Failure(token + suffix, "paper" + suffix, colour, ground.paper, ratio, better))
    return found


def _ground(paper: str, ink: str, accent: str) -> Background:
    paper, ink, accent = paper.lower(), ink.lower(), accent.lower()
    # An ink that only just passes is used as it is, and asks no more of the colours beside it.
    least = SENTENCE if contrast(ink, paper) >= SENTENCE else CONTRAST
    # The paper replaces a second background on which text would have too little contrast.
    tint = next((t for t in (mix(accent, paper, 0.06),) if _reads(accent, t) and _reads(ink, t, least)), paper)
    # Where neither grey is apart from the paper, a little of the ink in it is.
    fields = (*_FIELDS, *(mix(ink, paper, part) for part in (0.1, 0.15, 0.07)))
    apart = (each for each in fields if _APART <= contrast(each, paper) <= _HOLE)
    field = next((each for each in apart if _reads(ink, each, least)), paper)
    return Background(
        paper=paper,
        ink=ink,
        soft=readable(mix(ink, paper, 0.8), paper, tint, least=least),
        quiet=readable(mix(ink, paper, 0.72), paper, tint, least=least),
        rule=mix(ink, paper, 0.2),
        accent=accent,
        on_accent=readable(paper, accent),
        tint=tint,
        field=field,
        on_ink=readable(paper, ink),
    )


def _reads(text: str, ground: str, least: float = CONTRAST) -> bool:
    """Whether contrast is ``least`` as given, and still ``CONTRAST`` after a client's inversion of both colours."""
    return contrast(text, ground) >= least and contrast(inverted(text), inverted(ground)) >= CONTRAST


def readable(colour: str, *grounds: str, least: float = CONTRAST) -> str:
    """``colour``, moved towards black or white as little as it takes for a contrast of ``least`` on every ground.

    After inversion too, where such a colour exists: there is none on a middle grey.
    """
    steps = [mix(pole, colour, step / 40) for step in range(41) for pole in ("#000000", "#ffffff")]
    best = next((step for step in steps if all(_reads(step, ground, least) for ground in grounds)), None)
    plain = next((step for step in steps if all(contrast(step, ground) >= least for ground in grounds)), None)
    return best or plain or max(steps, key=lambda step: min(contrast(step, ground) for ground in grounds))
