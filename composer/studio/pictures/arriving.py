"""A picture that arrives: what its file is and says, and the picture that would be kept of it.

It is made as the letter's own pictures are (``rendering.making``), and refused for the same reasons: upright, in sRGB,
with its rights and none of its other metadata. What is kept is at most twice as large as the letter shows it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from PIL import Image

from composer.locale import gettext as _
from composer.proofreading.lost_pictures import glows, is_drawn, loss_of
from composer.rendering import gif, png
from composer.rendering.making import FORMATS, picture_of
from composer.rendering.media import MOST_BYTES
from composer.rendering.picture import Made, UnusablePicture
from composer.rendering.picture_words import (
    Container,
    FoundWords,
    PictureMetadata,
    WordsField,
    containers_of,
    has_position,
    offered_words,
    one_line,
)
from composer.rendering.xmp import RightsField

#: The box, in pixels of the page, for which a picture is kept: its width in pixels is at most twice that.
_WIDTH, _HEIGHT = 1280, 3000
#: Characters of a visitor's name for a file that are shown again.
_LONGEST_NAME = 80

_ORIENTATION, _GPS = 0x0112, 0x8825
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
_ONE_AT_A_TIME = Lock()  # a picture of 40 million pixels takes 160 MB while it is made


@dataclass(frozen=True)
class ArrivedPicture:
    """``name`` is the visitor's for the file, cleaned, to be shown; ``size`` and ``weight``, in bytes, are what came.
    ``pixels`` of ``made`` are those of what is kept."""

    name: str
    form: str
    size: tuple[int, int]
    weight: int
    made: Made
    pixels: tuple[int, int]
    is_turned: bool
    has_position: bool
    words: Mapping[WordsField, FoundWords]
    origins: Mapping[RightsField, Container]

    @property
    def content(self) -> bytes:
        """The file that is kept."""
        return self.made.medium.content

    @property
    def extension(self) -> str:
        return self.made.medium.name.rpartition(".")[2]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of ``content``."""
        return sha256(self.content).hexdigest()

    def in_the_dark(self, paper: str) -> str:
        """Why a version for the dark, on ``paper``, would serve the reader: ``faint``, ``bright``; empty for none."""
        medium = self.made.medium
        if loss_of(medium, paper) in ("faint", "letters"):
            return "faint"
        return "bright" if is_drawn(medium) and not medium.is_clear and glows(self.content) else ""


def arrived(name: str, content: bytes) -> ArrivedPicture:
    """The picture in ``content``. Raises ``UnusablePicture``, with what to do."""
    path = Path(shown_name(name))
    if len(content) > MOST_BYTES:
        raise too_heavy(name, len(content))
    if not content:
        raise UnusablePicture(path, _("picture {name}: the file is empty; export it again"))
    with _ONE_AT_A_TIME:
        try:
            made = picture_of(path, content, _WIDTH, _HEIGHT)
        except UnusablePicture as refusal:
            if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
                hint = _("on an iPhone: Settings, Camera, Formats, Most Compatible; or send the photograph by mail")
                raise UnusablePicture(path, f"{str(refusal).replace('{', '{{').replace('}', '}}')} ({hint})") from None
            raise
        return _looked_at(path.name, content, made)


def too_heavy(name: str, size: int) -> UnusablePicture:
    """The refusal of a file of ``size`` bytes."""
    message = _("picture {name}: {size} MB are too many; export it 1280 pixels wide")
    return UnusablePicture(Path(shown_name(name)), message, size=size // 1_000_000)


def shown_name(name: str) -> str:
    """A visitor's name for a file as it is shown: never a path, and no name of a file here."""
    bare = one_line(name.replace("\\", "/").rpartition("/")[2])
    return bare[-_LONGEST_NAME:].strip() or "?"


def _looked_at(name: str, content: bytes, made: Made) -> ArrivedPicture:
    readable, _left_out = png.spared(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(BytesIO(readable), formats=FORMATS) as image:
            image.load()
            exif = image.getexif()
            metadata = _metadata(image, exif, content)
            turned = exif.get(_ORIENTATION, 1) in range(2, 9)
            size = image.size[::-1] if exif.get(_ORIENTATION) in range(5, 9) else image.size
            position = has_position(metadata, exif.get_ifd(_GPS))
            form = "JPEG" if image.format == "MPO" else image.format or ""
        with Image.open(BytesIO(made.medium.content), formats=FORMATS) as kept:
            pixels = kept.size
    origins = containers_of(metadata)
    return ArrivedPicture(
        name, form, size, len(content), made, pixels, turned, position, offered_words(metadata), origins
    )


def _metadata(image: Image.Image, exif: Mapping[int, Any], content: bytes) -> PictureMetadata:
    packet = gif.xmp_packet(content) if image.format == "GIF" else image.info.get("xmp")
    texts = image.info if image.format == "PNG" else {}
    return PictureMetadata(packet, exif, image.info.get("photoshop", {}), texts)
