"""Make a picture at its printed size, with Pillow.

A picture's name is the digest of its source and of the operations on it, never of the result: another version of
Pillow writes other bytes for the same picture, and a letter rendered there would use another address. Of a picture
with rights it is also that of the packet which carries them.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from composer.locale import gettext as _
from composer.rendering import gif, png, xmp
from composer.rendering.embedding import with_packet
from composer.rendering.images import RECIPE, compressed, has_profile, is_encoded_otherwise
from composer.rendering.model import Medium
from composer.rendering.picture import Made, UnusablePicture
from composer.rendering.rights import Rights, rights_in

#: Formats that are read. MPO is Pillow's name for some phones' JPEG files that contain a second picture.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
#: Pillow's name of a format → the format published.
PUBLISHED = {"PNG": ("png", "image/png"), "JPEG": ("jpg", "image/jpeg"), "GIF": ("gif", "image/gif")}

_FILM, _ARCHIVE = "film", "archive"

#: Formats that are not read: where their first bytes are, these bytes, and the name of the format.
_OTHERS = (
    *((4, b"ftyp" + brand, "HEIC") for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")),
    *((4, b"ftyp" + brand, "AVIF") for brand in (b"avif", b"avis")),
    *((0, order, "TIFF") for order in (b"II*\0", b"MM\0*")),
    *((0, order, "TIFF") for order in (b"II+\0", b"MM\0+")),
    (0, b"8BPS", "PSD"),
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "EPS"),
    (0, b"BM", "BMP"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"\0\0\0\x0cjP", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    *((0, start, "JPEG XL") for start in (b"\0\0\0\x0cJXL", b"\xff\x0a")),
    (4, b"ftypcrx", "RAW"),
)
#: The same of what is no picture.
_NO_PICTURES = (
    *((4, b"ftyp" + brand, _FILM) for brand in (b"isom", b"iso2", b"mp4", b"avc1", b"M4V", b"qt  ", b"3gp")),
    (0, b"\x1aE\xdf\xa3", _FILM),
    (0, b"PK\x03\x04", _ARCHIVE),
)

#: A picture with more pixels is a mistake or an attack: opening it would take 160 MB.
MOST_PIXELS = 40_000_000

#: The same over all frames of a picture that moves: it goes to readers as it is, and their client decodes each frame.
MOST_PIXELS_OF_FRAMES = 400_000_000

#: Screens have two or three pixels for each one of the page; beyond two, no difference is visible.
DENSITY = 2

#: The beginning of HTML, of XML, or of a server's answer in JSON.
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[!?a-z]|\{\s*\")", re.IGNORECASE)

_ROTATED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112


def picture_of(path: Path, content: bytes, width: int, height: int) -> Made:
    """The picture in ``content``, the bytes of ``path``, for a box of ``width`` x ``height`` pixels of the page.

    Raises ``UnusablePicture``.
    """
    readable, packet_left_out = png.spared(content)
    too_large = _("picture {name}: {size} pixels are too many; export it 1280 pixels wide")
    try:
        # Pillow warns about a large picture before it refuses one: our own limit below covers both.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(readable), formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise UnusablePicture(path, too_large, size=f"{image.width} × {image.height}")
                made = _made_of(path, content, image, width, height)
                if packet_left_out:
                    made = replace(made, rights=replace(made.rights, lost=(*made.rights.lost, "large")))
                return made
    except Image.DecompressionBombError as error:
        raise UnusablePicture(path, too_large, size="> 10⁸") from error
    except UnidentifiedImageError as error:
        raise _unread(path, content) from error
    except (OSError, SyntaxError, ValueError) as error:  # the three exceptions by which Pillow reports a damaged file
        raise UnusablePicture(path, _("picture {name}: the file is damaged; export it again")) from error


def _unread(path: Path, content: bytes) -> UnusablePicture:
    """What ``content`` is, where its first bytes say so: an extension may lie."""
    if content.startswith(b"version https://git-lfs"):
        message = _("picture {name}: git keeps a note in its place (Git LFS); fetch it: git lfs pull")
        return UnusablePicture(path, message)
    if _is_svg(content) or path.suffix.lower() in (".svg", ".svgz"):
        message = _("picture {name}: Gmail and Outlook do not show SVG; export it as PNG, 1280 pixels wide")
        return UnusablePicture(path, message)
    if _MARKUP.match(content[:1000]):
        message = _("picture {name}: a page, or a site's refusal, was saved in its place; download the picture again")
        return UnusablePicture(path, message)
    kind = next((name for at, start, name in (*_OTHERS, *_NO_PICTURES) if content.startswith(start, at)), None)
    if kind == _FILM:
        message = _("picture {name}: this is a film, and no mail client plays it; give a still as JPEG, and a link")
        return UnusablePicture(path, message)
    if kind == _ARCHIVE:
        message = _("picture {name}: this is a document or an archive (ZIP); export its picture as JPEG or PNG")
        return UnusablePicture(path, message)
    if kind is None:
        message = _("picture {name}: this is no PNG, JPEG, GIF or WebP picture; export it again")
        return UnusablePicture(path, message)
    message = _("picture {name}: this is a file in {kind}, which not all mail clients show; export it as JPEG or PNG")
    return UnusablePicture(path, message, kind=kind)


def _is_svg(content: bytes) -> bool:
    start = content[:4000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith(b"<") and b"<svg" in start and b"<html" not in start


def _made_of(path: Path, content: bytes, image: Image.Image, width: int, height: int) -> Made:
    moves = image.format != "MPO" and getattr(image, "is_animated", False)
    if moves and image.format != "GIF":
        message = _("picture {name}: only GIF moves in every mail client; export it as GIF, or as a still PNG")
        raise UnusablePicture(path, message)
    if moves and (frames := getattr(image, "n_frames", 1)) * image.width * image.height > MOST_PIXELS_OF_FRAMES:
        message = _("picture {name}: {frames} frames of {size} pixels are too many; export it smaller, or shorter")
        raise UnusablePicture(path, message, frames=frames, size=f"{image.width} × {image.height}")
    image.load()
    rights = _rights(image, content)
    natural = image.size
    if image.getexif().get(_ORIENTATION) in _ROTATED:
        natural = natural[::-1]
    page, pixels = _fit(natural, width, height), natural
    is_guessed = image.mode == "CMYK" and not has_profile(image)
    if moves:
        result, form = gif.stripped(content), "GIF"
    else:
        pixels = _fit(natural, width * DENSITY, height * DENSITY)
        result, form = compressed(image, *pixels)
    extension, type_ = PUBLISHED[form]
    recipe = f"{RECIPE} {pixels[0]}x{pixels[1]} ".encode()
    recipe += sha256(content).digest()
    if image.mode == "P" and {"icc_profile", "transparency"} & set(image.info) == {"icc_profile"}:
        recipe += b"palette in sRGB"  # its profile was once ignored; every other picture keeps its address
    if is_encoded_otherwise(image):
        recipe += b"gamma"  # it was once ignored too
    if rights.said:
        packet = xmp.packet_of(rights.said)
        result, recipe = with_packet(result, form, packet), recipe + sha256(packet).digest()
    name = sha256(recipe).hexdigest()[:32]
    return Made(Medium(f"{name}.{extension}", result, type_, path.name), *page, rights, is_guessed)


def _rights(image: Image.Image, content: bytes) -> Rights:
    """What the file ``content`` says of its rights; ``image`` is loaded from it."""
    packet = gif.xmp_packet(content) if image.format == "GIF" else image.info.get("xmp")
    texts = image.info if image.format == "PNG" else None
    return rights_in(packet, image.getexif(), image.info.get("photoshop", {}), texts)


def _fit(natural: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """``natural`` scaled down to fit, never enlarged, and at least one pixel."""
    scale = min(1.0, width / natural[0], height / natural[1])
    return max(1, round(natural[0] * scale)), max(1, round(natural[1] * scale))
