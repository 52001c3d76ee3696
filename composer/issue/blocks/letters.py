"""Readers' letters: what they wrote, their names, and what the newsroom answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.context import Context
from composer.issue.field_types import SmallText
from composer.issue.resolve_body import resolved_text
from composer.issue.resolved import Resolved, ResolvedBody
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.model import Strict
from composer.newsroom.values import Prose
from composer.source.points import Pointed


class ReaderLetter(Strict):
    point: ClassVar[Pointed] = Pointed("author", "text")
    french_keys: ClassVar[Mapping[str, str]] = {"answer": "reponse"}

    text: SmallText = Field(description="What the reader wrote, in Markdown")
    author: Prose = Field(description="Who wrote it, as they let themselves be named")
    answer: SmallText | None = Field(None, description="What the newsroom answers")


class Letters(Block):
    type: Literal["letters"] = "letters"
    main = "items"
    french = "courrier"
    described = "Letters from readers, and the newsroom's answers"

    items: tuple[ReaderLetter, ...] = Field(min_length=1, description="The letters")
    label: Prose | None = Field(None, description="Section label; Courrier otherwise")


@dataclass(frozen=True)
class ResolvedReaderLetter:
    text: ResolvedBody
    author: Prose
    answer: ResolvedBody = ()


@dataclass(frozen=True)
class ResolvedLetters(Resolved):
    template = "letters"

    label: Prose
    items: tuple[ResolvedReaderLetter, ...]


def resolve(context: Context, block: Letters, at: BlockPosition) -> ResolvedLetters:
    items = tuple(
        ResolvedReaderLetter(
            resolved_text(context, each.text),
            each.author.lstrip("–—― \u00a0"),
            resolved_text(context, each.answer) if each.answer else (),
        )
        for each in block.items
    )
    return ResolvedLetters(block.label or context.say("Readers’ letters"), items)


LETTERS = BlockType(Letters, ResolvedLetters, resolve)
