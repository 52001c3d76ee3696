"""The Issue: the editor's file, validated and frozen. No I/O, no HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from composer.issue.blocks import AnyBlock, Block
from composer.issue.blocks.figure import Figure
from composer.issue.field_types import InlineText
from composer.issue.key import IssueKey as IssueKey
from composer.locale import gettext as _
from composer.newsroom.model import Strict, Style
from composer.newsroom.values import HeaderProse, IssueNumber, Prose
from composer.source.document import Source


class Summary(Strict):
    main: ClassVar[str] = "items"

    items: tuple[InlineText, ...] = Field(min_length=1, description="What is in this issue, inline Markdown")
    label: Prose | None = Field(None, description="Label of the summary")


class Correction(Strict):
    """Printed at the end of a letter. In the file of one that was sent, with ``was`` and ``now``, it corrects its page.

    Both are given or neither.
    """

    french_keys: ClassVar[Mapping[str, str]] = {"was": "etait", "now": "lire"}

    date: Date = Field(description="When it was corrected")
    text: InlineText = Field(description="What was wrong, and what is right")
    was: Prose | None = Field(None, description="Of a letter that was sent: the words that stand in it, once")
    now: Prose | None = Field(None, description="What its page on the web says in their place")

    @model_validator(mode="after")
    def _both_or_neither(self) -> Correction:
        if (self.was is None) != (self.now is None):
            why = _("what stood there and what is to stand there go together: give both, or neither")
            raise PydanticCustomError("half-correction", "{why}", {"why": why})
        return self


class Front(Strict):
    """The content of an issue's file: front matter and blocks."""

    stand_ins: ClassVar[Mapping[str, object]] = {"blocks": [{"type": "masthead"}]}
    french_keys: ClassVar[Mapping[str, str]] = {
        "subject": "objet",
        "preheader": "apercu",
        "also": "et_aussi",
        "summary": "sommaire",
        "translation_of": "traduction_de",
        "ignore": "ignorer",
        "corrections": "rectificatifs",
        "minutes": "duree",
        "number": "numero",
        "cover": "couverture",
        "online": "en_ligne",
        "blocks": "blocs",
    }

    subject: HeaderProse = Field(description="Subject of the email, and title of the letter")
    preheader: HeaderProse | None = Field(None, description="Line shown after the subject in the list of messages")
    also: tuple[InlineText, ...] = Field((), description="Et aussi: other topics, in one line")
    summary: Summary | None = Field(None, description="Summary at the top: a list, or label and items")
    minutes: Annotated[int, Field(ge=1, le=600)] | None = Field(
        None, description="Reading time in minutes, in every edition; counted in each otherwise"
    )
    number: IssueNumber | Literal["auto"] | None = Field(
        None, description="Number of the issue, printed with its date; auto counts the sealed issues before it"
    )
    cover: Figure | None = Field(
        None, description="One drawing under the nameplate, at least three times as wide as it is high"
    )
    online: bool = Field(True, description="Whether it stands on the web once sent, where the publication's letters do")
    translation_of: str | None = Field(None, description="The original of this edition, by its file's name")
    ignore: tuple[str, ...] = Field((), description="Codes of warnings that were considered and do not apply")
    corrections: tuple[Correction, ...] = Field((), description="Corrections, printed at the end")
    style: Style | None = Field(None, description="Presentation of this issue alone")
    blocks: tuple[AnyBlock, ...] = Field(min_length=1, description="The blocks, in order")


@dataclass(frozen=True)
class Issue:
    key: IssueKey
    front: Front
    source: Source

    def blocks(self) -> Iterator[Block]:
        yield from self.front.blocks
