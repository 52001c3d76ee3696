"""The block « En filigrane »: background to the news."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from composer.issue.block import Block, Boxed
from composer.issue.blocks.box import ResolvedBox
from composer.issue.context import Context
from composer.issue.field_types import InlineText, SmallText
from composer.issue.resolve_body import resolved_text
from composer.issue.resolving import BlockPosition, BlockType


class EnFiligrane(Block):
    type: Literal["en_filigrane"] = "en_filigrane"
    main = "text"
    french = "en_filigrane"
    described = "Beneath the surface: what stands behind the news"
    boxed = Boxed("title", "text", ("box_end", "audience"))

    title: InlineText = Field(description="Title of the box")
    text: SmallText = Field(description="What lies behind the news")


def resolve(context: Context, block: EnFiligrane, at: BlockPosition) -> ResolvedBox:
    return ResolvedBox(
        kind=block.type,
        label=context.say("Beneath the surface"),
        title=context.resolved(block.title.spans),
        text=resolved_text(context, block.text),
        style=context.style_of(block, at.under),
    )


EN_FILIGRANE = BlockType(EnFiligrane, ResolvedBox, resolve)
