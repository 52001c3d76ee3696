"""Pictures: their files, and their credits as printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from composer.errors import Refused
from composer.issue.block import Block, Boxed
from composer.issue.context import Context
from composer.issue.field_types import InlineText, PictureFile
from composer.issue.inline import Spans
from composer.issue.marked import Beside, marked
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import gettext as _
from composer.newsroom.model import Strict
from composer.newsroom.values import HttpUrl, Line, Prose, Unprinted
from composer.source.document import Loc
from composer.source.late_pattern import late
from composer.source.paths import FileMissing, OutsideNewsroom, inside, renamed_line


class Credit(Strict):
    """A picture's credit: one of photo, source, ai, credit; ``by`` names the artist or the author of the prompt.

    ``none`` says why there is no credit; nothing is printed then.
    """

    main: ClassVar[str] = "credit"
    french_keys: ClassVar[Mapping[str, str]] = {"photo": "photo", "ai": "ia", "by": "par", "none": "aucun"}

    photo: Prose | None = Field(None, description="Photographer or agency")
    source: Prose | None = Field(None, description="Source of a chart or document")
    ai: Prose | None = Field(None, description="Model that generated the picture; the letter says so")
    by: Prose | None = Field(None, description="Who drew it, or prompted the model")
    credit: Prose | None = Field(None, description="Anybody else, an agency or a right's owner")
    none: Line | None = Field(None, description="Instead: why nobody is named; not printed")

    @model_validator(mode="after")
    def _somebody(self) -> Credit:
        named = self.photo or self.source or self.ai or self.by or self.credit
        if not (named or self.none):
            why = _("a credit names a photo, a source, an ai, a by or a credit, or says why there is none")
            raise PydanticCustomError("empty-credit", "{why}", {"why": why})
        if named and self.none:
            why = _("a credit names somebody, or says why there is none: keep one of the two")
            raise PydanticCustomError("empty-credit", "{why}", {"why": why})
        return self


class Figure(Block):
    type: Literal["figure"] = "figure"
    main = "src"
    pictured: ClassVar[bool] = True  #: may be written as Markdown: ``source.pictures``
    stand_ins: ClassVar[Mapping[str, object]] = {"alt": "…", "credit": {"by": "…"}}
    french = "illustration"
    described = "A picture, with its description and its credit"
    boxed = Boxed(
        "src",
        "caption",
        ("alt", "photo", "source", "ai", "by", "credit", "none", "caption", "link", "dark", "size", "audience"),
    )
    french_keys: ClassVar[Mapping[str, str]] = {
        "link": "lien",
        "caption": "legende",
        "credit": "credit",
        "size": "format",
    }

    src: PictureFile = Field(description="Picture file, beside the issue")
    alt: Literal["none"] | Prose | None = Field(
        None, description="What the picture shows, for who cannot see it, or none for mere decoration; once an issue"
    )
    credit: Credit | None = Field(None, description="Who made the picture; once an issue")
    caption: InlineText | None = Field(None, description="Caption")
    link: HttpUrl | None = Field(None, description="Where the picture leads")
    dark: PictureFile | None = Field(
        None,
        description="The same picture drawn for the dark; -nuit stands for the file's own name with -nuit after it",
    )
    size: Literal["full", "small"] = Field("full", description="Across the column, or small beside the text")

    @model_validator(mode="before")
    @classmethod
    def _beside(cls, data: Any) -> Any:
        """Complete a ``dark`` that is only what its name adds to the picture's: ``-nuit``."""
        if isinstance(data, dict) and isinstance(data.get("src"), str) and str(data.get("dark") or "")[:1] == "-":
            src = PurePath(data["src"])
            return {**data, "dark": src.with_name(f"{src.stem}{data['dark']}{src.suffix}").as_posix()}
        return data


@dataclass(frozen=True)
class Described:
    """What is said of a picture, by the first of an issue's figures that says it."""

    alt: str | None = None
    credit: Credit | None = None


@dataclass(frozen=True)
class ResolvedFigure(Resolved):
    """``path`` and ``dark`` are existing files; ``mention`` is the credit as printed beside the picture. ``alt`` is
    empty for decoration."""

    template = "figure"

    path: Path
    alt: Annotated[Prose | Literal[""], Unprinted()]
    mention: Prose
    credit: Annotated[Credit, Unprinted()]
    caption: Spans = ()
    link: HttpUrl | None = None
    dark: Path | None = None
    size: Literal["full", "small"] = "full"


def described(front: object) -> Mapping[str, Described]:
    """What the figures of an issue say of each picture: one that is printed twice is described once."""
    found: dict[str, Described] = {}
    for each in marked(front, Beside):
        if isinstance(figure := each.owner, Figure):
            said = found.get(figure.src, Described())
            found[figure.src] = Described(said.alt or figure.alt, said.credit or figure.credit)
    return found


def picture(context: Context, name: str, folder: Path, loc: Loc, line: int | None = None) -> Path | None:
    """The path of ``name`` in ``folder``; None, with a finding, where it is missing or outside the newsroom."""
    try:
        return inside(context.newsroom.root, folder, name)
    except Refused as refusal:
        code = refusal.code if isinstance(refusal, (FileMissing, OutsideNewsroom)) else "bad-file"
        context.add(code, str(refusal), loc, line, suggestion=renamed_line(context.source, refusal, name, loc, line))
        return None


def resolve(context: Context, block: Figure, at: BlockPosition) -> ResolvedFigure | None:
    path = picture(context, block.src, context.folder, at.of("src"), at.line)
    dark = None
    if block.dark is not None:
        dark = picture(context, block.dark, context.folder, at.of("dark"), at.line)
    if path is None:
        return None
    said = context.pictures.get(block.src, Described())
    assert isinstance(said, Described)
    alt, credit = block.alt or said.alt, block.credit or said.credit
    if alt is None or credit is None:  # reported when the issue was loaded
        return None
    resolved = ResolvedFigure(
        path=path,
        alt="" if alt == "none" else alt,
        mention="" if context.groups_credits and not credit.ai else mention(context, credit),
        credit=credit,
        caption=context.sentence(block.caption),
        link=block.link,
        dark=dark,
        size=block.size,
    )
    context.figures.append(resolved)
    return resolved


#: What the letter prints before a name, typed there too.
_LABEL = late(
    r"(?:photos?|cr[ée]dits?(?: photos?)?|photo credits?|sources?|dessins?|illustrations?)[ \u00a0]?:[ \u00a0]*",
    re.IGNORECASE,
)


def _bare(name: str) -> str:
    """``name`` without the label typed before it, which the letter prints."""
    return _LABEL.sub("", name, count=1) if _LABEL.match(name) else name


def mention(context: Context, credit: Credit) -> str:
    """« Photo : X », « Source : X • Dessin : Y », « Image générée par IA (o3 Pro), X », as the law wants.

    A drawing's author and what it was drawn from are apart, each with its word.
    """
    parts: list[str] = []
    if credit.photo:
        parts.append(context.say("Photo: {name}").format(name=_bare(credit.photo)))
    if credit.source:
        parts.append(context.say("Source: {name}").format(name=_bare(credit.source)))
    if credit.credit:
        own = _LABEL.match(credit.credit)  # “Photo : X” says more than our word would
        parts.append(credit.credit if own else context.say("Credit: {name}").format(name=credit.credit))
    if credit.ai:
        parts.append(context.say("AI-generated image ({model})").format(model=credit.ai))
    if credit.ai and credit.by:
        parts[-1] += f", {credit.by}"
    elif credit.by:
        parts.append(context.say("Illustration: {name}").format(name=_bare(credit.by)))
    return (context.style.separator or " • ").join(parts)


def grouped(context: Context) -> str | None:
    """The credits of every picture of the edition in one line: photographers together, then the others."""
    photos: list[str] = []
    others: list[str] = []
    for each in context.figures:
        assert isinstance(each, ResolvedFigure)
        if each.credit.none:
            continue
        only_photo = each.credit.photo and not (
            each.credit.source or each.credit.ai or each.credit.by or each.credit.credit
        )
        name, names = (
            (_bare(each.credit.photo or ""), photos) if only_photo else (mention(context, each.credit), others)
        )
        if name not in names:
            names.append(name)
    if photos:
        words = "Photo credit: {names}" if len(photos) == 1 else "Photo credits: {names}"
        others.insert(0, context.say(words).format(names=" – ".join(photos)))
    return (context.style.separator or " • ").join(others) or None


FIGURE = BlockType(Figure, ResolvedFigure, resolve)
