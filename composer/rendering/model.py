"""Rendering: one edition as HTML and text, with slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Literal

from composer.rendering.rights import Rights

#: Slots filled in for each reader. A value is a URL or a token, in the characters A-Z a-z 0-9 and -._~:/?&=%@
SlotName = Literal["unsubscribe", "paid_copy"]


@dataclass(frozen=True)
class Medium:
    """A picture of the letter, or an event for calendars, published as public_url/media/``name``: 32 hex digits of a
    SHA-256, and .ext.

    The digest is of a picture's source and the operations on it, or of the file. ``file`` is the source's name, for
    messages.
    """

    name: str
    content: bytes
    type: str
    file: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether a picture may be transparent, in part: its file says that it has transparency."""
        match self.type:
            case "image/png":  # its colours have an alpha channel, or it has a chunk tRNS
                return self.content[25:26] in (b"\x04", b"\x06") or b"tRNS" in self.content[:2000]
            case "image/gif":  # the first bit of a graphic control extension
                at = self.content.find(b"\x21\xf9\x04")
                return at >= 0 and self.content[at + 3] & 1 == 1
            case _:
                return False


@dataclass(frozen=True)
class Rendering:
    """``slots`` maps each slot to the sentinel that stands for it in ``html`` and ``text``; ``paid_copy`` is among them
    where a link to that copy is printed.

    A sentinel is ASCII letters and digits only and holds a digest of the issue, so it cannot be in the editor's text.
    ``rights``: the file of each picture → what it says of its rights, carried into ``media``. ``files``: the
    file of each picture, with the name of each medium made of it.
    """

    subject: str
    preheader: str
    html: str
    text: str
    slots: Mapping[SlotName, str]
    media: tuple[Medium, ...]
    rights: Mapping[Path, Rights] = field(default_factory=dict)
    files: tuple[tuple[Path, str], ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of everything a reader can see, in hexadecimal."""
        whole = sha256()
        for part in (self.subject, self.preheader, self.html, self.text, *(medium.name for medium in self.media)):
            whole.update(len(part.encode()).to_bytes(8) + part.encode())
        return whole.hexdigest()
