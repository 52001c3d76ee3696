"""GIF: remove what is not displayed (comments, XMP). Frames and their timing are unchanged."""

from __future__ import annotations

from collections.abc import Iterator

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_COMMENT, _PLAIN_TEXT, _APPLICATION = 0xFE, 0x01, 0xFF
#: Application extensions that mail clients use: the number of loops.
_HEEDED = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def stripped(content: bytes) -> bytes:
    """``content`` without comments, other application data, and anything after its trailer (GIF89a, sections 17-27).

    Raises ``ValueError`` where it is not a complete GIF.
    """
    try:
        return b"".join(_kept(content))
    except IndexError as error:
        raise ValueError("the GIF ends too early") from error


def _kept(content: bytes) -> Iterator[bytes]:
    at = 13 + _table(content[10])
    yield content[:at]
    while (label := content[at]) != _TRAILER:
        start = at
        if label == _EXTENSION:
            kind, name = content[at + 1], content[at + 3 : at + 3 + content[at + 2]]
            at = _blocks(content, at + 2)
            foreign = kind == _APPLICATION and name not in _HEEDED
            if kind in (_COMMENT, _PLAIN_TEXT) or foreign:
                continue
        elif label == _IMAGE:
            at = _blocks(content, at + 10 + _table(content[at + 9]) + 1)
        else:
            raise ValueError("no GIF block begins here")
        yield content[start:at]
    yield bytes((_TRAILER,))


def _table(packed: int) -> int:
    """Size in bytes of the colour table that the packed field of a descriptor announces."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _blocks(content: bytes, at: int) -> int:
    """The offset after the chain of sub-blocks that begins at ``at``."""
    while size := content[at]:
        at += size + 1
    return at + 1
