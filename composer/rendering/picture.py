"""A picture of a letter: as laid out, as published; and the error for an unusable file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from composer.errors import Refused
from composer.rendering.model import Medium
from composer.rendering.rights import Rights


class UnusablePicture(Refused):
    """A file that is not a picture which every mail client shows; ``path`` is where it is."""

    def __init__(self, path: Path, message: str, **facts: object) -> None:
        self.path = path
        super().__init__(message.format(name=path.name, **facts))


class UnusablePictures(Refused):
    """All the unusable pictures of one letter, ``each`` once, in reading order."""

    def __init__(self, each: Sequence[UnusablePicture]) -> None:
        self.each = tuple(each)
        super().__init__("\n".join(map(str, each)))


@dataclass(frozen=True)
class Picture:
    """A picture as laid out: its address, and its size on the page in whole pixels.

    ``is_clear``: the paper is seen through it, and nothing else may be.
    """

    url: str
    width: int
    height: int
    is_clear: bool = False


@dataclass(frozen=True)
class Made:
    """A picture as published, its size on the page, and what its file says of its rights.

    ``is_guessed``: its colours are, for the file is in CMYK and does not say of which press, or its profile is no use.
    """

    medium: Medium
    width: int
    height: int
    rights: Rights = field(default_factory=Rights)
    is_guessed: bool = False
