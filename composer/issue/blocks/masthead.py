"""The masthead: picture credits, biographies and the latest issues, collected from the whole letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.blocks.figure import grouped
from composer.issue.context import Context
from composer.issue.people import PersonId, signature
from composer.issue.references import latest
from composer.issue.resolved import Reference, Resolved, Signature
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.values import Prose


class Masthead(Block):
    type: Literal["masthead"] = "masthead"
    main = "photo_credits"
    french = "ours"
    described = "The masthead: picture credits, biographies, latest issues"
    role = "frame"
    french_keys: ClassVar[Mapping[str, str]] = {"photo_credits": "credits_photo", "bios": "biographies"}

    photo_credits: Literal["auto"] | Prose | None = Field("auto", description="auto gathers them; or a text")
    bios: Literal["auto"] | tuple[PersonId, ...] = Field("auto", description="auto: of who signs; or identifiers")
    latest: Annotated[int, Field(ge=0, le=20)] = Field(0, description="How many of the latest issues to list")


@dataclass(frozen=True)
class ResolvedMasthead(Resolved):
    template = "masthead"
    editorial = False

    photo_credits: Prose | None
    bios: tuple[Signature, ...] = ()
    latest: tuple[Reference, ...] = ()


def groups_credits(context: Context) -> bool:
    """True if the credits of the edition's pictures are grouped in a masthead."""
    return any(
        isinstance(block, Masthead)
        and block.is_for(context.audience)
        and block.photo_credits == "auto"
        and context.style_of(block).credits == "grouped"
        for block in context.blocks
    )


def resolve(context: Context, block: Masthead, at: BlockPosition) -> ResolvedMasthead | None:
    """The masthead; None where it would hold nothing: the foot of the letter has a rule of its own."""
    credits = block.photo_credits
    if credits == "auto":
        credits = grouped(context) if context.style_of(block).credits == "grouped" else None
    people = context.publication.people
    bios: list[Signature] = []
    if block.bios == "auto":
        for each in context.signatures:
            if each.bio and each not in bios:
                bios.append(each)
    else:
        bios = [signature(people[name]) for name in block.bios if name in people]
    issues = latest(context, block.latest)
    return ResolvedMasthead(credits, tuple(bios), issues) if credits or bios or issues else None


MASTHEAD = BlockType(Masthead, ResolvedMasthead, resolve, gathers=True)
