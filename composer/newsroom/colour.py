"""Colours ``#rrggbb``: WCAG contrast, perceived lightness (CIE L*C*h, D65), inversion by a client's dark mode."""

from __future__ import annotations

from functools import lru_cache
from math import atan2 as angle
from math import cos, hypot, sin

#: WCAG 2.2, 1.4.3 (AA), text of any size: labels and datelines of 14 px bold, buttons.
CONTRAST = 4.5
#: WCAG 2.2, 1.4.6 (AAA): what is read in sentences.
SENTENCE = 7.0

_WHITE = (0.95047, 1.0, 1.08883)
_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_TO_RGB = ((3.2404542, -1.5371385, -0.4985314), (-0.9692660, 1.8760108, 0.0415560), (0.0556434, -0.2040259, 1.0572252))
_EPSILON, _KAPPA = 216 / 24389, 24389 / 27


def contrast(one: str, other: str) -> float:
    """Contrast ratio, from 1 to 21."""
    light, dark = sorted((relative_luminance(one), relative_luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(over: str, under: str, share: float) -> str:
    """Blend ``over`` onto ``under`` with opacity ``share`` (0 to 1)."""
    pairs = zip(_channels(over), _channels(under), strict=True)
    return "#" + "".join(f"{round((top * share + bottom * (1 - share)) * 255):02x}" for top, bottom in pairs)


@lru_cache(maxsize=4096)
def inverted(colour: str) -> str:
    """``colour`` as a client that forces dark mode changes it: lightness mirrored about 50, less chroma."""
    lightness, chroma, hue = lch(colour)
    return from_lch(50 - (lightness - 50) * 0.75, chroma * 0.8, hue)


def nearest_colour(colour: str, *grounds: str, least: float = CONTRAST) -> str | None:
    """``colour`` made darker or lighter, as little as a contrast of ``least`` on every ground needs; None if none."""
    lightness, chroma, hue = lch(colour)
    steps = sorted((step / 2 for step in range(201)), key=lambda step: abs(step - lightness))
    for candidate in (colour, *(from_lch(step, chroma, hue) for step in steps)):
        if all(contrast(candidate, ground) >= least for ground in grounds):
            return candidate
    return None


def lch(colour: str) -> tuple[float, float, float]:
    """CIE L* (0 to 100), chroma, and hue in radians."""
    linear = [_linear(channel) for channel in _channels(colour)]
    x, y, z = (
        _cube(sum(weight * channel for weight, channel in zip(row, linear, strict=True)) / white)
        for row, white in zip(_TO_XYZ, _WHITE, strict=True)
    )
    a, b = 500 * (x - y), 200 * (y - z)
    return 116 * y - 16, hypot(a, b), angle(b, a)


def from_lch(lightness: float, chroma: float, hue: float) -> str:
    """The colour in sRGB; chroma is reduced until the colour is in gamut."""
    for share in range(20, -1, -1):
        linear = _rgb(lightness, chroma * share / 20, hue)
        if share == 0 or all(-0.001 <= channel <= 1.001 for channel in linear):
            break
    return "#" + "".join(f"{round(_coded(min(1.0, max(0.0, channel))) * 255):02x}" for channel in linear)


def _rgb(lightness: float, chroma: float, hue: float) -> list[float]:
    y = (lightness + 16) / 116
    x, z = y + chroma * cos(hue) / 500, y - chroma * sin(hue) / 200
    xyz = [white * _uncube(part) for white, part in zip(_WHITE, (x, y, z), strict=True)]
    return [sum(weight * part for weight, part in zip(row, xyz, strict=True)) for row in _TO_RGB]


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


@lru_cache(maxsize=4096)
def relative_luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _coded(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _cube(part: float) -> float:
    return float(part ** (1 / 3)) if part > _EPSILON else (_KAPPA * part + 16) / 116


def _uncube(part: float) -> float:
    return part**3 if part**3 > _EPSILON else (116 * part - 16) / _KAPPA
