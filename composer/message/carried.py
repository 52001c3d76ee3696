"""Pictures that a message carries itself (RFC 2387, 2392), for a letter with pictures not published yet: a test."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

#: Right side of every Content-ID; it names no host.
_DOMAIN = "carried.invalid"


@dataclass(frozen=True)
class CarriedPicture:
    """``url``: its address in the HTML; ``name``: ASCII letters, digits, hyphens and dots; ``type``: of the file."""

    url: str
    name: str
    type: str
    content: bytes

    @property
    def content_id(self) -> str:
        return f"{self.name}@{_DOMAIN}"


def pointing_inside(html: str, pictures: Sequence[CarriedPicture]) -> str:
    """``html`` with the address of each picture replaced by that of its part."""
    for picture in pictures:
        html = html.replace(picture.url, f"cid:{picture.content_id}")
    return html


def related_head(boundary: str) -> bytes:
    """What begins the part of an HTML text with its pictures: the first of its parts follows."""
    return (
        f'Content-Type: multipart/related; type="text/html";\r\n boundary="{boundary}"\r\n\r\n--{boundary}\r\n'
    ).encode()


def picture_parts(boundary: str, pictures: Sequence[CarriedPicture]) -> bytes:
    """The pictures, and the end of that part; what stands before it ends with CRLF."""
    parts = []
    for picture in pictures:
        encoded = b64encode(picture.content)
        lines = [encoded[start : start + 76] for start in range(0, len(encoded), 76)]
        head = (
            f"--{boundary}\r\nContent-Type: {picture.type}\r\nContent-Transfer-Encoding: base64\r\n"
            f"Content-ID: <{picture.content_id}>\r\n"
            f'Content-Disposition: inline;\r\n filename="{picture.name}"\r\n\r\n'
        )
        parts.append(head.encode() + b"\r\n".join(lines) + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()
