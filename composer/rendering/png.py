"""PNG: leave out texts that would make Pillow refuse the whole picture; read a profile that is written as a text."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_TEXTS = (b"tEXt", b"zTXt", b"iTXt")

#: How a text that holds an XMP packet begins.
_PACKETS = (b"XML:com.adobe.xmp\0", b"Raw profile type xmp\0")

#: Pillow refuses a file with a compressed text of more bytes, or with 64 MiB of texts.
_MOST_OF_ONE = 1_048_576
_MOST_OF_ALL = 32_000_000


def spared(content: bytes) -> tuple[bytes, bool]:
    """``content`` without texts too large to be read; whether an XMP packet was among them.

    No more than 33 MB are decompressed. What is no PNG, and a PNG without such a text, comes back as it is.
    """
    if not content.startswith(SIGNATURE):
        return content, False
    kept, at, room, packet = [SIGNATURE], len(SIGNATURE), _MOST_OF_ALL, False
    while at < len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4])
        kind = content[at + 4 : at + 8]
        size = _size(kind, content[at + 8 : end - 4], room) if kind in _TEXTS else None
        if size is not None and (size > room or (size > _MOST_OF_ONE and kind != b"tEXt")):
            packet = packet or content.startswith(_PACKETS, at + 8)
        else:
            kept.append(content[at:end])
        room -= size or 0
        at = end
    return b"".join(kept), packet


def _size(kind: bytes, text: bytes, room: int) -> int:
    """Bytes of a text as Pillow reads it; of a compressed one, no more than its limit and one are unpacked."""
    keyword, _nul, rest = text.partition(b"\0")
    if kind == b"zTXt":
        packed = rest[1:]
    elif kind == b"iTXt" and rest[:1] not in (b"\0", b""):
        packed = rest[2:].split(b"\0", 2)[-1]
    else:
        return len(text)
    if room <= 0:
        return _MOST_OF_ONE + 1
    try:
        return len(keyword) + len(zlib.decompressobj().decompress(packed, _MOST_OF_ONE + 1))
    except zlib.error:
        return len(text)


def profile(texts: Mapping[Any, Any], *names: str) -> bytes | None:
    """The first of ``names`` that is among ``texts`` as programs write it that turn a JPEG into a PNG: its name, its
    size in bytes, then the bytes themselves in hexadecimal, in lines; None without one, or without its bytes.
    """
    for name in names:
        text = texts.get(f"Raw profile type {name}")
        if isinstance(text, str):
            try:
                return bytes.fromhex("".join(text.strip().split("\n")[2:]))
            except ValueError:
                continue
    return None
