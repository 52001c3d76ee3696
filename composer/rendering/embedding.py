"""Insert an XMP packet into a picture as published; no other byte of it changes."""

from __future__ import annotations

from zlib import crc32

from composer.rendering import gif

_JPEG_NAME = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_NAME = b"XML:com.adobe.xmp\0\0\0\0\0"  # not compressed, no language, no translated keyword
_PNG_HEADER = 8 + 25  # the signature and IHDR


def with_packet(content: bytes, form: str, packet: bytes) -> bytes:
    """``content``, made here as a file of ``form`` (JPEG, PNG or GIF), with ``packet`` (XMP specification, part 3)."""
    if form == "JPEG":
        # A JFIF header comes first, directly after the two bytes that begin the file.
        at = 4 + int.from_bytes(content[4:6]) if content[2:4] == b"\xff\xe0" else 2
        body = _JPEG_NAME + packet
        added = b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body
    elif form == "PNG":
        at, body = _PNG_HEADER, b"iTXt" + _PNG_NAME + packet
        added = (len(body) - 4).to_bytes(4) + body + crc32(body).to_bytes(4)
    else:
        return gif.with_packet(content, packet)
    return content[:at] + added + content[at:]
