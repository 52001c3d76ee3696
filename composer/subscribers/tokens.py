"""Tokens of the links in letters: what one is for, and of which subscription, signed.

A purpose (1 byte), the key's short name (1), ids (6 each), and the first 128 bits of an HMAC-SHA-256 over these, in
``A-Za-z0-9_-`` without padding. No address, no date: a resend has the same bytes. A letter may be forwarded, so a token
permits little, and none what another one does: to unsubscribe, as long as the key is known, and for 30 days to take
that back; or to read that letter's paid copy, for seven days, while its reader pays.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

_UNSUBSCRIBE, _COPY = b"u", b"c"
#: Purpose → its tokens. 24 bytes are exactly 32 characters of base64, 30 are 40: no spare bits, so a token has one
#: spelling.
_SHAPES = {_UNSUBSCRIBE: re.compile(r"[A-Za-z0-9_-]{32}"), _COPY: re.compile(r"[A-Za-z0-9_-]{40}")}

#: Bytes of the proof, at a token's end.
_PROOF = 16


class CopyClaim(NamedTuple):
    """What the token of a paid copy says: whose it is, and the edition that was sent with it."""

    subscription_id: int
    edition_id: int


@dataclass(frozen=True)
class TokenReader:
    """Reads valid tokens, and gives None for any other. Each purpose has a function of its own: none can be mistaken.

    ``leaving``: the subscription that a token may end. ``copy``: what one of a paid copy says.
    """

    leaving: Callable[[str], int | None]
    copy: Callable[[str], CopyClaim | None]


def unsubscribe_token(subscription_id: int, key: bytes) -> str:
    """The token that ends ``subscription_id``, in URL-safe base64 without padding."""
    return _signed(_UNSUBSCRIBE, subscription_id.to_bytes(6), key)


def read_unsubscribe_token(token: str, *keys: bytes) -> int | None:
    """The subscription that ``token`` may end; ``None`` unless one of ``keys`` signed exactly this token.

    Keep a former key among ``keys`` for a year after it was replaced: old messages stay in mailboxes.
    """
    said = _said(_UNSUBSCRIBE, token, keys)
    return None if said is None else int.from_bytes(said)


def copy_token(subscription_id: int, edition_id: int, key: bytes) -> str:
    """The token that opens the paid copy of what ``subscription_id`` got as ``edition_id`` (of the ledger)."""
    return _signed(_COPY, subscription_id.to_bytes(6) + edition_id.to_bytes(6), key)


def read_copy_token(token: str, *keys: bytes) -> CopyClaim | None:
    """What ``token`` says; ``None`` unless one of ``keys`` signed exactly this token, for a paid copy.

    Whether it still opens anything, the database says (``composer.archive.copy_reader``).
    """
    said = _said(_COPY, token, keys)
    return None if said is None else CopyClaim(int.from_bytes(said[:6]), int.from_bytes(said[6:]))


def token_reader(*keys: bytes) -> TokenReader:
    """The functions above with these keys, for the pages."""
    return TokenReader(lambda token: read_unsubscribe_token(token, *keys), lambda token: read_copy_token(token, *keys))


def fingerprint(key: bytes) -> str:
    """Identify ``key`` without revealing it: 32 hexadecimal digits of an HMAC."""
    return hmac.digest(key, b"filigrane: which key is this", sha256).hex()[:32]


def _signed(purpose: bytes, says: bytes, key: bytes) -> str:
    claim = purpose + _short_name(key) + says
    return urlsafe_b64encode(claim + _proof(claim, key)).decode()


def _said(purpose: bytes, token: str, keys: tuple[bytes, ...]) -> bytes | None:
    """The ids in a token of ``purpose`` that one of ``keys`` signed."""
    if not _SHAPES[purpose].fullmatch(token):
        return None
    content = urlsafe_b64decode(token)
    claim, proof = content[:-_PROOF], content[-_PROOF:]
    for key in keys:
        if claim[1:2] == _short_name(key) and hmac.compare_digest(proof, _proof(claim, key)):
            return claim[2:] if claim[:1] == purpose else None
    return None


def _short_name(key: bytes) -> bytes:
    return sha256(b"filigrane key name\0" + key).digest()[:1]


def _proof(claim: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"filigrane token\0" + claim, sha256)[:_PROOF]
