"""The file of an advertiser: what is printed, and where and when it was sold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from composer.locale import Language
from composer.newsroom.strict import Strict
from composer.newsroom.values import HttpUrl, Identifier, Line, Named, SlotId


class Image(Strict):
    french_keys: ClassVar[Mapping[str, str]] = {"ai": "ia"}

    src: str = Field(description="File beside this one")
    alt: Line = Field(description="What the picture shows, for who cannot see it")
    dark: str | None = Field(None, description="The same picture drawn for the dark")
    ai: Line | None = Field(None, description="Model that generated the picture; the letter says so")


class Button(Strict):
    text: Line = Field(description="Words of the button")
    url: HttpUrl = Field(description="Where it leads")


class Creative(Strict):
    """One advertisement, printed as the advertiser wrote it: house typography is not applied."""

    language: Language | None = Field(None, description="Language it is written in; the publication's own otherwise")
    headline: Line = Field(description="Headline of the advertisement")
    body: str | None = Field(None, description="Its text, in Markdown")
    image: Image | None = Field(None, description="Its picture")
    button: Button | None = Field(None, description="Its button")
    disclaimer: str | None = Field(None, description="Legal words; mandatory in some categories")
    valid_until: Date | None = Field(None, description="Last day on which it may be printed")


class Booking(Strict):
    publication: Annotated[Identifier, Named("publication")] = Field(description="Publication booked")
    date: Date = Field(description="Date of the issue")
    slot: SlotId = Field(description="Slot booked")
    creative: Identifier = Field(description="Creative to print")


# fmt: off
Category = Literal[
    "general", "finance", "credit", "crypto", "insurance", "alcohol", "gambling", "health", "energy", "political"
]
# fmt: on

#: Categories in which French law requires a disclaimer on advertisements.
REGULATED: frozenset[str] = frozenset({"finance", "credit", "crypto", "alcohol", "gambling", "health", "energy"})


class Sponsor(Strict):
    """``config/sponsors/<id>.yaml``."""

    advertiser: Line = Field(description="Name printed in the legal mention")
    category: Category = Field("general", description="Regulated categories make the disclaimer mandatory")
    mention: Literal["publicite", "communique"] = Field("publicite", description="Legal mention printed")
    creatives: dict[Identifier, Creative] = Field(description="The advertisements, by identifier")
    bookings: tuple[Booking, ...] = Field((), description="What was sold, and when")
