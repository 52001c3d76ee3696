"""The fields that every block of an issue has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from composer.newsroom.model import Strict, Style

Audience = Literal["free", "paid"]

AUDIENCES: tuple[Audience, ...] = ("free", "paid")


@dataclass(frozen=True)
class Boxed:
    """How a block is written inside a body: ``:::name argument``, ``:option: value`` lines, text, ``:::``.

    Each is the name of a field, or of a field of one of its records: ``photo`` of a figure's ``credit``.
    """

    argument: str
    text: str
    options: tuple[str, ...] = ()


class Block(Strict):
    """``main`` is the field that a value without keys sets; ``french`` is the block's name in French files. ``role`` is
    ``aside`` for what stands between two texts, ``frame`` for what only points to texts or ends the letter.
    ``described`` says what the block is, to text editors; it goes through gettext."""

    main: ClassVar[str]
    french: ClassVar[str]
    described: ClassVar[str] = ""
    boxed: ClassVar[Boxed | None] = None
    role: ClassVar[Literal["text", "aside", "frame"]] = "text"
    french_keys: ClassVar[Mapping[str, str]] = {"audience": "public"}

    audience: Literal["all", "free", "paid"] = Field("all", description="Who gets this block")
    style: Style | None = Field(None, description="Presentation of this block alone")

    def is_for(self, audience: Audience) -> bool:
        """True if ``audience`` gets the block."""
        return self.audience in ("all", audience)

    def withholds(self, audience: Audience) -> bool:
        """True if ``audience`` gets the block without any of its texts of several paragraphs."""
        return False
