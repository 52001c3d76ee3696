"""Letters and lines of a drawing that stand on transparency and are not seen on the paper: a chart's, at night."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from composer.newsroom.colour import relative_luminance

#: Widest side of what is looked at, in pixels; and the least part of it that is letters.
_SIDE, _PART = 800, 0.0008

#: Half the width of a stroke, and the distance from what is seen within which it is an outline; in pixels.
_THIN, _NEAR = 4, 4

#: Opacity, of 255, of what is drawn; less is a shadow.
_DRAWN = 192


@lru_cache(maxsize=64)
def are_lost(content: bytes, paper: str, unseen: float) -> bool:
    """Whether such strokes are in the picture: their contrast with ``paper``, ``#rrggbb``, is less than ``unseen``.

    An outline, beside what is seen, is none; nor is a shadow, or the edge of a large shape.
    """
    # Imported here: without a transparent picture, Pillow's image library is not imported (60 ms).
    from PIL import Image, ImageChops, ImageFilter

    with Image.open(BytesIO(content)) as opened:
        image = opened.convert("RGBA")
    if max(image.size) > _SIDE:
        image = image.reduce(-(-max(image.size) // _SIDE))
    linear = [round(255 * relative_luminance(f"#{value:02x}{value:02x}{value:02x}")) for value in range(256)]
    bands = image.split()
    colours = Image.merge("RGB", [band.point(linear) for band in bands[:3]])
    ground = relative_luminance(paper) + 0.05
    least, most = 255 * (ground / unseen - 0.05), 255 * (ground * unseen - 0.05)
    alike = colours.convert("L", (0.2126, 0.7152, 0.0722, 0)).point(
        [255 * (least < step < most) for step in range(256)]
    )
    drawn = bands[3].point([255 * (step >= _DRAWN) for step in range(256)])
    hidden, seen = ImageChops.multiply(alike, drawn), ImageChops.subtract(drawn, alike)
    some, whole = [255 * (step > 0) for step in range(256)], [255 * (step >= 254) for step in range(256)]
    large = hidden.filter(ImageFilter.BoxBlur(_THIN)).point(whole).filter(ImageFilter.BoxBlur(_THIN)).point(some)
    around = ImageChops.lighter(seen, large).filter(ImageFilter.BoxBlur(_NEAR)).point(some)
    strokes = ImageChops.subtract(hidden, around).histogram()[255]
    return strokes >= _PART * image.width * image.height
