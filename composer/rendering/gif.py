"""GIF: remove what is not displayed (comments, XMP), read and insert an XMP packet. Frames are unchanged."""

from __future__ import annotations

from collections.abc import Iterator

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_COMMENT, _PLAIN_TEXT, _APPLICATION = 0xFE, 0x01, 0xFF
#: Application extensions that mail clients use: the number of loops.
_HEEDED = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_XMP = b"XMP DataXMP"
#: Follows an XMP packet: whichever byte of the packet is taken for the size of a block, it leads to the last zero.
_MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def stripped(content: bytes) -> bytes:
    """``content`` without comments, other application data, and anything after its trailer (GIF89a, sections 17-27).

    Raises ``ValueError`` where it is not a complete GIF.
    """
    try:
        return b"".join(_kept(content))
    except IndexError as error:
        raise ValueError("the GIF ends too early") from error


def xmp_packet(content: bytes) -> bytes | None:
    """The XMP packet in ``content``; None where it has none or is not a complete GIF."""
    try:
        for start, end in _parts(content):
            if content[start] == _EXTENSION and content[start + 3 : start + 14] == _XMP:
                return content[start + 14 : end].removesuffix(_MAGIC)
    except (IndexError, ValueError):
        pass
    return None


def with_packet(content: bytes, packet: bytes) -> bytes:
    """``content``, as ``stripped`` returns it, with ``packet``, which holds no zero byte, before its trailer."""
    extension = bytes((_EXTENSION, _APPLICATION, len(_XMP))) + _XMP + packet + _MAGIC
    return b"GIF89a" + content[6:-1] + extension + content[-1:]  # GIF87a has no extensions


def _kept(content: bytes) -> Iterator[bytes]:
    yield content[: _first(content)]
    for start, end in _parts(content):
        if content[start] == _EXTENSION:
            kind, name = content[start + 1], content[start + 3 : start + 3 + content[start + 2]]
            if kind in (_COMMENT, _PLAIN_TEXT) or (kind == _APPLICATION and name not in _HEEDED):
                continue
        yield content[start:end]
    yield bytes((_TRAILER,))


def _first(content: bytes) -> int:
    """The offset after the header and the global colour table."""
    return 13 + _table(content[10])


def _parts(content: bytes) -> Iterator[tuple[int, int]]:
    """Where each extension and each image begins and ends. Raises ``IndexError`` or ``ValueError`` for no whole GIF."""
    at = _first(content)
    while (label := content[at]) != _TRAILER:
        start = at
        if label == _EXTENSION:
            at = _blocks(content, at + 2)
        elif label == _IMAGE:
            at = _blocks(content, at + 10 + _table(content[at + 9]) + 1)
        else:
            raise ValueError("no GIF block begins here")
        yield start, at


def _table(packed: int) -> int:
    """Size in bytes of the colour table that the packed field of a descriptor announces."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _blocks(content: bytes, at: int) -> int:
    """The offset after the chain of sub-blocks that begins at ``at``."""
    while size := content[at]:
        at += size + 1
    return at + 1
