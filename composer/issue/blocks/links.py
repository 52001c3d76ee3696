"""A list of links to blocks of this issue, earlier issues or pages; or to the latest issues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from composer.issue.block import Block, Boxed
from composer.issue.context import Context
from composer.issue.field_types import ReferenceText
from composer.issue.references import latest, references
from composer.issue.resolved import Reference, Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import gettext as _
from composer.newsroom.values import Prose, Verbatim


class Links(Block):
    type: Literal["links"] = "links"
    main = "items"
    french = "liens"
    described = "Links to blocks of this issue, to earlier issues or to pages"
    boxed = Boxed("label", "items", ("marker", "latest", "audience"))

    items: tuple[ReferenceText, ...] = Field((), description="Ids of this issue's blocks, or Markdown links")
    latest: Annotated[int, Field(ge=1, le=20)] | None = Field(None, description="Instead: the latest n issues sent")
    label: Prose | None = Field(None, description="Label; Pour aller plus loin otherwise")
    marker: Verbatim | None = Field(None, description="Mark before each link")

    @model_validator(mode="after")
    def _something(self) -> Links:
        if bool(self.items) == (self.latest is not None):
            why = _("give either items, or latest with a number")
            raise PydanticCustomError("items-or-latest", "{why}", {"why": why})
        return self


@dataclass(frozen=True)
class ResolvedLinks(Resolved):
    template = "links"
    editorial = False

    label: Prose
    marker: Verbatim
    items: tuple[Reference, ...]


def resolve(context: Context, block: Links, at: BlockPosition) -> ResolvedLinks | None:
    """The links; None where there is none, as before the first issue was sent: a label alone is not printed."""
    style = context.style_of(block, at.under)
    items = references(context, block.items) if block.latest is None else latest(context, block.latest)
    label = block.label or context.say("Latest issues" if block.latest is not None else "Further reading")
    if not items:
        return None
    return ResolvedLinks(label, block.marker or style.marker or "", items)


LINKS = BlockType(Links, ResolvedLinks, resolve)
