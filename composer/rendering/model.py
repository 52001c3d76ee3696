"""Rendering: one edition as HTML and text, with slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

#: What is filled in for each reader. A slot's value is a URL or a token, in the letters A-Z a-z 0-9 and -._~:/?&=%@
SlotName = Literal["unsubscribe"]


@dataclass(frozen=True)
class Medium:
    """A picture of the letter, published as public_url/media/``name``: 32 hex of a SHA-256, and .ext.

    The digest is of its source and of what was done to it. ``file`` is the name of the source, as an editor knows it.
    """

    name: str
    content: bytes
    type: str
    file: str = ""


@dataclass(frozen=True)
class Rendering:
    """``slots`` maps each slot to the sentinel that stands for it in ``html`` and ``text``.

    A sentinel is ASCII letters and digits only and holds a digest of the issue, so that no editor can have written it.
    """

    subject: str
    preheader: str
    html: str
    text: str
    slots: Mapping[SlotName, str]
    media: tuple[Medium, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of everything a reader can see, in hexadecimal."""
        whole = sha256()
        for part in (self.subject, self.preheader, self.html, self.text, *(medium.name for medium in self.media)):
            whole.update(len(part.encode()).to_bytes(8) + part.encode())
        return whole.hexdigest()
