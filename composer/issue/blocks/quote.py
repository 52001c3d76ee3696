"""A pull quote: words of a source, set large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from composer.issue.block import Block, Boxed
from composer.issue.context import Context
from composer.issue.field_types import InlineText, SmallText
from composer.issue.inline import Spans
from composer.issue.quoted import unquoted
from composer.issue.resolve_body import resolved_text
from composer.issue.resolved import Resolved, ResolvedBody
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.values import Prose


class Quote(Block):
    type: Literal["quote"] = "quote"
    main = "text"
    french = "citation"
    described = "A pull quote: words of a source, set large"
    boxed = Boxed("author", "text", ("source", "audience"))

    text: SmallText = Field(description="The words quoted")
    author: Prose | None = Field(None, description="Who said it")
    source: InlineText | None = Field(None, description="Where")


@dataclass(frozen=True)
class ResolvedQuote(Resolved):
    """``marked``: its words have their own quotation marks, and are printed without others."""

    template = "quote"

    text: ResolvedBody
    author: Prose | None = None
    source: Spans = ()
    marked: bool = False


def resolve(context: Context, block: Quote, at: BlockPosition) -> ResolvedQuote:
    text, marked = unquoted(resolved_text(context, block.text))
    return ResolvedQuote(text, block.author, context.sentence(block.source), marked)


QUOTE = BlockType(Quote, ResolvedQuote, resolve)
