"""Pictures of a letter: read from their files, checked, addressed by what they hold. Nothing is ever fetched."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from composer.errors import Refused
from composer.locale import gettext as _
from composer.rendering.model import Medium

#: Pillow's name of a format → what we publish it as.
FORMATS = {"PNG": ("png", "image/png"), "JPEG": ("jpg", "image/jpeg"), "GIF": ("gif", "image/gif")} | {
    "WEBP": ("webp", "image/webp")
}

#: A picture of more pixels is a mistake or an attack: it would take 160 MB to open.
MOST_PIXELS = 40_000_000

_ROTATED = (5, 6, 7, 8)  # EXIF orientations that lay a picture on its side
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Picture:
    """A picture as laid out: its address, and its size on the page in whole pixels."""

    url: str
    width: int
    height: int


class Pictures:
    """The pictures met while one letter is rendered, each once."""

    def __init__(self, public_url: str) -> None:
        self._address = public_url.rstrip("/") + "/media/"
        self._media: dict[str, Medium] = {}

    def place(self, path: Path, width: int, height: int = 10_000) -> Picture:
        """The picture of ``path``, made to fit ``width`` x ``height`` pixels, never enlarged.

        Raises ``Refused`` for what is not a picture that every mail client shows.
        """
        medium, natural_width, natural_height = read(path)
        self._media.setdefault(medium.name, medium)
        scale = min(1.0, width / natural_width, height / natural_height)
        return Picture(
            self._address + medium.name, max(1, round(natural_width * scale)), max(1, round(natural_height * scale))
        )

    def media(self) -> tuple[Medium, ...]:
        return tuple(self._media.values())


def read(path: Path) -> tuple[Medium, int, int]:
    """The picture of ``path``, and its width and height in pixels as it is shown. Raises ``Refused``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(
            _("picture {name}: it cannot be read ({why})").format(name=path.name, why=error.strerror)
        ) from error
    if path.suffix.lower() in (".svg", ".svgz") or content.lstrip()[:5].lower() in (b"<svg ", b"<?xml"):
        raise Refused(
            _("picture {name}: Gmail and Outlook do not show SVG; export it as PNG, 1280 pixels wide").format(
                name=path.name
            )
        )
    try:
        # Pillow warns about a large picture before it refuses one: our own limit below speaks for both.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=list(FORMATS)) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise Refused(_too_large(path, width, height))
                image.load()
                assert image.format is not None
                extension, type_ = FORMATS[image.format]
                if image.getexif().get(_ORIENTATION) in _ROTATED:
                    width, height = height, width
    except Image.DecompressionBombError as error:
        raise Refused(_too_large(path, 0, 0)) from error
    except UnidentifiedImageError as error:
        raise Refused(
            _("picture {name}: this is no PNG, JPEG, GIF or WebP picture; export it again").format(name=path.name)
        ) from error
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's three ways to say that the file is damaged
        raise Refused(_("picture {name}: the file is damaged; export it again").format(name=path.name)) from error
    return Medium(f"{sha256(content).hexdigest()[:32]}.{extension}", content, type_), width, height


def _too_large(path: Path, width: int, height: int) -> str:
    size = f"{width} × {height}" if width else "> 10⁸"
    message = _("picture {name}: {size} pixels are too many; export it 1280 pixels wide")
    return message.format(name=path.name, size=size)
