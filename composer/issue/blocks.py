"""The fourteen blocks of an issue.

In YAML a block is a one-key mapping, ``- article: {headline: …}``, whose value may be its main text alone. The loader
hands it over as ``{"type": "article", "headline": …}``; ``main`` names the field the main text goes to.

Descriptions are what editors read in their text editor (``filigrane schema``); they go through gettext.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from composer.issue.fields import BodyText, InlineText, SmallText
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Strict, Style
from composer.newsroom.values import HttpUrl, Identifier, Line

Audience = Literal["free", "paid"]


class Block(Strict):
    main: ClassVar[str]

    audience: Literal["all", "free", "paid"] = Field("all", description="Who gets this block")
    style: Style | None = Field(None, description="Presentation of this block alone")


class Credit(Strict):
    """Who made a picture: one of photo, source, ai; ``by`` names who held the brush or the prompt."""

    photo: Line | None = Field(None, description="Photographer or agency")
    source: Line | None = Field(None, description="Source of a chart or document")
    ai: Line | None = Field(None, description="Model that generated the picture; the letter says so")
    by: Line | None = Field(None, description="Who drew it, or prompted the model")

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

    src: str = Field(description="Picture file, beside the issue")
    alt: Line = Field(description="What the picture shows, for who cannot see it")
    credit: Credit = Field(description="Who made the picture")
    caption: InlineText | None = Field(None, description="Caption")
    link: HttpUrl | None = Field(None, description="Where the picture leads")
    dark: str | None = Field(None, description="The same picture drawn for the dark")


class Byline(Strict):
    name: Line = Field(description="Name as signed")
    role: Line | None = Field(None, description="What the author does")
    short: Line | None = Field(None, description="Short form of the role")


#: A person's identifier, or somebody who is not in the directory; or several.
Bylines = Line | Byline | tuple[Line | Byline, ...]


class Edito(Block):
    type: Literal["edito"] = "edito"
    main = "body"

    headline: InlineText = Field(description="Headline")
    body: BodyText = Field(description="Text, in Markdown")
    id: Identifier | None = Field(None, description="Name for cross-references")
    author: Bylines | None = Field(None, description="Who signs; the publication's first person otherwise")
    standfirst: InlineText | None = Field(None, description="Standfirst")
    reply: InlineText | None = Field(None, description="Invitation to write back, after the signature")


class Article(Block):
    type: Literal["article"] = "article"
    main = "body"

    headline: InlineText = Field(description="Headline")
    body: BodyText = Field(description="Text, in Markdown; a line === puts the rest behind the paywall")
    id: Identifier | None = Field(None, description="Name for cross-references")
    url: HttpUrl | None = Field(None, description="Address of the article on the web")
    label: Line | None = Field(None, description="Section label, such as Grand angle")
    kind: Literal["story", "dossier", "opinion"] = Field("story", description="Kind of article")
    standfirst: InlineText | None = Field(None, description="Standfirst")
    byline: Bylines | None = Field(None, description="Who signs")
    figure: Figure | None = Field(None, description="Picture under the headline")
    access: Literal["free", "paid"] = Field("free", description="paid: free readers get only what stands before ===")
    teaser: InlineText | None = Field(None, description="What free readers get in place of the paid part")
    further: tuple[InlineText, ...] = Field((), description="Further reading: ids, or Markdown links")
    crossheads: Literal["own-line", "run-in"] | None = Field(None, description="Crossheads on their own line or run in")
    syndication: InlineText | None = Field(None, description="Notice of the syndicate the text comes from")
    embargo_until: datetime | None = Field(None, description="Not to be sent before this instant")


class Brief(Strict):
    headline: InlineText = Field(description="Headline, in bold")
    text: SmallText = Field(description="Text, in Markdown")
    id: Identifier | None = Field(None, description="Name for cross-references")
    url: HttpUrl | None = Field(None, description="Where the headline leads")


class Briefs(Block):
    type: Literal["briefs"] = "briefs"
    main = "items"

    items: tuple[Brief, ...] = Field(min_length=1, description="The briefs")
    label: Line | None = Field(None, description="Section label; En bref otherwise")
    names: Literal["auto"] | tuple[Line, ...] | None = Field(None, description="Names line above: auto, or a list")
    layout: Literal["run-in", "stacked"] = Field("run-in", description="Headline run in with the text, or above it")


class EnFiligrane(Block):
    type: Literal["en_filigrane"] = "en_filigrane"
    main = "text"

    title: InlineText = Field(description="Title of the box")
    text: SmallText = Field(description="What lies behind the news")


class ASurveiller(Block):
    type: Literal["a_surveiller"] = "a_surveiller"
    main = "text"

    title: InlineText = Field(description="Title of the box")
    text: SmallText = Field(description="What comes next")
    id: Identifier | None = Field(None, description="Name for a later follow-up")
    due: date | None = Field(None, description="When it should be known (YYYY-MM-DD)")
    names: tuple[Line, ...] = Field((), description="Names concerned")
    follows: str | None = Field(None, description="Earlier one that this one follows, by its id")


class Insight(Block):
    type: Literal["insight"] = "insight"
    main = "text"

    label: Line = Field(description="Label of the box, such as La bonne échelle")
    title: InlineText = Field(description="Title of the box")
    text: SmallText = Field(description="Text, in Markdown")


class Quote(Block):
    type: Literal["quote"] = "quote"
    main = "text"

    text: SmallText = Field(description="The words quoted")
    author: Line | None = Field(None, description="Who said it")
    source: InlineText | None = Field(None, description="Where")


class Links(Block):
    type: Literal["links"] = "links"
    main = "items"

    items: tuple[InlineText, ...] = Field((), description="Ids of this issue's blocks, or Markdown links")
    latest: Annotated[int, Field(ge=1, le=20)] | None = Field(None, description="Instead: the latest n issues sent")
    label: Line | None = Field(None, description="Label; Pour aller plus loin otherwise")
    marker: str | None = Field(None, description="Mark before each link")

    @model_validator(mode="after")
    def _something(self) -> Links:
        if bool(self.items) == (self.latest is not None):
            why = _("give either items, or latest with a number")
            raise PydanticCustomError("items-or-latest", "{why}", {"why": why})
        return self


class Notice(Block):
    type: Literal["notice"] = "notice"
    main = "text"
    all_or_nothing = True

    text: InlineText = Field(description="Service note to readers")
    url: HttpUrl | None = Field(None, description="Where it leads")
    edition: Language | None = Field(None, description="Language of the edition it announces")
    until: date | None = Field(None, description="Last date on which it is printed")


class SponsorSlot(Block):
    """Where an advertisement stands. The creative comes from the booking of this date."""

    type: Literal["sponsor"] = "sponsor"
    main = "slot"
    all_or_nothing = True

    slot: Identifier = Field(description="Slot of the publication; the creative comes from its booking")
    creative: str | None = Field(
        None, pattern=r"^[a-z0-9_-]+/[a-z0-9_-]+$", description="advertiser/creative, in place of the booked one"
    )


class Teaser(Strict):
    text: InlineText = Field(description="What paying readers get")
    of: Identifier | None = Field(None, description="Id of the block it announces")


class Teasers(Block):
    type: Literal["teasers"] = "teasers"
    main = "items"

    items: Literal["auto"] | tuple[Teaser | InlineText, ...] = Field(
        "auto", description="auto lists what free readers do not get; or a list"
    )
    label: Line | None = Field(None, description="Label; En exclusivité pour les abonnés otherwise")


class Guest(Strict):
    name: Line = Field(description="Name")
    role: Line | None = Field(None, description="What the guest does")
    org: Line | None = Field(None, description="Organisation")


Timecode = Annotated[str, Field(pattern=r"^(?:\d{1,2}:)?\d{1,3}:[0-5]\d$")]


class Said(Strict):
    at: Timecode = Field(description='Time in the recording, quoted: "16:27"')
    speaker: Line = Field(description="Who speaks")
    text: InlineText = Field(description="The words")
    checked: bool = Field(False, description="true once somebody listened to it; printed only then")


class Replay(Block):
    type: Literal["replay"] = "replay"
    main = "show"

    show: Line = Field(description="Name of the programme")
    aired: date | datetime = Field(description="When it was aired")
    url: HttpUrl = Field(description="Where to listen or watch")
    channel: Line | None = Field(None, description="Channel")
    host: Line | None = Field(None, description="Host")
    guests: tuple[Guest, ...] = Field((), description="Guests")
    chapters: dict[Timecode, InlineText] = Field(default_factory=dict, description='Chapters: "MM:SS": title')
    quotes: tuple[Said, ...] = Field((), description="Words quoted")
    transcript: str | None = Field(None, description="Transcript file, in the newsroom; not printed")


class Masthead(Block):
    type: Literal["masthead"] = "masthead"
    main = "photo_credits"

    photo_credits: Literal["auto"] | Line | None = Field("auto", description="auto gathers them; or a text")
    bios: Literal["auto"] | tuple[Identifier, ...] = Field("auto", description="auto: of who signs; or identifiers")
    latest: Annotated[int, Field(ge=0, le=20)] = Field(0, description="How many of the latest issues to list")


AnyBlock = Annotated[
    Edito
    | Article
    | Briefs
    | EnFiligrane
    | ASurveiller
    | Insight
    | Figure
    | Quote
    | Links
    | Notice
    | SponsorSlot
    | Teasers
    | Replay
    | Masthead,
    Field(discriminator="type"),
]

#: Block name in YAML → its type, in the order of the documentation.
BLOCKS: dict[str, type[Block]] = {
    "edito": Edito,
    "article": Article,
    "briefs": Briefs,
    "en_filigrane": EnFiligrane,
    "a_surveiller": ASurveiller,
    "insight": Insight,
    "figure": Figure,
    "quote": Quote,
    "links": Links,
    "notice": Notice,
    "sponsor": SponsorSlot,
    "teasers": Teasers,
    "replay": Replay,
    "masthead": Masthead,
}

#: Boxes that may also stand inside a body, as ``:::name argument`` … ``:::``.
DIRECTIVES: dict[str, type[Block]] = {
    name: BLOCKS[name] for name in ("en_filigrane", "a_surveiller", "insight", "figure", "quote", "links")
}
