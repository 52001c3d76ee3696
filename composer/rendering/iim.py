"""IPTC-IIM 4.2: the datasets of record 2 that a JPEG's Photoshop block holds, or a PNG's text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from composer.rendering import png

_IPTC = 0x0404  # the resource of a Photoshop block that holds IPTC-IIM


def block_in(photoshop: Mapping[int, Any], texts: Mapping[Any, Any]) -> bytes:
    """The datasets among the resources of a Photoshop block, else among a PNG's texts; empty without any."""
    block = photoshop.get(_IPTC)
    return block if isinstance(block, bytes) else resource(png.profile(texts, "iptc", "8bim") or b"")


def resource(block: bytes) -> bytes:
    """IPTC-IIM, where it begins a Photoshop block also: its resource has an empty name, padded, and a size."""
    start = b"8BIM" + _IPTC.to_bytes(2) + b"\0\0"
    return block[len(start) + 4 :] if block.startswith(start) else block


def datasets(block: bytes) -> Iterator[tuple[int, bytes]]:
    """The datasets of record 2. One longer than 32,767 bytes, which none of ours is, ends the reading."""
    at = 0
    while block[at : at + 1] == b"\x1c" and (size := int.from_bytes(block[at + 3 : at + 5])) < 0x8000:
        if block[at + 1 : at + 2] == b"\x02" and at + 5 + size <= len(block):
            yield block[at + 2], block[at + 5 : at + 5 + size]
        at += 5 + size
