"""Pictures that are not seen on the letter's paper: a black drawing on transparency at night, a white one by day.

Looked at is what is published, which is small already; a photograph or a drawing on white is not opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import PurePosixPath

from composer.issue.marked import Beside, marked
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.colour import contrast
from composer.newsroom.model import Newsroom
from composer.newsroom.palette import palette
from composer.proofreading.printed_pictures import Printed
from composer.rendering import Rendering
from composer.rendering.model import Medium
from composer.source.characters import recomposed
from composer.source.finding import Finding, Severity
from composer.source.vocabulary import key_name

#: Below it a colour is not told from the paper; and the part of a drawing that makes the whole of it unseen.
_UNSEEN, _PART = 1.7, 0.6

#: Least part of the picture that is transparent: less is rounded corners.
_CLEAR = 0.05

#: Side of what is looked at, in pixels, and the shades of each colour.
_SIDE, _SHADES = 128, 0xF0


def findings(issue: Issue, newsroom: Newsroom, letters: Iterable[Rendering]) -> Iterator[Finding]:
    """A warning for each picture of ``issue`` that is not seen in one of the two modes."""
    media = {_name(medium.file): medium for letter in letters for medium in letter.media}
    theme = newsroom.publications[issue.key.publication].theme
    colours, keys = palette(theme), newsroom.settings.keys
    by_night = _("on transparency, and as dark as the letter's paper at night: give {key}, the same drawn for the dark")
    by_day = _("on transparency, and as bright as the letter's paper: it is not seen")
    for picture in marked(issue.front, Beside):
        twin = getattr(picture.owner, "dark", None)
        for_dark = picture.value == twin
        # A twin that is the same picture is published once, under the first name.
        named = (picture.value, getattr(picture.owner, "src", "")) if for_dark else (picture.value,)
        medium = next((found for name in named if (found := media.get(_name(name)))), None)
        if not picture.mark.printed or medium is None:
            continue
        why = None
        if not for_dark and _is_lost(medium, colours.light.paper):
            why = by_day
        elif (for_dark or not twin) and _is_lost(medium, colours.dark.paper):
            why = by_night.format(key=key_name("dark", keys))
        if why is not None:
            message = _("the drawing {name} is {why}").format(name=medium.file, why=why)
            severity = Severity.WARNING
            yield issue.source.finding("lost-picture", message, picture.loc, line=picture.line, severity=severity)


def _name(path: str) -> str:
    return recomposed(PurePosixPath(path).name)


def of_the_newsroom(pictures: Iterable[Printed], issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """The same for the nameplate and the advertisements, which stand on the letter's paper too."""
    theme = newsroom.publications[issue.key.publication].theme
    colours = palette(theme)
    for picture in pictures:
        if picture.kind == "figure" or (both := picture.made(newsroom, theme.width)) is None:
            continue
        by_day, by_night = both[0].medium, (both[1] or both[0]).medium
        key = key_name("dark" if picture.kind == "advertisement" else "logo_dark", newsroom.settings.keys)
        if _is_lost(by_day, colours.light.paper):
            message = _("the drawing {name} is as bright as the letter's paper, and on transparency: it is not seen")
            yield picture.remark_on("lost-picture", message.format(name=by_day.file))
        elif _is_lost(by_night, colours.dark.paper):
            message = _("the drawing {name} is as dark as the letter's paper at night: give {key} in {file}")
            message = message.format(name=by_night.file, key=key, file=picture.file)
            yield picture.remark_on("lost-picture", message)


def _is_lost(medium: Medium, paper: str) -> bool:
    is_clear = medium.type == "image/png" and (medium.content[25:26] in b"\x04\x06" or b"tRNS" in medium.content)
    return is_clear and vanishes(medium.content, paper)


@lru_cache(maxsize=64)
def vanishes(content: bytes, paper: str) -> bool:
    """True if the picture, a file with transparency, is hardly seen on ``paper``, ``#rrggbb``."""
    # Imported here: without a transparent picture, Pillow's image library is not imported at all (60 ms).
    from PIL import Image

    with Image.open(BytesIO(content)) as opened:
        step = max(1, max(opened.size) // _SIDE)
        small = opened.convert("RGBA").reduce(step).point(lambda value: value & _SHADES)
    seen = unseen = clear = 0.0
    for count, colour in small.getcolors(small.width * small.height) or ():
        assert isinstance(colour, tuple)  # one channel alone gives a number
        red, green, blue, alpha = colour
        clear += count * (1 - alpha / _SHADES)
        weight = count * alpha / _SHADES
        if contrast(f"#{red:02x}{green:02x}{blue:02x}", paper) < _UNSEEN:
            unseen += weight
        else:
            seen += weight
    return clear >= _CLEAR * small.width * small.height and unseen > 0 and unseen >= _PART * (seen + unseen)
