"""Words that a picture's file holds and that an editor may take over: what it shows, and its caption.

They are offered, never published. Of each, the first of XMP, IPTC-IIM, EXIF and a PNG's own texts that has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from composer.rendering import iim, png, xmp
from composer.rendering.rights import rights_in
from composer.rendering.xmp import RightsField, XmpProperty
from composer.source.reading import likeliest_text

WordsField = Literal["alt", "caption"]
#: Where words stand in a file.
Container = Literal["XMP", "IPTC", "EXIF", "PNG"]

_CORE = ("http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",)
#: IPTC Photo Metadata Standard 2025.1: Alt Text (Accessibility), Description.
_PROPERTIES: Mapping[WordsField, XmpProperty] = {
    "alt": XmpProperty("Iptc4xmpCore", "AltTextAccessibility", _CORE, "Alt"),
    "caption": XmpProperty("dc", "description", ("http://purl.org/dc/elements/1.1/",), "Alt"),
}
_CAPTION = 120  # IPTC-IIM 4.2, record 2
_DESCRIPTION = 0x010E  # EXIF 2.3, ImageDescription: ASCII, and what programs write in its place


@dataclass(frozen=True)
class FoundWords:
    words: str
    container: Container


@dataclass(frozen=True)
class PictureMetadata:
    """What a file holds beside its pixels, as Pillow gives it; ``texts`` are a PNG's own."""

    packet: bytes | None
    exif: Mapping[int, Any]
    photoshop: Mapping[int, Any]
    texts: Mapping[Any, Any]


def offered_words(metadata: PictureMetadata) -> dict[WordsField, FoundWords]:
    """What is said of the picture; none that is empty."""
    found: dict[WordsField, FoundWords] = {}
    for name, words, container in _offered(metadata):
        cleaned = xmp.clean(words)[: xmp.LONGEST_VALUE]
        if cleaned and name not in found:
            found[name] = FoundWords(cleaned, container)
    return found


def containers_of(metadata: PictureMetadata) -> dict[RightsField, Container]:
    """Where each of the file's rights stands."""
    parts: dict[Container, PictureMetadata] = {
        "XMP": PictureMetadata(_packet(metadata), {}, {}, {}),
        "IPTC": PictureMetadata(None, {}, metadata.photoshop, _raw(metadata.texts)),
        "EXIF": PictureMetadata(None, metadata.exif, {}, {}),
        "PNG": PictureMetadata(None, {}, {}, metadata.texts),
    }
    found: dict[RightsField, Container] = {}
    for container, part in parts.items():
        for name in rights_in(part.packet, part.exif, part.photoshop, part.texts).said:
            found.setdefault(name, container)
    return found


def one_line(words: str) -> str:
    """``words`` of a stranger in one line, without control characters."""
    return xmp.clean(words)


def has_position(metadata: PictureMetadata, gps: Mapping[int, Any]) -> bool:
    """Whether the file says where on earth it was taken; ``gps`` is EXIF's own directory of that."""
    packet = _packet(metadata) or b""
    return bool(gps) or b"GPSLatitude" in packet or b"GPSLongitude" in packet


def _offered(metadata: PictureMetadata) -> Iterator[tuple[WordsField, str, Container]]:
    try:
        said = xmp.read_properties(_packet(metadata) or b"", _PROPERTIES)
    except xmp.UnreadablePacket:  # said with the rights
        said = {}
    for name in get_args(WordsField):
        yield from ((name, words, "XMP") for words in said.get(name, ())[:1])
    block = iim.block_in(metadata.photoshop, metadata.texts)
    captions = (value for number, value in iim.datasets(block) if number == _CAPTION)
    yield from (("caption", likeliest_text(value), "IPTC") for value in captions)
    described = metadata.exif.get(_DESCRIPTION)
    if isinstance(described, str):
        yield "caption", likeliest_text(described.encode("latin-1", "replace")), "EXIF"
    written = metadata.texts.get("Description")
    if isinstance(written, str):
        yield "caption", written, "PNG"


def _packet(metadata: PictureMetadata) -> bytes | None:
    return metadata.packet or png.profile(metadata.texts, "xmp")


def _raw(texts: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Of a PNG's texts, those that hold the metadata of another format."""
    return {name: text for name, text in texts.items() if str(name).startswith("Raw profile type ")}
