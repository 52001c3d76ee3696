"""A broadcast to listen to again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from composer.issue.block import Block
from composer.issue.context import Context
from composer.issue.field_types import BesideFile, InlineText
from composer.issue.inline import Spans
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.model import Strict
from composer.newsroom.values import HttpUrl, Prose

Timecode = Annotated[str, Field(pattern=r"^(?:\d{1,2}:)?\d{1,3}:[0-5]\d$")]


class Guest(Strict):
    french_keys: ClassVar[Mapping[str, str]] = {"org": "organisation"}

    name: Prose = Field(description="Name")
    role: Prose | None = Field(None, description="What the guest does")
    org: Prose | None = Field(None, description="Organisation")


class Said(Strict):
    french_keys: ClassVar[Mapping[str, str]] = {"at": "minutage", "speaker": "intervenant", "checked": "verifie"}

    at: Timecode = Field(description='Time in the recording, quoted: "16:27"')
    speaker: Prose = Field(description="Who speaks")
    text: InlineText = Field(description="The words")
    checked: bool = Field(False, description="true once somebody listened to it; printed only then")


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
        "transcript": "transcription",
    }

    show: Prose = Field(description="Name of the programme")
    aired: date | datetime = Field(description="When it was aired")
    url: HttpUrl = Field(description="Where to listen or watch")
    channel: Prose | None = Field(None, description="Channel")
    host: Prose | None = Field(None, description="Host")
    guests: tuple[Guest, ...] = Field((), description="Guests")
    chapters: dict[Timecode, InlineText] = Field(default_factory=dict, description='Chapters: "MM:SS": title')
    quotes: tuple[Said, ...] = Field((), description="Words quoted")
    transcript: BesideFile | None = Field(None, description="Transcript file, in the newsroom; not printed")


@dataclass(frozen=True)
class ResolvedReplay(Resolved):
    """Only verified quotes are printed."""

    template = "replay"

    show: Prose
    aired: date | datetime
    url: HttpUrl
    channel: Prose | None = None
    host: Prose | None = None
    guests: tuple[Guest, ...] = ()
    chapters: tuple[tuple[Timecode, Spans], ...] = ()
    quotes: tuple[Said, ...] = ()


def resolve(context: Context, block: Replay, at: BlockPosition) -> ResolvedReplay:
    return ResolvedReplay(
        show=block.show,
        aired=block.aired,
        url=block.url,
        channel=block.channel,
        host=block.host,
        guests=block.guests,
        chapters=tuple((at, context.sentence(title)) for at, title in block.chapters.items()),
        quotes=tuple(
            said.model_copy(update={"text": context.inline(said.text)}) for said in block.quotes if said.checked
        ),
    )


REPLAY = BlockType(Replay, ResolvedReplay, resolve)
