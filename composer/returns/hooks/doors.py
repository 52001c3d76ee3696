"""The doors' addresses: each holds a secret of 128 bits, made of the newsroom's secret key.

Nothing is to be kept beside that key, and the process that strangers reach knows the digests alone. A former key opens
them too (``FILIGRANE_FORMER_KEYS``), so that a key may be replaced before each operator's console was seen to.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import HOOKS, absolute


def hook_secret(key: bytes, provider: str, turn: int) -> str:
    """The last part of a door's path: 26 characters. Another ``turn`` makes another one."""
    mac = hmac.digest(key, f"filigrane hook\0{provider}\0{turn}".encode(), sha256)[:16]
    return b32encode(mac).decode().rstrip("=").lower()


def hook_digest(secret: str) -> str:
    """What the pages know of it."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def hook_digests(newsroom: Newsroom, keys: Sequence[bytes]) -> Mapping[str, str]:
    """Digest → operator, of every door that is open; ``keys``: the secret key and former ones."""
    hooks = newsroom.settings.hooks
    if hooks is None:
        return {}
    return {
        hook_digest(hook_secret(key, provider, hooks.turn)): provider for provider in hooks.providers for key in keys
    }


def hook_addresses(newsroom: Newsroom, key: bytes) -> Iterator[tuple[str, str]]:
    """(operator, address to give it) of every door that is open."""
    hooks = newsroom.settings.hooks
    if hooks is None:
        return
    for provider in dict.fromkeys(hooks.providers):
        yield provider, absolute(newsroom, f"{HOOKS}{provider}/{hook_secret(key, provider, hooks.turn)}")
