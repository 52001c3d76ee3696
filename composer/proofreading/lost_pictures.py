"""Pictures that are not seen on the letter's paper: a black drawing on transparency at night, a white one by day, an
empty one, a chart of which the letters are lost; and what is on white at night, a nameplate or a twin drawn for the
dark.

Looked at is what is published, which is small already, and of what moves its first frame, the only one in Outlook; a
photograph or a drawing on white is not opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from composer.errors import Refused
from composer.issue.marked import Beside, marked
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.colour import contrast
from composer.newsroom.model import Newsroom
from composer.newsroom.palette import Background, palette
from composer.proofreading import thin_marks
from composer.proofreading.printed_pictures import Printed
from composer.rendering import Rendering
from composer.rendering.model import Medium
from composer.source.finding import Finding, Severity
from composer.source.paths import inside
from composer.source.vocabulary import key_name

#: Below it a colour is not told from the paper; and the part of a drawing that makes the whole of it unseen.
_UNSEEN, _PART = 1.7, 0.4

#: The same where nothing is transparent: mist and snow are paler than paper only by a little more.
_EMPTY = 1.2

#: Least part of the picture that is transparent, less is rounded corners; and least that is not, less is nothing.
_CLEAR, _THERE = 0.05, 0.001

#: Side of what is looked at, in pixels, and the shades of each colour.
_SIDE, _SHADES = 128, 0xF0

#: Most bytes of a published picture that may be empty.
_EMPTY_MOST = 10_000

#: Brightness of a ground that glows at night, as a contrast with black; and the part of a nameplate that is it.
_GLOWS, _GLOWING = 15.0, 0.6

#: How a picture is not seen: it is empty; as bright, or as dark, as the paper; its letters and lines alone are so.
Unseen = Literal["empty", "faint", "letters"]


def findings(issue: Issue, newsroom: Newsroom, letters: Iterable[Rendering]) -> Iterator[Finding]:
    """A warning for each picture of ``issue`` that is not seen in one of the two modes, or glows for the dark."""
    media = {
        path: medium
        for letter in letters
        for path, name in letter.files
        for medium in letter.media
        if medium.name == name
    }
    folder = (newsroom.root / issue.source.file).parent
    theme = newsroom.publications[issue.key.publication].theme
    colours, keys = palette(theme), newsroom.settings.keys
    by_night = _("on transparency, and as dark as the letter's paper at night: give {key}, the same drawn for the dark")
    by_day = _("on transparency, and as bright as the letter's paper: it is not seen")
    for picture in marked(issue.front, Beside):
        twin = getattr(picture.owner, "dark", None)
        for_dark = picture.value == twin
        medium = media.get(found) if (found := _found(newsroom, folder, picture.value)) is not None else None
        if not picture.mark.printed or medium is None:
            continue
        message = _("the drawing {name} is {why}")
        why = ""
        loss = loss_of(medium, (colours.dark if for_dark else colours.light).paper)
        if loss == "empty":
            message = _empty(medium)
        elif loss is not None and not for_dark:
            why = by_day
        elif loss is not None or (not for_dark and not twin and (loss := _at_night(medium, colours.dark))):
            why = by_night.format(key=key_name("dark", keys))
        elif for_dark and is_drawn(medium) and glows(medium.content):
            message = _("{name}, drawn for the dark, is on white, and glows at night: export it on transparency")
            message = message.format(name=Path(picture.value).name)
            yield issue.source.finding(
                "bright-picture", message, picture.loc, line=picture.line, severity=Severity.WARNING
            )
            continue
        else:
            continue
        if loss == "letters":
            message = _("letters or lines of {name} are as bright as the letter's paper, and not seen")
            if why != by_day:
                message = _(
                    "letters or lines of {name} are as dark as the paper at night: give {key}, drawn for the dark"
                )
        message = message.format(name=Path(picture.value).name, why=why, key=key_name("dark", keys))
        yield issue.source.finding("lost-picture", message, picture.loc, line=picture.line, severity=Severity.WARNING)


def _at_night(medium: Medium, dark: Background) -> Unseen | None:
    """How a picture without a twin is not seen at night; nothing of one that is dark all over, as a night's may be."""
    loss = loss_of(medium, dark.paper)
    return None if loss == "empty" else loss


def _found(newsroom: Newsroom, folder: Path, name: str) -> Path | None:
    try:
        return inside(newsroom.root, folder, name)
    except Refused:  # reported when the issue was composed
        return None


def _empty(medium: Medium) -> str:
    if medium.type == "image/gif":
        return _("nothing is seen on the first frame of {name}, and Outlook shows no other: begin with a full one")
    return _("the picture {name} is empty, all transparent or of the paper's colour: export it again")


def of_the_newsroom(pictures: Iterable[Printed], issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """The same for the nameplate and the advertisements, which stand on the letter's paper too."""
    theme = newsroom.publications[issue.key.publication].theme
    colours = palette(theme)
    for picture in pictures:
        if picture.kind not in ("nameplate", "advertisement") or (both := picture.made(newsroom, theme.width)) is None:
            continue
        by_day, by_night = both[0].medium, (both[1] or both[0]).medium
        key = key_name("dark" if picture.kind == "advertisement" else "logo_dark", newsroom.settings.keys)
        if (loss := loss_of(by_day, colours.light.paper)) is not None:
            message = _("the drawing {name} is as bright as the letter's paper, and on transparency: it is not seen")
            if loss == "letters":
                message = _("letters or lines of {name} are as bright as the letter's paper, and not seen")
            message = _empty(by_day) if loss == "empty" else message
            yield picture.remark_on("lost-picture", message.format(name=by_day.file))
        elif (loss := loss_of(by_night, colours.dark.paper)) in ("faint", "letters") or (loss and both[1]):
            message = _("the drawing {name} is as dark as the letter's paper at night: give {key} in {file}")
            if loss == "letters":
                message = _("letters or lines of {name} are as dark as the paper at night: give {key} in {file}")
            message = _empty(by_night) if loss == "empty" else message
            message = message.format(name=by_night.file, key=key, file=picture.file)
            yield picture.remark_on("lost-picture", message, dark=both[1] is not None)
        elif both[1] is not None and is_drawn(by_night) and glows(by_night.content):
            message = _("{name}, drawn for the dark, is on white, and glows at night: export it on transparency")
            yield picture.remark_on("bright-picture", message.format(name=by_night.file), dark=True)
        elif picture.kind == "nameplate" and glows(by_night.content):
            message = _("the nameplate {name} is drawn on white, and glows at night: give {key}, or transparency")
            message = message.format(name=by_night.file, key=key)
            yield picture.remark_on("bright-picture", message)


def loss_of(medium: Medium, paper: str) -> Unseen | None:
    """How the picture is not seen on ``paper``, ``#rrggbb``; None if it is."""
    content = medium.content
    is_looked_at = medium.is_clear or medium.type == "image/gif" or len(content) < _EMPTY_MOST
    return _loss(content, paper) if medium.type.startswith("image/") and is_looked_at else None


def vanishes(content: bytes, paper: str) -> bool:
    """True if the picture, a file with transparency, is hardly seen on ``paper``, ``#rrggbb``."""
    return _loss(content, paper) == "faint"


@lru_cache(maxsize=64)
def _loss(content: bytes, paper: str) -> Unseen | None:
    colours = _colours(content)
    area = sum(count for count, _colour, _alpha in colours)
    there = sum(count * alpha for count, _colour, alpha in colours)
    if there < _THERE * area:
        return "empty"
    unseen = sum(count * alpha for count, colour, alpha in colours if contrast(colour, paper) < _UNSEEN)
    if area - there >= _CLEAR * area:
        if unseen >= _PART * there:
            return "faint"
        return "letters" if thin_marks.are_lost(content, paper, _UNSEEN) else None
    return "empty" if all(contrast(colour, paper) < _EMPTY for _count, colour, alpha in colours if alpha) else None


def is_drawn(medium: Medium) -> bool:
    """True for what is no photograph."""
    return medium.type in ("image/png", "image/gif")


@lru_cache(maxsize=64)
def glows(content: bytes) -> bool:
    """True if most of the picture is a bright ground."""
    colours = _colours(content)
    bright = sum(count * alpha for count, colour, alpha in colours if contrast(colour, "#000000") >= _GLOWS)
    return bright >= _GLOWING * sum(count for count, _colour, _alpha in colours)


@lru_cache(maxsize=64)
def _colours(content: bytes) -> tuple[tuple[int, str, float], ...]:
    """The colours of the picture's first frame, made small: how many pixels, ``#rrggbb``, from 0, clear, to 1."""
    # Imported here: without a transparent or a very small picture, Pillow's image library is not imported (60 ms).
    from PIL import Image

    with Image.open(BytesIO(content)) as opened:
        step = max(1, max(opened.size) // _SIDE)
        small = opened.convert("RGBA").reduce(step).point(lambda value: value & _SHADES)
    found: list[tuple[int, str, float]] = []
    for count, colour in small.getcolors(small.width * small.height) or ():
        assert isinstance(colour, tuple)  # one channel alone gives a number
        red, green, blue, alpha = colour
        found.append((count, f"#{red:02x}{green:02x}{blue:02x}", alpha / _SHADES))
    return tuple(found)
