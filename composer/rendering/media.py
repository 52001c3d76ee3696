"""Pictures of a letter: read from their files, checked, made to their printed size. Nothing is ever fetched.

A picture's name is the digest of its source and of what was done to it. Never of the result: another version of Pillow
writes other bytes for the same picture, and a letter rendered there would then name another address.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from composer.errors import FiligraneError, Refused
from composer.locale import gettext as _
from composer.rendering import gif
from composer.rendering.compressing import RECIPE, compressed
from composer.rendering.model import Medium
from composer.source.opening import content_of

#: Formats that are read. Pillow calls some telephones' JPEG, which hold a second picture, MPO.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
#: Pillow's name of a format → what we publish it as.
PUBLISHED = {"PNG": ("png", "image/png"), "JPEG": ("jpg", "image/jpeg"), "GIF": ("gif", "image/gif")}

#: A picture of more pixels is a mistake or an attack: it would take 160 MB to open.
MOST_PIXELS = 40_000_000
MOST_BYTES = 50_000_000

#: Screens have two or three pixels where the letter counts one; the eye sees no difference past two.
DENSITY = 2

_ROTATED = (5, 6, 7, 8)  # EXIF orientations that lay a picture on its side
_ORIENTATION = 0x0112


class UnusablePicture(Refused):
    """A file that is no picture every mail client shows; ``file`` is its name."""

    def __init__(self, path: Path, message: str, **facts: object) -> None:
        self.file = path.name
        super().__init__(message.format(name=path.name, **facts))


@dataclass(frozen=True)
class Picture:
    """A picture as laid out: its address, and its size on the page in whole pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Made:
    """A picture as published, and its size on the page."""

    medium: Medium
    width: int
    height: int


#: What was made lately, by source, box and name: the studio and both editions of an issue ask for the same pictures.
_made: dict[tuple[str, int, int, str], Made] = {}
_MOST_MADE = 100


class Pictures:
    """The pictures met while one letter is rendered, each once."""

    def __init__(self, public_url: str, root: Path | None = None) -> None:
        self._root = root
        self._address = public_url.rstrip("/") + "/media/"
        self._media: dict[str, Medium] = {}

    def place(self, path: Path, width: int, height: int = 10_000) -> Picture:
        """The picture of ``path``, made to fit ``width`` x ``height`` pixels, never enlarged.

        Raises ``Refused`` for what is not a picture that every mail client shows.
        """
        made = make(path, width, height, self._root)
        self._media.setdefault(made.medium.name, made.medium)
        return Picture(self._address + made.medium.name, made.width, made.height)

    def media(self) -> tuple[Medium, ...]:
        return tuple(self._media.values())


def make(path: Path, width: int, height: int = 10_000, root: Path | None = None) -> Made:
    """The picture of ``path`` for a box of ``width`` x ``height`` pixels of the page, from the newsroom ``root``.

    Without ``root``, of any folder. Raises ``Refused``.
    """
    content = _content(path, root or path.parent)
    key = (sha256(content).hexdigest(), width, height, path.name)
    if (made := _made.get(key)) is None:
        made = _make(path, content, width, height)
        if len(_made) >= _MOST_MADE:
            _made.clear()
        _made[key] = made
    return made


def _content(path: Path, root: Path) -> bytes:
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            message = _("picture {name}: {size} MB are too many; export it 1280 pixels wide")
            raise UnusablePicture(path, message, size=size // 1_000_000)
        content = content_of(path, root)
    except (OSError, FiligraneError) as error:
        if isinstance(error, UnusablePicture):
            raise
        why = error.strerror if isinstance(error, OSError) else error
        raise UnusablePicture(path, _("picture {name}: it cannot be read ({why})"), why=why) from error
    if path.suffix.lower() in (".svg", ".svgz") or content.lstrip()[:5].lower() in (b"<svg ", b"<?xml"):
        message = _("picture {name}: Gmail and Outlook do not show SVG; export it as PNG, 1280 pixels wide")
        raise UnusablePicture(path, message)
    return content


def _make(path: Path, content: bytes, width: int, height: int) -> Made:
    too_large = _("picture {name}: {size} pixels are too many; export it 1280 pixels wide")
    try:
        # Pillow warns about a large picture before it refuses one: our own limit below speaks for both.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise UnusablePicture(path, too_large, size=f"{image.width} × {image.height}")
                return _made_of(path, content, image, width, height)
    except Image.DecompressionBombError as error:
        raise UnusablePicture(path, too_large, size="> 10⁸") from error
    except UnidentifiedImageError as error:
        message = _("picture {name}: this is no PNG, JPEG, GIF or WebP picture; export it again")
        raise UnusablePicture(path, message) from error
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's three ways to say that the file is damaged
        raise UnusablePicture(path, _("picture {name}: the file is damaged; export it again")) from error


def _made_of(path: Path, content: bytes, image: Image.Image, width: int, height: int) -> Made:
    moves = image.format != "MPO" and getattr(image, "is_animated", False)
    if moves and image.format != "GIF":
        message = _("picture {name}: only GIF moves in every mail client; export it as GIF, or as a still PNG")
        raise UnusablePicture(path, message)
    image.load()
    natural = image.size
    if image.getexif().get(_ORIENTATION) in _ROTATED:
        natural = natural[::-1]
    page, pixels = _fit(natural, width, height), natural
    if moves:
        result, form = gif.stripped(content), "GIF"
    else:
        pixels = _fit(natural, width * DENSITY, height * DENSITY)
        result, form = compressed(image, *pixels)
    extension, type_ = PUBLISHED[form]
    recipe = f"{RECIPE} {pixels[0]}x{pixels[1]} ".encode()
    name = sha256(recipe + sha256(content).digest()).hexdigest()[:32]
    return Made(Medium(f"{name}.{extension}", result, type_, path.name), *page)


def _fit(natural: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """``natural`` made to fit, never enlarged, and never less than one pixel."""
    scale = min(1.0, width / natural[0], height / natural[1])
    return max(1, round(natural[0] * scale)), max(1, round(natural[1] * scale))
