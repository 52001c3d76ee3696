"""Unsubscribe tokens: a subscription's id, signed.

24 bytes, 32 characters of ``A-Za-z0-9_-``: a purpose (1 byte), the key's short name (1), the id (6), and the first 128
bits of an HMAC-SHA-256 over these. No address, no date: the link in an old message works as long as its key is known. A
message may be forwarded, so its token permits nothing but to unsubscribe, and for 30 days to take that back.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

#: The subscription of a valid token, None for any other.
TokenReader = Callable[[str], int | None]

_UNSUBSCRIBE = b"u"
#: 24 bytes are exactly 32 characters of base64: no spare bits, so a token has one spelling.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def unsubscribe_token(subscription_id: int, key: bytes) -> str:
    """The token that ends ``subscription_id``, in URL-safe base64 without padding."""
    claim = _UNSUBSCRIBE + _short_name(key) + subscription_id.to_bytes(6)
    return urlsafe_b64encode(claim + _proof(claim, key)).decode()


def read_unsubscribe_token(token: str, *keys: bytes) -> int | None:
    """The subscription that ``token`` may end; ``None`` unless one of ``keys`` signed exactly this token.

    Keep a former key among ``keys`` for a year after it was replaced: old messages stay in mailboxes.
    """
    if not _TOKEN.fullmatch(token):
        return None
    content = urlsafe_b64decode(token)
    claim, proof = content[:8], content[8:]
    for key in keys:
        if claim[1:2] == _short_name(key) and hmac.compare_digest(proof, _proof(claim, key)):
            return int.from_bytes(claim[2:]) if claim[:1] == _UNSUBSCRIBE else None
    return None


def token_reader(*keys: bytes) -> TokenReader:
    """``read_unsubscribe_token`` with these keys, for the pages."""
    return lambda token: read_unsubscribe_token(token, *keys)


def fingerprint(key: bytes) -> str:
    """Identify ``key`` without revealing it: 32 hexadecimal digits of an HMAC."""
    return hmac.digest(key, b"filigrane: which key is this", sha256).hex()[:32]


def _short_name(key: bytes) -> bytes:
    return sha256(b"filigrane key name\0" + key).digest()[:1]


def _proof(claim: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"filigrane token\0" + claim, sha256)[:16]
