"""What a picture's file says of its rights: all of its metadata that is published.

French law protects this information (CPI, art. L331-11); the rest, a position, a device, a thumbnail, is left out.
Read are XMP, then IPTC-IIM in a JPEG or a PNG, then EXIF, then a PNG's own texts: for each field the first of them
that has it. Published is XMP alone.

BUGS: a C2PA manifest is neither read nor carried (the pixels are made anew, it would be void); a licensor's address
(PLUS) is not carried.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from composer.rendering import iim, png, xmp
from composer.rendering.xmp import Loss, RightsField
from composer.source.reading import likeliest_text

#: The concepts that say generative AI made a picture or a part of it, in the vocabulary of 23 October 2024
#: (cv.iptc.org/newscodes/digitalsourcetype). Not among them: algorithmicMedia, made without training data;
#: algorithmicallyEnhanced; composite and virtualRecording, in which AI may have had a part or not.
AI_SOURCES = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic")

_SOURCE = re.compile(r"(?:https?://cv\.iptc\.org/newscodes/digitalsourcetype/|digsrctype:)?([A-Za-z]{1,60})/?")
_ARTIST, _COPYRIGHT = 0x013B, 0x8298
#: IPTC-IIM 4.2, record 2: by-line, credit, copyright notice.
_IIM: Mapping[int, RightsField] = {80: "creators", 110: "credit", 116: "copyright"}
#: Keywords of a PNG's texts (PNG, third edition, section 11.3.3.1; `Artist` is ExifTool's).
_TEXTS: tuple[tuple[str, RightsField], ...] = (
    ("Author", "creators"),
    ("Artist", "creators"),
    ("Copyright", "copyright"),
)


@dataclass(frozen=True)
class Rights:
    """``said``: field → its values, as published. ``lost``: why some of what the file says is not."""

    said: Mapping[RightsField, tuple[str, ...]] = field(default_factory=dict)
    lost: tuple[Loss, ...] = ()

    @property
    def ai(self) -> str | None:
        """The concept of ``AI_SOURCES`` that the file names; None if it names none."""
        found = _SOURCE.fullmatch(self.said.get("source_type", ("",))[0])
        return next((each for each in AI_SOURCES if found and each.lower() == found[1].lower()), None)


def rights_in(
    packet: bytes | None, exif: Mapping[int, Any], photoshop: Mapping[int, Any], texts: Mapping[Any, Any] | None = None
) -> Rights:
    """The rights said by an XMP ``packet``, EXIF, the resources of a JPEG's Photoshop block, and a PNG's ``texts``.

    What a program that turns a JPEG into a PNG keeps of the first three stands among the texts.
    """
    texts = texts or {}
    packet = packet or png.profile(texts, "xmp")
    lost: list[Loss] = []
    said: dict[RightsField, tuple[str, ...]] = {}
    try:
        said = xmp.read_packet(packet or b"")
    except xmp.UnreadablePacket as unreadable:
        lost.append(unreadable.loss)
    block = iim.block_in(photoshop, texts)
    for older in (_in_iim(block), _in_exif(exif), _in_texts(texts)):
        said = {**older, **said}
    kept = xmp.cut(said)
    if kept != said:
        lost.append("cut")
    return Rights(kept, tuple(lost))


def _in_iim(block: bytes) -> dict[RightsField, tuple[str, ...]]:
    said: dict[RightsField, tuple[str, ...]] = {}
    for dataset, value in iim.datasets(block):
        if (name := _IIM.get(dataset)) and (words := xmp.clean(likeliest_text(value))):
            said[name] = (*said.get(name, ()), words) if name == "creators" else said.get(name, (words,))
    return said


def _in_exif(exif: Mapping[int, Any]) -> dict[RightsField, tuple[str, ...]]:
    said: dict[RightsField, tuple[str, ...]] = {}
    if artists := _listed(exif.get(_ARTIST), ";"):
        said["creators"] = artists
    if notices := _listed(exif.get(_COPYRIGHT), "\0"):  # the photographer's, then the editor's
        said["copyright"] = (", ".join(notices),)
    return said


def _in_texts(texts: Mapping[Any, Any]) -> dict[RightsField, tuple[str, ...]]:
    said: dict[RightsField, tuple[str, ...]] = {}
    for keyword, name in _TEXTS:
        words = xmp.clean(text) if isinstance(text := texts.get(keyword), str) else ""
        if words:
            said.setdefault(name, (words,))
    return said


def _listed(value: object, separator: str) -> tuple[str, ...]:
    if not isinstance(value, str):
        return ()
    written = likeliest_text(value.encode("latin-1", "replace"))  # Pillow decodes as Latin-1; many programs write UTF-8
    return tuple(words for each in written.split(separator) if (words := xmp.clean(each)))
