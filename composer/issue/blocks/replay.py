"""A broadcast to listen to again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from composer.issue.block import Block
from composer.issue.blocks.figure import FIGURE, Figure, ResolvedFigure
from composer.issue.body import Paragraph
from composer.issue.context import Context
from composer.issue.field_types import BesideFile, InlineText, SmallText
from composer.issue.inline import Inline, Spans
from composer.issue.quoted import unquoted
from composer.issue.resolve_body import resolved_text
from composer.issue.resolved import Resolved, ResolvedBody
from composer.issue.resolving import BlockPosition, BlockType
from composer.issue.time_links import url_at
from composer.locale import gettext as _
from composer.newsroom.model import Strict
from composer.newsroom.values import HttpUrl, Prose, Unprinted

#: ``02:59``, ``1:02:59``, ``128:05``.
Timecode = Annotated[str, Field(pattern=r"^(?:\d{1,2}:)?\d{1,3}:[0-5]\d$")]


def seconds_of(time: Timecode) -> int:
    """The seconds that ``time`` is from the beginning."""
    return sum(int(part) * unit for part, unit in zip(reversed(time.split(":")), (1, 60, 3600), strict=False))


class Guest(Strict):
    french_keys: ClassVar[Mapping[str, str]] = {"org": "organisation"}

    name: Prose = Field(description="Name")
    role: Prose | None = Field(None, description="What the guest does")
    org: Prose | None = Field(None, description="Organisation")


class Said(Strict):
    french_keys: ClassVar[Mapping[str, str]] = {"at": "minutage", "speaker": "intervenant", "checked": "verifie"}
    french_values: ClassVar[Mapping[str, str]] = {"by-ear": "a-l-oreille"}

    at: Timecode = Field(description='Time in the recording, quoted: "16:27"')
    speaker: Prose = Field(description="Who speaks")
    text: InlineText = Field(description="The words")
    checked: bool | Literal["by-ear"] = Field(
        False, description="true to print it, compared with the transcript; by-ear where somebody listened instead"
    )
    by: Annotated[Prose | None, Unprinted()] = Field(None, description="Who listened")

    @model_validator(mode="after")
    def _somebody(self) -> Said:
        if self.checked == "by-ear" and self.by is None:
            why = _("a quotation that was checked by ear says by whom: by: with a name")
            raise PydanticCustomError("no-listener", "{why}", {"why": why})
        return self


class Replay(Block):
    type: Literal["replay"] = "replay"
    main = "show"
    french = "reecoute"
    described = "A broadcast to listen to again, with its guests, chapters and quotations"
    french_keys: ClassVar[Mapping[str, str]] = {
        "show": "emission",
        "aired": "diffusion",
        "channel": "chaine",
        "host": "animateur",
        "guests": "invites",
        "chapters": "chapitres",
        "duration": "duree",
        "transcript": "transcription",
        "transcript_url": "lien_transcription",
    }

    show: Prose = Field(description="Name of the programme")
    aired: date | datetime = Field(description="When it was aired")
    url: HttpUrl = Field(description="Where to listen or watch")
    title: InlineText | None = Field(None, description="Title of the episode")
    text: SmallText | None = Field(None, description="What it is about, in Markdown")
    duration: Timecode | None = Field(None, description='How long it lasts, quoted: "54:00"')
    figure: Figure | None = Field(None, description="Picture")
    channel: Prose | None = Field(None, description="Channel")
    host: Prose | None = Field(None, description="Host")
    guests: tuple[Guest, ...] = Field((), description="Guests")
    chapters: dict[Timecode, InlineText] = Field(default_factory=dict, description='Chapters: "MM:SS": title')
    quotes: tuple[Said, ...] = Field((), description="Words quoted")
    transcript: BesideFile | None = Field(
        None,
        description="Transcript file (.vtt, .srt, .txt), not printed: quotations are compared with it",
    )
    transcript_url: HttpUrl | None = Field(None, description="Where readers find the transcript")


@dataclass(frozen=True)
class ResolvedReplay(Resolved):
    """Only checked quotations are printed; they and the chapters are in order of time.

    ``plays`` gives for a time the address that plays from there, where the broadcast's own can say it.
    """

    template = "replay"

    show: Prose
    aired: date | datetime
    url: HttpUrl
    title: Spans = ()
    text: ResolvedBody = ()
    minutes: int | None = None
    figure: ResolvedFigure | None = None
    channel: Prose | None = None
    host: Prose | None = None
    guests: tuple[Guest, ...] = ()
    chapters: tuple[tuple[Timecode, Spans], ...] = ()
    quotes: tuple[Said, ...] = ()
    plays: dict[Timecode, HttpUrl] = field(default_factory=dict)
    transcript_url: HttpUrl | None = None


def resolve(context: Context, block: Replay, at: BlockPosition) -> ResolvedReplay:
    figure = FIGURE.resolve(context, block.figure, BlockPosition(at.of("figure"))) if block.figure else None
    chapters = sorted(block.chapters.items(), key=lambda chapter: seconds_of(chapter[0]))
    quotes = sorted((said for said in block.quotes if said.checked), key=lambda said: seconds_of(said.at))
    times = (*block.chapters, *(said.at for said in quotes))
    return ResolvedReplay(
        show=block.show,
        aired=block.aired,
        url=block.url,
        title=context.sentence(block.title),
        text=resolved_text(context, block.text) if block.text else (),
        minutes=max(1, round(seconds_of(block.duration) / 60)) if block.duration else None,
        figure=figure if isinstance(figure, ResolvedFigure) else None,
        channel=block.channel,
        host=block.host,
        guests=block.guests,
        chapters=tuple((time, context.sentence(title)) for time, title in chapters),
        quotes=tuple(said.model_copy(update={"text": _bare(context.inline(said.text))}) for said in quotes),
        plays={time: url for time in times if (url := url_at(block.url, seconds_of(time)))},
        transcript_url=block.transcript_url,
    )


def _bare(words: Inline) -> Inline:
    """``words`` without the quotation marks around them: the letter prints its own."""
    (paragraph, *_rest), _marked = unquoted((Paragraph(words.spans),))
    return replace(words, spans=paragraph.spans) if isinstance(paragraph, Paragraph) else words


REPLAY = BlockType(Replay, ResolvedReplay, resolve)
