"""The block « À surveiller »: coming events, and when they are due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block, Boxed
from composer.issue.blocks.box import ResolvedBox
from composer.issue.context import Context
from composer.issue.field_types import AnchorId, InlineText, SmallText
from composer.issue.resolve_body import resolved_text
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import gettext as _
from composer.newsroom.values import Named, NameText
from composer.source.finding import Severity

#: The id of a box of an earlier issue.
EarlierId = Annotated[str, Named("promise")]


class ASurveiller(Block):
    type: Literal["a_surveiller"] = "a_surveiller"
    main = "text"
    french = "a_surveiller"
    described = "What to watch: what will be known, and when"
    boxed = Boxed("title", "text", ("due", "names", "follows", "id", "box_end", "audience"))
    french_keys: ClassVar[Mapping[str, str]] = {"due": "echeance", "follows": "suite_de"}

    title: InlineText = Field(description="Title of the box")
    text: SmallText = Field(description="What comes next")
    id: AnchorId | None = Field(None, description="Name for a later follow-up")
    due: date | None = Field(None, description="When it should be known (YYYY-MM-DD)")
    names: tuple[NameText, ...] = Field((), description="Names concerned")
    follows: EarlierId | None = Field(None, description="Earlier one that this one follows, by its id")


def resolve(context: Context, block: ASurveiller, at: BlockPosition) -> ResolvedBox:
    if block.due is not None and block.follows is None and block.due < context.key.date:
        message = _("{date} is before the date of the issue: is it the right year?").format(date=block.due)
        context.add("past-date", message, at.of("due"), severity=Severity.WARNING)
    return ResolvedBox(
        kind=block.type,
        label=context.say("What to watch"),
        title=context.resolved(block.title.spans),
        text=resolved_text(context, block.text),
        style=context.style_of(block, at.under),
        due=block.due,
        names=block.names,
        follows=block.follows,
        id=block.id,
    )


A_SURVEILLER = BlockType(ASurveiller, ResolvedBox, resolve)
