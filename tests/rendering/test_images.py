"""Pictures as they are published: upright, true to their colours, and silent about where they were taken."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat
from PIL.PngImagePlugin import PngInfo

from composer.errors import Refused
from composer.rendering import gif
from composer.rendering.images import compressed
from composer.rendering.media import made_picture
from composer.rendering.model import Medium
from tests.rendering.support.sample_editions import picture

SECRET = b"Quai des Brumes, 48.0, -4.1"


def _shown(medium: Medium) -> Image.Image:
    return Image.open(BytesIO(medium.content))


def _photograph(width: int = 1600, height: int = 900) -> Image.Image:
    """Every colour, and grain."""
    ramp = Image.linear_gradient("L").resize((width, height))
    noise = Image.effect_noise((width, height), 40)
    return Image.merge("RGB", (ramp, ImageChops.add(ramp, noise, 2), noise))


def _distance(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).rms)


def test_a_telephone_s_picture_stands_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "white")
    image.paste("black", (0, 0, 20, 20))
    exif = image.getexif()
    exif[0x0112] = 6  # its top is to the right
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    made = made_picture(tmp_path / "a.jpg", 640)
    assert (made.width, made.height) == (20, 40)
    shown = _shown(made.medium).convert("L")
    assert shown.size == (20, 40)
    assert (shown.getpixel((10, 5)), shown.getpixel((10, 35))) == (0, 255)


def _with_secrets(path: Path) -> Path:
    image = _photograph(300, 200)
    exif = image.getexif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    exif.get_ifd(0x8825)[29] = SECRET.decode()
    match path.suffix:
        case ".png":
            notes = PngInfo()
            notes.add_text("Comment", SECRET.decode())
            image.save(path, exif=exif, pnginfo=notes)
        case ".jpg":
            image.save(path, exif=exif, comment=SECRET, xmp=SECRET, quality=40)
        case ".webp":
            image.save(path, exif=exif, xmp=SECRET)
    return path


@pytest.mark.parametrize("width", [640, 100])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_nothing_tells_where_it_was_taken(name: str, width: int, tmp_path: Path) -> None:
    path = _with_secrets(tmp_path / name)
    assert SECRET in path.read_bytes()
    medium = made_picture(path, width).medium
    assert SECRET not in medium.content
    assert b"Exif" not in medium.content
    assert not _shown(medium).getexif()


def test_a_photograph_is_a_progressive_jpeg_and_lighter(tmp_path: Path) -> None:
    _photograph().save(tmp_path / "a.jpg", quality=97)
    medium = made_picture(tmp_path / "a.jpg", 640).medium
    assert _shown(medium).info["progressive"]
    assert len(medium.content) < (tmp_path / "a.jpg").stat().st_size / 2


def test_what_was_compressed_before_neither_grows_nor_fades(tmp_path: Path) -> None:
    _photograph(800, 400).save(tmp_path / "a.jpg", quality=40)
    content = made_picture(tmp_path / "a.jpg", 640).medium.content
    assert len(content) <= (tmp_path / "a.jpg").stat().st_size
    assert _distance(Image.open(BytesIO(content)), Image.open(tmp_path / "a.jpg")) < 1


def test_a_drawing_takes_a_palette_and_keeps_its_look(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", 2000, 1000)
    shown = _shown(made_picture(path, 640).medium)
    assert shown.mode == "P"
    exact = Image.open(path).resize((1280, 640), Image.Resampling.LANCZOS)
    assert _distance(shown, exact) < 1.5


def test_a_png_of_few_colours_is_published_as_it_was_drawn(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", 1280, 640)
    shown = _shown(made_picture(path, 640).medium)
    assert shown.mode == "P"
    assert _distance(shown, Image.open(path)) == 0


def test_a_photograph_in_png_takes_no_palette(tmp_path: Path) -> None:
    _photograph(600, 300).save(tmp_path / "a.png")
    shown = _shown(made_picture(tmp_path / "a.png", 640).medium)
    assert shown.mode == "RGB"
    assert _distance(shown, Image.open(tmp_path / "a.png")) == 0


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_what_is_transparent_stays_transparent(mode: str, tmp_path: Path) -> None:
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    image.paste((200, 30, 30, 255), (10, 10, 50, 30))
    if mode in ("P", "PA"):
        image = image.quantize(16, Image.Quantize.FASTOCTREE)
    elif mode == "LA":
        image = image.convert("LA")
    image.save(tmp_path / "a.png")
    shown = _shown(made_picture(tmp_path / "a.png", 640).medium).convert("RGBA")
    alpha = shown.getchannel("A")
    assert (alpha.getpixel((0, 0)), alpha.getpixel((30, 20))) == (0, 255)


def test_a_transparent_webp_becomes_a_png(tmp_path: Path) -> None:
    Image.new("RGBA", (60, 40), (10, 10, 10, 100)).save(tmp_path / "a.webp")
    assert made_picture(tmp_path / "a.webp", 640).medium.type == "image/png"


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "I;16"])
def test_unusual_pixels_come_out_as_they_look(mode: str, tmp_path: Path) -> None:
    grey = Image.linear_gradient("L")
    image = grey.convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else grey.convert(mode)
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    image.save(path)
    shown = _shown(made_picture(path, 640).medium)
    assert shown.mode in ("L", "RGB", "P")
    assert _distance(shown, grey if mode == "I;16" else image) < 3


@pytest.mark.parametrize("palette", [False, True])
def test_a_wide_profile_is_turned_into_srgb(palette: bool, tmp_path: Path) -> None:
    """A profile whose red and green change places: who drops it without heeding it shows the wrong colours."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    swapped = bytearray(profile)
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
    image = Image.new("RGB", (20, 20), (255, 0, 0))
    (image.quantize(4) if palette else image).save(tmp_path / "a.png", icc_profile=bytes(swapped))
    shown = _shown(made_picture(tmp_path / "a.png", 640).medium)
    assert "icc_profile" not in shown.info
    colour = shown.convert("RGB").getpixel((5, 5))
    assert isinstance(colour, tuple)
    assert colour[1] > 200 > 60 > colour[0]


def test_a_png_of_another_gamma_is_published_as_browsers_show_it(tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add(b"gAMA", (100_000).to_bytes(4))
    Image.new("RGBA", (20, 20), (55, 255, 0, 55)).save(tmp_path / "a.png", pnginfo=notes)
    assert _shown(made_picture(tmp_path / "a.png", 640).medium).convert("RGBA").getpixel((5, 5)) == (127, 255, 0, 55)


def test_a_profile_that_is_none_is_left_out(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), (250, 10, 10)).save(tmp_path / "a.png", icc_profile=b"no profile")
    assert _shown(made_picture(tmp_path / "a.png", 640).medium).convert("RGB").getpixel((5, 5)) == (250, 10, 10)


def test_a_telephone_s_double_picture_is_one(tmp_path: Path) -> None:
    first, second = _photograph(300, 200), Image.new("RGB", (30, 20))
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    with Image.open(tmp_path / "a.jpg") as double:
        assert double.format == "MPO"
    shown = _shown(made_picture(tmp_path / "a.jpg", 640).medium)
    assert (shown.format, shown.size) == ("JPEG", (300, 200))


def test_a_film_keeps_its_frames_and_loses_its_notes(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (900, 40), colour) for colour in ("red", "green", "blue", "white")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=120, loop=3, comment=SECRET)
    content = (tmp_path / "a.gif").read_bytes()
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes((len(SECRET),)) + SECRET + b"\0"
    (tmp_path / "a.gif").write_bytes(content[:-1] + xmp + content[-1:] + SECRET)
    made = made_picture(tmp_path / "a.gif", 640)
    assert (made.width, made.medium.type) == (640, "image/gif")
    assert SECRET not in made.medium.content
    shown, drawn = _shown(made.medium), Image.open(BytesIO(content))
    assert (getattr(shown, "n_frames", 1), shown.info["loop"], shown.size) == (4, 3, (900, 40))
    for number in range(4):
        shown.seek(number)
        drawn.seek(number)
        assert shown.info["duration"] == 120
        assert shown.convert("RGB").tobytes() == drawn.convert("RGB").tobytes()


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"GIF89a" + bytes(7), b"GIF89a" + bytes(7) + b"\x99\x00"])
def test_what_is_no_whole_film_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="GIF"):
        gif.stripped(content)


@pytest.mark.slow
def test_the_same_source_gives_the_same_bytes_here(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", 1500, 700)
    assert compressed(Image.open(path), 1280, 597) == compressed(Image.open(path), 1280, 597)


@pytest.mark.slow
def test_a_picture_that_moves_has_a_limit_over_all_its_frames(tmp_path: Path) -> None:
    """Thirty frames of 6,000 by 6,000 are 800 KB, and a gigabyte for who opens the letter."""
    path = tmp_path / "a.gif"
    frames = [Image.new("P", (4000, 4000), colour) for colour in range(26)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(Refused, match="26 frames of 4000 × 4000 pixels"):
        made_picture(path, 640)
    frames[0].save(path, save_all=True, append_images=frames[1:3], duration=100)
    assert made_picture(path, 640).medium.type == "image/gif"
