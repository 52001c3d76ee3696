"""Convert a picture for publication: upright, in sRGB, at most a given size, without EXIF.

A PNG stays a PNG (drawings, screenshots), a JPEG a JPEG (photographs). WebP is converted to one of them: Outlook on
Windows does not show it.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

#: Part of every picture's name. Raise it with any change to this module: the same source then gets a new name.
RECIPE = 1

JPEG_QUALITY = 82
#: A palette is used where the picture stays this close to the original (root mean square, of 255).
_PALETTE_ERROR = 1.5
_COLOURS = 256

#: Gamma of a file that is near enough to a screen's to be left alone, times a screen's; and that of a screen.
_AS_A_SCREEN, _SCREEN = (0.95, 1.05), 2.2


def compressed(image: Image.Image, width: int, height: int) -> tuple[bytes, str]:
    """``image``, opened by Pillow, as a file of ``width`` x ``height`` pixels; and Pillow's name of its format."""
    source = image.format
    kept = source == "JPEG" and _untouched(image, width, height)
    clean = _resized(_plain(image), width, height)
    clean.info = {}  # Pillow would write some of it again: JPEG comments, colour profiles
    if source in ("JPEG", "MPO") or (source == "WEBP" and clean.mode in ("L", "RGB")):
        photograph = clean if clean.mode in ("L", "RGB") else clean.convert("RGB")
        return _jpeg(photograph, image if kept else None), "JPEG"
    return _png(clean), "PNG"


def _untouched(image: Image.Image, width: int, height: int) -> bool:
    """True if the pixels are published unchanged: compressing them again could make the file larger."""
    upright = image.getexif().get(0x0112, 1) == 1
    plain = image.mode in ("L", "RGB") and "icc_profile" not in image.info
    return upright and plain and image.size == (width, height)


def _plain(image: Image.Image) -> Image.Image:
    """``image`` upright, in sRGB, as L, RGB or RGBA."""
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):
        upright = upright.point(lambda value: value / 256).convert("L")
    if upright.mode in ("LA", "PA", "La", "RGBa") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
    elif upright.mode in ("1", "P"):
        upright = upright.convert("L" if upright.mode == "1" else "RGB")
    if profile and upright.mode in ("L", "RGB", "RGBA", "CMYK"):
        upright = _to_srgb(upright, profile)
    elif is_encoded_otherwise(image) and upright.mode in ("L", "RGB", "RGBA"):
        upright = _as_on_a_screen(upright, image.info["gamma"])
    if upright.mode not in ("L", "RGB", "RGBA"):
        upright = upright.convert("RGB")
    if upright.mode == "RGBA" and upright.getchannel("A").getextrema()[0] == 255:
        upright = upright.convert("RGB")
    return upright


def is_encoded_otherwise(image: Image.Image) -> bool:
    """Whether a PNG says by its gamma alone that a screen does not show its values as they are (`gAMA`)."""
    gamma, says_more = image.info.get("gamma"), {"icc_profile", "srgb"} & set(image.info)
    least, most = _AS_A_SCREEN
    return isinstance(gamma, float) and gamma > 0 and not says_more and not least <= gamma * _SCREEN <= most


def _as_on_a_screen(image: Image.Image, gamma: float) -> Image.Image:
    """``image`` as browsers show it: dull, or too dark, without."""
    curve = [round(255 * (value / 255) ** (1 / (gamma * _SCREEN))) for value in range(256)]
    bands = image.split()
    turned = [band if name == "A" else band.point(curve) for name, band in zip(image.getbands(), bands, strict=True)]
    return Image.merge(image.mode, turned)


def has_profile(image: Image.Image) -> bool:
    """Whether the file says what its colours are, in a profile that fits them."""
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(image.info.get("icc_profile") or b""))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return False
    return given.profile.xcolor_space.strip() == image.mode


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert to sRGB: phones use wider colour spaces, and without their profile colours would look dull."""
    try:
        given, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        if image.mode == "RGBA":
            opaque = ImageCms.profileToProfile(image.convert("RGB"), given, srgb)
            assert opaque is not None
            opaque.putalpha(image.getchannel("A"))
            return opaque
        turned = ImageCms.profileToProfile(image, given, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):  # ignore a profile that does not fit its picture
        return image
    assert turned is not None
    return turned


def _resized(image: Image.Image, width: int, height: int) -> Image.Image:
    if image.size == (width, height):
        return image.copy()
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _jpeg(image: Image.Image, source: Image.Image | None) -> bytes:
    """A progressive JPEG, the smaller of two; ``source`` is the picture as already compressed, None if unusable."""
    again = _saved(image, "JPEG", quality=JPEG_QUALITY, progressive=True)
    if source is None:
        return again
    source.info = {}
    kept = _saved(source, "JPEG", quality="keep", progressive=True, exif=b"", comment=b"")
    return min(again, kept, key=len)


def _png(image: Image.Image) -> bytes:
    """A PNG with all colours or with a palette that looks the same, whichever is smaller."""
    found = [_saved(image, "PNG")]
    if image.mode == "L":
        return found[0]
    method = Image.Quantize.FASTOCTREE if image.mode == "RGBA" else Image.Quantize.MEDIANCUT
    palette = image.quantize(_COLOURS, method, dither=Image.Dither.NONE)
    if max(ImageStat.Stat(ImageChops.difference(image, palette.convert(image.mode))).rms) <= _PALETTE_ERROR:
        found.append(_saved(palette, "PNG"))
    return min(found, key=len)


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, form, optimize=True, **options)
    return file.getvalue()
