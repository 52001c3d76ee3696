"""Pictures of a shape that no letter shows well: too small, as high as several screens, or unlike their twin; and those
of which the colours are guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.proofreading.printed_pictures import Printed
from composer.rendering.picture import Made
from composer.source.finding import Finding, Severity

#: Least width and height on the page, in pixels; a nameplate is read, and is never smaller than a line of its size.
_LEAST, _LEAST_NAMEPLATE = 8, 24

#: Most height on the page, about two screens of a telephone, where a small picture is twice as large; and for one pixel
#: of width.
_HIGHEST, _STEEPEST = 1400, 6

#: Kinds with a limit to their height on the page.
_BOUNDED = frozenset({"nameplate", "card"})

#: By how much two pictures of one shape may differ, as they do where one was cropped by a pixel.
_ALIKE = 0.04


def findings(pictures: Iterable[Printed], newsroom: Newsroom, width: int) -> Iterator[Finding]:
    """A warning for each of ``pictures`` in a column of ``width`` pixels."""
    for picture in pictures:
        if (both := picture.made(newsroom, width)) is None:
            continue
        made, twin = both
        message = _message(picture, made, twin)
        if message is not None:
            facts = {"name": picture.path.name, "size": _size(made), "dark": picture.dark and picture.dark.name}
            yield picture.remark_on("picture-shape", message.format(**facts, other=_size(twin) if twin else ""))
        for each, is_dark in ((made, False), (twin, True)):
            if each is not None and each.is_guessed:
                message = _("picture {name} is in CMYK without its profile: its colours are guessed; export it in sRGB")
                message = message.format(name=each.medium.file)
                yield picture.remark_on("picture-colours", message, Severity.NOTE, dark=is_dark)


def _message(picture: Printed, made: Made, twin: Made | None) -> str | None:
    if picture.kind == "nameplate" and min(made.width, made.height) < _LEAST_NAMEPLATE:
        return _("the nameplate {name} is {size} pixels on the page: too small to be read; draw it larger")
    if min(made.width, made.height) < _LEAST:
        return _("picture {name} is {size} pixels on the page: too small to be seen; export it 1280 pixels wide")
    highest = _HIGHEST // 2 if picture.kind == "small" else _HIGHEST
    if picture.kind not in _BOUNDED and (made.height > highest or made.height > _STEEPEST * made.width):
        return _("picture {name} is {size} pixels on the page, several screens of a telephone: crop it")
    if twin is not None and abs(made.width * twin.height / (made.height * twin.width) - 1) > _ALIKE:
        return _("picture {name} is {size} pixels on the page, and {dark}, for the dark, {other}: give both one shape")
    return None


def _size(made: Made) -> str:
    return f"{made.width} × {made.height}"
