"""Pictures: their files, and their credits as printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from composer.errors import Refused
from composer.issue.block import Block, Boxed
from composer.issue.context import Context
from composer.issue.field_types import InlineText, PictureFile
from composer.issue.inline import Spans
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import gettext as _
from composer.newsroom.model import Strict
from composer.newsroom.values import HttpUrl, Prose, Unprinted
from composer.source.document import Loc
from composer.source.paths import FileMissing, OutsideNewsroom, inside


class Credit(Strict):
    """A picture's credit: one of photo, source, ai; ``by`` names the artist or the author of the prompt."""

    french_keys: ClassVar[Mapping[str, str]] = {"photo": "photo", "ai": "ia", "by": "par"}

    photo: Prose | None = Field(None, description="Photographer or agency")
    source: Prose | None = Field(None, description="Source of a chart or document")
    ai: Prose | None = Field(None, description="Model that generated the picture; the letter says so")
    by: Prose | None = Field(None, description="Who drew it, or prompted the model")

    @model_validator(mode="after")
    def _somebody(self) -> Credit:
        if not (self.photo or self.source or self.ai or self.by):
            why = _("a credit names a photo, a source, an ai or a by")
            raise PydanticCustomError("empty-credit", "{why}", {"why": why})
        return self


class Figure(Block):
    type: Literal["figure"] = "figure"
    main = "src"
    stand_ins: ClassVar[Mapping[str, object]] = {"credit": {"by": "…"}}
    french = "illustration"
    described = "A picture, with its description and its credit"
    boxed = Boxed(
        "src", "caption", ("alt", "photo", "source", "ai", "by", "caption", "link", "dark", "size", "audience")
    )
    french_keys: ClassVar[Mapping[str, str]] = {
        "link": "lien",
        "caption": "legende",
        "credit": "credit",
        "dark": "sombre",
        "size": "format",
    }

    src: PictureFile = Field(description="Picture file, beside the issue")
    alt: Prose = Field(description="What the picture shows, for who cannot see it")
    credit: Credit = Field(description="Who made the picture")
    caption: InlineText | None = Field(None, description="Caption")
    link: HttpUrl | None = Field(None, description="Where the picture leads")
    dark: PictureFile | None = Field(None, description="The same picture drawn for the dark")
    size: Literal["full", "small"] = Field("full", description="Across the column, or small beside the text")


@dataclass(frozen=True)
class ResolvedFigure(Resolved):
    """``path`` and ``dark`` are existing files; ``mention`` is the credit as printed beside the picture."""

    template = "figure"

    path: Path
    alt: Annotated[Prose, Unprinted()]
    mention: Prose
    credit: Annotated[Credit, Unprinted()]
    caption: Spans = ()
    link: HttpUrl | None = None
    dark: Path | None = None
    size: Literal["full", "small"] = "full"


def picture(context: Context, name: str, folder: Path, loc: Loc, line: int | None = None) -> Path | None:
    """The path of ``name`` in ``folder``; None, with a finding, where it is missing or outside the newsroom."""
    try:
        return inside(context.newsroom.root, folder, name)
    except Refused as refusal:
        code = refusal.code if isinstance(refusal, (FileMissing, OutsideNewsroom)) else "bad-file"
        context.add(code, str(refusal), loc, line)
        return None


def resolve(context: Context, block: Figure, at: BlockPosition) -> ResolvedFigure | None:
    path = picture(context, block.src, context.folder, at.of("src"), at.line)
    dark = None
    if block.dark is not None:
        dark = picture(context, block.dark, context.folder, at.of("dark"), at.line)
    if path is None:
        return None
    resolved = ResolvedFigure(
        path=path,
        alt=block.alt,
        mention="" if context.groups_credits and not block.credit.ai else mention(context, block.credit),
        credit=block.credit,
        caption=context.sentence(block.caption),
        link=block.link,
        dark=dark,
        size=block.size,
    )
    context.figures.append(resolved)
    return resolved


def mention(context: Context, credit: Credit) -> str:
    """« Photo : X », « Source : X • Dessin : Y », « Image générée par IA (o3 Pro), X », as the law wants.

    Who drew a picture is not who it was drawn after: the two are apart, each with its word.
    """
    parts: list[str] = []
    if credit.photo:
        parts.append(context.say("Photo: {name}").format(name=credit.photo))
    if credit.source:
        parts.append(context.say("Source: {name}").format(name=credit.source))
    if credit.ai:
        parts.append(context.say("AI-generated image ({model})").format(model=credit.ai))
    if credit.ai and credit.by:
        parts[-1] += f", {credit.by}"
    elif credit.by:
        parts.append(context.say("Illustration: {name}").format(name=credit.by))
    return (context.style.separator or " • ").join(parts)


def grouped(context: Context) -> str | None:
    """The credits of every picture of the edition in one line: photographers together, then the others."""
    photos: list[str] = []
    others: list[str] = []
    for each in context.figures:
        assert isinstance(each, ResolvedFigure)
        only_photo = each.credit.photo and not (each.credit.source or each.credit.ai or each.credit.by)
        name, names = (each.credit.photo or "", photos) if only_photo else (mention(context, each.credit), others)
        if name not in names:
            names.append(name)
    if photos:
        words = "Photo credit: {names}" if len(photos) == 1 else "Photo credits: {names}"
        others.insert(0, context.say(words).format(names=" – ".join(photos)))
    return (context.style.separator or " • ").join(others) or None


FIGURE = BlockType(Figure, ResolvedFigure, resolve)
