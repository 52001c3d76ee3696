"""Colours of a letter, computed from its theme: light and dark, every pair of text and ground at 4.5:1 or better.

Contrast is WCAG 2.2's (1.4.3): relative luminance of sRGB.
"""

from __future__ import annotations

from dataclasses import dataclass

from composer.newsroom.model import Theme

#: WCAG 2.2 AA for text of any size.
CONTRAST = 4.5

_INK = "#1b1a18"
_WARM_INK = "#20201d"
# Never #000 or #fff in the dark: letters would glow, and some clients invert pure colours.
_DARK_PAPER = "#16181b"
_DARK_INK = "#e9e6df"


@dataclass(frozen=True)
class Ground:
    """One light's colours, ``#rrggbb``.

    Text: ``ink``, ``soft`` (standfirst), ``quiet`` (credits, datelines), ``accent``, all on ``paper`` and ``tint``.
    The sponsor's world: ``field``, its ``ink`` and ``quiet`` too, and a button of ``ink`` with ``on_ink`` words.
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


@dataclass(frozen=True)
class Palette:
    light: Ground
    dark: Ground


def palette(theme: Theme) -> Palette:
    paper = theme.paper.lower()
    ink = _INK if paper == "#ffffff" else _WARM_INK
    return Palette(
        light=_ground(paper, ink, theme.accent.lower(), "#e9edf1"),
        dark=_ground(_DARK_PAPER, _DARK_INK, theme.accent_dark.lower(), "#262b31"),
    )


def _ground(paper: str, ink: str, accent: str, field: str) -> Ground:
    ink = readable(ink, paper)
    # Where the paper leaves no room for a second ground, the second one gives way.
    tint, field = (
        ground if contrast(ink, ground) >= CONTRAST else paper for ground in (mix(accent, paper, 0.08), field)
    )
    accent = readable(accent, paper, tint)
    return Ground(
        paper=paper,
        ink=ink,
        soft=readable(mix(ink, paper, 0.82), paper, tint),
        quiet=readable(mix(ink, paper, 0.68), paper, tint, field),
        rule=mix(ink, paper, 0.2),
        accent=accent,
        on_accent=readable(paper, accent),
        tint=tint,
        field=field,
        on_ink=readable(paper, ink),
    )


def readable(colour: str, *grounds: str) -> str:
    """``colour``, moved towards black or white as little as it takes to read on every ground."""

    def worst(candidate: str) -> float:
        return min(contrast(candidate, ground) for ground in grounds)

    steps = [mix(pole, colour, step / 20) for step in range(21) for pole in ("#000000", "#ffffff")]
    return next((step for step in steps if worst(step) >= CONTRAST), max(steps, key=worst))


def mix(over: str, under: str, share: float) -> str:
    """``share`` (0 to 1) of ``over`` upon ``under``."""
    pairs = zip(_channels(over), _channels(under), strict=True)
    return "#" + "".join(f"{round(top * share + bottom * (1 - share)):02x}" for top, bottom in pairs)


def contrast(one: str, other: str) -> float:
    """Contrast ratio, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
