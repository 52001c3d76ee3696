"""A box with a label of its own, such as La bonne échelle."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from composer.issue.block import Block, Boxed
from composer.issue.blocks.box import ResolvedBox
from composer.issue.context import Context
from composer.issue.field_types import InlineText, SmallText
from composer.issue.resolve_body import resolved_text
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.values import Prose


class Insight(Block):
    type: Literal["insight"] = "insight"
    main = "text"
    french = "encadre"
    described = "A box with a label of its own"
    boxed = Boxed("title", "text", ("label", "box_end", "audience"))

    label: Prose = Field(description="Label of the box, such as La bonne échelle")
    title: InlineText = Field(description="Title of the box")
    text: SmallText = Field(description="Text, in Markdown")


def resolve(context: Context, block: Insight, at: BlockPosition) -> ResolvedBox:
    return ResolvedBox(
        kind=block.type,
        label=block.label,
        title=context.resolved(block.title.spans),
        text=resolved_text(context, block.text),
        style=context.style_of(block, at.under),
    )


INSIGHT = BlockType(Insight, ResolvedBox, resolve)
