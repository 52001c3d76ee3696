"""A service notice to readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.context import Context
from composer.issue.field_types import InlineText
from composer.issue.inline import Spans
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.values import HttpUrl
from composer.source.finding import Severity


class Notice(Block):
    type: Literal["notice"] = "notice"
    main = "text"
    french = "annonce"
    described = "A service notice to readers"
    role = "aside"
    all_or_nothing = True
    french_keys: ClassVar[Mapping[str, str]] = {"edition": "edition", "until": "jusqu_au"}

    text: InlineText = Field(description="Service note to readers")
    url: HttpUrl | None = Field(None, description="Where it leads")
    edition: Language | None = Field(None, description="Language of the edition it announces")
    until: date | None = Field(None, description="Last date on which it is printed")


@dataclass(frozen=True)
class ResolvedNotice(Resolved):
    """``language`` is that of the edition it announces; its words are in the letter's language."""

    template = "notice"
    editorial = False

    text: Spans
    url: HttpUrl | None = None
    language: Language | None = None


def resolve(context: Context, block: Notice, at: BlockPosition) -> ResolvedNotice | None:
    if block.until is not None and block.until < context.key.date:
        message = _("this notice is over before the date of the issue: it is not printed")
        context.add("notice-over", message, at.of("until"), severity=Severity.NOTE)
        return None
    return ResolvedNotice(context.sentence(block.text), block.url, block.edition)


NOTICE = BlockType(Notice, ResolvedNotice, resolve)
