"""A list of what paying readers get, printed for free readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.blocks.article import Article, locked
from composer.issue.context import Context
from composer.issue.field_types import BlockId, InlineText
from composer.issue.inline import Inline, Link, Spans, Strong, Text
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.model import Strict
from composer.newsroom.values import Prose


class Teaser(Strict):
    french_keys: ClassVar[Mapping[str, str]] = {"of": "bloc"}

    text: InlineText = Field(description="What paying readers get")
    of: BlockId | None = Field(None, description="Id of the block it announces")


class Teasers(Block):
    type: Literal["teasers"] = "teasers"
    main = "items"
    french = "exclusivites"
    described = "What paying readers get, printed for free readers"
    role = "frame"

    items: Literal["auto"] | tuple[Teaser | InlineText, ...] = Field(
        "auto", description="auto lists what free readers do not get; or a list"
    )
    label: Prose | None = Field(None, description="Label; En exclusivité pour les abonnés otherwise")


@dataclass(frozen=True)
class ResolvedTeasers(Resolved):
    template = "teasers"
    editorial = False

    label: Prose
    items: tuple[Spans, ...]


def resolve(context: Context, block: Teasers, at: BlockPosition) -> ResolvedTeasers | None:
    """What paying readers get and free readers do not; None for paying readers."""
    if context.audience == "paid":
        return None
    if block.items == "auto":
        items = tuple(_promise(context, each) for each in context.blocks if _is_kept(context, each))
    else:
        items = tuple(_teaser(context, item) for item in block.items)
    return ResolvedTeasers(block.label or context.say("For subscribers only"), items) if items else None


def _is_kept(context: Context, block: object) -> bool:
    return isinstance(block, Article) and (
        block.audience == "paid" or (block.is_for(context.audience) and locked(block, "free"))
    )


def _promise(context: Context, block: object) -> Spans:
    """The headline and teaser of an article: text meant to be public, and nothing of its body."""
    assert isinstance(block, Article)
    headline = context.sentence(block.headline)
    if block.id in context.anchors and not any(isinstance(span, Link) for span in headline):
        headline = (Link(f"#{block.id}", headline),)
    if not block.teaser:
        return headline
    return (Strong(headline), Text(context.style.lead_end or " • "), *context.sentence(block.teaser))


def _teaser(context: Context, item: Teaser | Inline) -> Spans:
    if isinstance(item, Inline):
        return context.sentence(item)
    words = context.sentence(item.text)
    linked = item.of in context.anchors and not any(isinstance(span, Link) for span in words)
    return (Link(f"#{item.of}", words),) if linked else words


TEASERS = BlockType(Teasers, ResolvedTeasers, resolve)
