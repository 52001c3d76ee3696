"""A figure worth a headline, set large, with one line of text under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block, Boxed
from composer.issue.context import Context
from composer.issue.field_types import InlineText
from composer.issue.inline import Spans
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.values import Prose, Unprinted

NBSP = "\u00a0"


class Number(Block):
    type: Literal["number"] = "number"
    main = "number"
    french = "chiffre"
    described = "A number worth a headline, set large, with one line of text under it"
    # The argument is the number alone: a number may contain spaces, so nothing marks where its unit begins.
    boxed = Boxed("number", "text", ("unit", "source", "audience"))
    french_keys: ClassVar[Mapping[str, str]] = {"number": "nombre", "unit": "unite"}

    number: Prose = Field(description="The number, as it is printed")
    unit: Prose | None = Field(None, description="Its unit, beside it: house typography sets the two as one")
    text: InlineText = Field(description="What it counts, in one line")
    source: InlineText | None = Field(None, description="Where it comes from")


@dataclass(frozen=True)
class ResolvedNumber(Resolved):
    """``figure`` is the number and its unit with house typography: « 42 % », "42%"."""

    template = "number"

    figure: Prose
    text: Spans
    unit: Annotated[Prose | None, Unprinted()] = None
    source: Spans = ()

    @property
    def parts(self) -> tuple[str, str]:
        """The number, with the no-break space before its unit if there is one; and the unit."""
        unit = self.unit if self.unit and self.figure.endswith(self.unit) else ""
        number = self.figure.removesuffix(unit)
        return (number.rstrip() + NBSP if number != number.rstrip() else number), unit


def resolve(context: Context, block: Number, at: BlockPosition) -> ResolvedNumber:
    return ResolvedNumber(
        figure=f"{block.number} {block.unit}" if block.unit and not _said(block.number, block.unit) else block.number,
        text=context.sentence(block.text),
        unit=block.unit,
        source=context.sentence(block.source),
    )


def _said(number: str, unit: str) -> bool:
    """Whether ``number`` holds its unit already: « 12 % » does where it is « % », « 5 km » not where it is « m »."""
    before = number.removesuffix(unit)
    return before != number and (before != before.rstrip() or not before[-1:].isalpha())


NUMBER = BlockType(Number, ResolvedNumber, resolve)
