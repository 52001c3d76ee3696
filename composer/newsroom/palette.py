"""Colours of a letter, computed from its theme: light and dark, every pair of text and ground at 4.5:1 or better.

What a theme gives (paper, ink, accent) is taken as it is: ``failures`` tells which of it does not read, and loading a
newsroom refuses it. What is computed from it reads by construction, after a mail client's own inversion too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from composer.newsroom.colour import CONTRAST, contrast, inverted, mix, nearest_colour
from composer.newsroom.theme import Theme

#: The sponsor's field, cool where papers are white or warm.
_FIELD, _FIELD_DARK = "#e9edf1", "#262b31"


@dataclass(frozen=True)
class Background:
    """One light's colours, ``#rrggbb``.

    Text: ``ink``, ``soft`` (standfirst), ``quiet`` (credits, datelines), ``accent``, all on ``paper`` and ``tint``.
    The sponsor's world: ``field`` and ``ink`` on it, and a button of ``ink`` with ``on_ink`` words.
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


#: Every pair of a text and its ground that a letter uses, in the names of ``Background``. All of them carry text of
#: 14 to 17 px somewhere, so none is judged as large text.
PAIRS = (
    *((text, ground) for text in ("ink", "soft", "quiet", "accent") for ground in ("paper", "tint")),
    ("ink", "field"),
    ("on_accent", "accent"),
    ("on_ink", "ink"),
)


@dataclass(frozen=True)
class Palette:
    light: Background
    dark: Background


@dataclass(frozen=True)
class Failure:
    """Two tokens of a theme that do not read on each other; ``better`` is the nearest ``colour`` that does."""

    token: str
    under: str
    colour: str
    ground: str
    ratio: float
    better: str | None


@lru_cache(maxsize=64)
def palette(theme: Theme) -> Palette:
    return Palette(
        light=_ground(theme.paper, theme.ink, theme.accent, _FIELD),
        dark=_ground(theme.paper_dark, theme.ink_dark, theme.accent_dark, _FIELD_DARK),
    )


def failures(theme: Theme) -> list[Failure]:
    """The tokens of ``theme`` that cannot be read on their paper."""
    colours = palette(theme)
    found = []
    for ground, suffix in ((colours.light, ""), (colours.dark, "_dark")):
        # Tint and field give way where these do not read on them, and words on them are computed: this leaves two.
        for token, colour in (("ink", ground.ink), ("accent", ground.accent)):
            ratio = contrast(colour, ground.paper)
            if ratio < CONTRAST:
                better = nearest_colour(colour, ground.paper)
                found.append(Failure(token + suffix, "paper" + suffix, colour, ground.paper, ratio, better))
    return found


def _ground(paper: str, ink: str, accent: str, field: str) -> Background:
    paper, ink, accent = paper.lower(), ink.lower(), accent.lower()
    # Where the paper leaves no room for a second ground, the second one gives way.
    tint = next((t for t in (mix(accent, paper, 0.06),) if _reads(accent, t) and _reads(ink, t)), paper)
    field = field if _reads(ink, field) else paper
    return Background(
        paper=paper,
        ink=ink,
        soft=readable(mix(ink, paper, 0.84), paper, tint),
        quiet=readable(mix(ink, paper, 0.72), paper, tint),
        rule=mix(ink, paper, 0.2),
        accent=accent,
        on_accent=readable(paper, accent),
        tint=tint,
        field=field,
        on_ink=readable(paper, ink),
    )


def _reads(text: str, ground: str) -> bool:
    """Whether it reads as it is, and once a client has inverted both."""
    return min(contrast(text, ground), contrast(inverted(text), inverted(ground))) >= CONTRAST


def readable(colour: str, *grounds: str) -> str:
    """``colour``, moved towards black or white as little as it takes to read on every ground.

    After an inversion too, where there is such a colour: papers of a middle grey have none.
    """
    steps = [mix(pole, colour, step / 40) for step in range(41) for pole in ("#000000", "#ffffff")]
    best = next((step for step in steps if all(_reads(step, ground) for ground in grounds)), None)
    plain = next((step for step in steps if all(contrast(step, ground) >= CONTRAST for ground in grounds)), None)
    return best or plain or max(steps, key=lambda step: min(contrast(step, ground) for ground in grounds))
