"""The edito: a signed opinion of the newsroom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.blocks.boxes import BodyText, resolved_body
from composer.issue.body import readable
from composer.issue.context import Context
from composer.issue.field_types import AnchorId, InlineText
from composer.issue.inline import Spans
from composer.issue.people import Bylines, first_person, signatures
from composer.issue.resolved import LeadBlock, ResolvedBody, Signature
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.model import Style


class Edito(Block):
    type: Literal["edito"] = "edito"
    main = "body"
    french = "edito"
    described = "A signed opinion of the newsroom"
    french_keys: ClassVar[Mapping[str, str]] = {"reply": "reponse"}

    headline: InlineText = Field(description="Headline")
    body: BodyText = Field(description="Text, in Markdown")
    id: AnchorId | None = Field(None, description="Name for cross-references")
    author: Bylines | None = Field(None, description="Who signs; the publication's first person otherwise")
    standfirst: InlineText | None = Field(None, description="Standfirst")
    reply: InlineText | None = Field(None, description="Invitation to write back, after the signature")


@dataclass(frozen=True)
class ResolvedEdito(LeadBlock):
    template = "edito"

    headline: Spans
    body: ResolvedBody
    signatures: tuple[Signature, ...]
    style: Style
    standfirst: Spans = ()
    reply: Spans = ()
    id: AnchorId | None = None


def resolve(context: Context, block: Edito, at: BlockPosition) -> ResolvedEdito:
    style = context.style_of(block)
    return ResolvedEdito(
        headline=context.sentence(block.headline),
        body=resolved_body(context, readable(block.body, context.audience), at.of("body"), style),
        signatures=signatures(context, block.author or first_person(context)),
        style=style,
        standfirst=context.sentence(block.standfirst),
        reply=context.sentence(block.reply),
        id=block.id,
    )


EDITO = BlockType(Edito, ResolvedEdito, resolve)
