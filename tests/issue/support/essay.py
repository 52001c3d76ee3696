"""A block that the program does not have: written as ``docs/developing.md`` says, with one field of each type.

Its French keys are learnt when it is imported, so no test imports it: ``with_essay`` runs in a process of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.blocks.boxes import BodyText, resolved_body
from composer.issue.body import readable
from composer.issue.context import Context
from composer.issue.field_types import AnchorId, BesideFile, BlockId, EmbargoTime, InlineText, ReferenceText
from composer.issue.inline import Spans
from composer.issue.people import Bylines, PersonId, signatures
from composer.issue.references import references
from composer.issue.resolved import LeadBlock, Reference, ResolvedBody, Signature
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.model import Strict, Style
from composer.newsroom.values import Prose


class Chapter(Strict):
    title: InlineText = Field(description="Title")
    id: AnchorId | None = Field(None, description="Name for cross-references")


class Essay(Block):
    type: Literal["essay"] = "essay"
    main = "body"
    french = "essai"
    french_keys: ClassVar[Mapping[str, str]] = {"document": "document", "chapters": "chapitres"}

    headline: InlineText = Field(description="Headline")
    body: BodyText = Field(description="Text, in Markdown")
    standfirst: InlineText | None = Field(None, description="Standfirst")
    id: AnchorId | None = Field(None, description="Name for cross-references")
    label: Prose | None = Field(None, description="Section label")
    byline: Bylines | None = Field(None, description="Who signs")
    reader: PersonId | None = Field(None, description="Who read it again; not printed")
    chapters: tuple[Chapter, ...] = Field((), description="Chapters")
    document: BesideFile | None = Field(None, description="Document, beside the issue; not printed")
    answers: BlockId | None = Field(None, description="Block that it answers, by its id")
    further: tuple[ReferenceText, ...] = Field((), description="Further reading: ids, or Markdown links")
    embargo_until: EmbargoTime | None = Field(None, description="Not to be sent before this instant")


@dataclass(frozen=True)
class ResolvedChapter:
    title: Spans
    id: AnchorId | None = None


@dataclass(frozen=True)
class ResolvedEssay(LeadBlock):
    template = "essay"

    headline: Spans
    body: ResolvedBody
    style: Style
    standfirst: Spans = ()
    id: AnchorId | None = None
    label: Prose | None = None
    signatures: tuple[Signature, ...] = ()
    chapters: tuple[ResolvedChapter, ...] = ()
    further: tuple[Reference, ...] = ()


def resolve(context: Context, block: Essay, at: BlockPosition) -> ResolvedEssay:
    style = context.style_of(block)
    return ResolvedEssay(
        headline=context.sentence(block.headline),
        body=resolved_body(context, readable(block.body, context.audience), at.of("body"), style),
        style=style,
        standfirst=context.sentence(block.standfirst),
        id=block.id,
        label=block.label,
        signatures=signatures(context, block.byline),
        chapters=tuple(ResolvedChapter(context.sentence(each.title), each.id) for each in block.chapters),
        further=references(context, block.further),
    )


ESSAY = BlockType(Essay, ResolvedEssay, resolve)
