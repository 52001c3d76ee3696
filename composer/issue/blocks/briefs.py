"""Briefs: short news under one label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.context import Context
from composer.issue.field_types import AnchorId, InlineText, LabelText, SmallText
from composer.issue.inline import Spans
from composer.issue.names import names_in
from composer.issue.reading import printed_texts
from composer.issue.resolve_body import resolved_text
from composer.issue.resolved import Resolved, ResolvedBody
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import gettext as _
from composer.newsroom.model import Strict, Style
from composer.newsroom.unread import LEXICON, unread_sentence
from composer.newsroom.values import HttpUrl, NameText, Prose
from composer.source.points import Pointed


class Brief(Strict):
    point: ClassVar[Pointed] = Pointed("headline", "text", url="url", id="id")

    headline: InlineText = Field(description="Headline, in bold")
    text: SmallText = Field(description="Text, in Markdown")
    id: AnchorId | None = Field(None, description="Name for cross-references")
    url: HttpUrl | None = Field(None, description="Where the headline leads")


class Briefs(Block):
    type: Literal["briefs"] = "briefs"
    main = "items"
    french = "breves"
    described = "Short news under one label"
    french_keys: ClassVar[Mapping[str, str]] = {"layout": "disposition"}
    french_values: ClassVar[Mapping[str, str]] = {"stacked": "a-la-ligne"}

    items: tuple[Brief, ...] = Field(min_length=1, description="The briefs")
    label: LabelText | None = Field(None, description="Section label; En bref otherwise")
    names: Literal["auto"] | tuple[NameText, ...] | None = Field(None, description="Names line above: auto, or a list")
    layout: Literal["run-in", "stacked"] = Field("run-in", description="Headline run in with the text, or above it")


@dataclass(frozen=True)
class ResolvedBrief:
    headline: Spans
    text: ResolvedBody
    url: HttpUrl | None = None
    id: AnchorId | None = None


@dataclass(frozen=True)
class ResolvedBriefs(Resolved):
    template = "briefs"

    label: Prose | None
    items: tuple[ResolvedBrief, ...]
    layout: Literal["run-in", "stacked"]
    style: Style
    names: tuple[Prose, ...] = ()


def resolve(context: Context, block: Briefs, at: BlockPosition) -> ResolvedBriefs:
    items = tuple(
        ResolvedBrief(context.sentence(item.headline), resolved_text(context, item.text), item.url, item.id)
        for item in block.items
    )
    names: tuple[str, ...] = ()
    if block.names == "auto":
        if (unread := context.newsroom.unread.get(LEXICON)) is not None:
            message = _("which names to print is not known: {why}").format(why=unread_sentence(unread))
            context.add("lexicon-unread", message, (*at.loc, "names"))
        names = names_in(context, [text for item in items for text in printed_texts(item)])
    elif block.names is not None:
        names = block.names
    label = context.label(block.label, "In brief")
    return ResolvedBriefs(label, items, block.layout, context.style_of(block), names)


BRIEFS = BlockType(Briefs, ResolvedBriefs, resolve)
