"""The return path of each message (VERP), which identifies its subscriber and mailing: encode and decode it.

Five bytes of subscriber, three of mailing and eight of HMAC-SHA-256, in base32: bounces may change upper and lower
case, and a forged return path is not accepted. It is also the left side of Message-ID, which survives in complaints
where the return path does not.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32decode, b32encode
from hashlib import sha256

_LOCAL = re.compile(r"b-([a-z2-7]{26})")


def return_path(subscriber: int, mailing: int, key: bytes) -> str:
    """The local part, 28 characters. Raises ``OverflowError`` beyond 2**40 subscribers or 2**24 mailings."""
    packed = subscriber.to_bytes(5) + mailing.to_bytes(3)
    mac = hmac.digest(key, b"filigrane return path\0" + packed, sha256)[:8]
    return "b-" + b32encode(packed + mac).decode().rstrip("=").lower()


def leaving_address(local: str) -> str:
    """The local part of the address for leaving by mail, of the reader and mailing of a return path's ``local``.

    It holds the same bytes: where one of them is read, the other is (RFC 2369 3.2; never in a body).
    """
    return "u-" + local.removeprefix("b-")


def read_return_path(local: str, *keys: bytes) -> tuple[int, int] | None:
    """(subscriber, mailing) of a local part that ``return_path`` made with one of ``keys``; None for any other.

    Former keys too: bounces and complaints come back for weeks after a key was replaced.
    """
    match = _LOCAL.fullmatch(local.lower()) if local.isascii() else None
    if match is None:
        return None
    packed = b32decode(match[1].upper() + "======")
    subscriber, mailing = int.from_bytes(packed[:5]), int.from_bytes(packed[5:8])
    known = [hmac.compare_digest(return_path(subscriber, mailing, key), local.lower()) for key in keys]
    return (subscriber, mailing) if any(known) else None
