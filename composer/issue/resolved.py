"""What an Edition is made of: blocks resolved for one audience.

Everything is resolved here: people, references, sponsors, computed lists, style. Nothing a reader of this edition may
not read is anywhere in it. Templates only lay it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import Literal

from composer.issue.blocks import Credit, Guest, Said
from composer.issue.body import Citation, Crosshead, Paragraph, Points
from composer.issue.inline import Span
from composer.newsroom.model import Style

Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Signature:
    name: str
    role: str | None = None
    short: str | None = None
    bio: Spans = ()
    email: str | None = None


@dataclass(frozen=True)
class Reference:
    """A link to a block or a page. Without ``url`` the words stand alone."""

    spans: Spans
    url: str | None = None


@dataclass(frozen=True)
class ResolvedFigure:
    """``path`` and ``dark`` are files that exist; ``mention`` is the credit as printed beside it."""

    path: Path
    alt: str
    mention: str
    credit: Credit
    caption: Spans = ()
    link: str | None = None
    dark: Path | None = None


@dataclass(frozen=True)
class ResolvedBox:
    """En filigrane, À surveiller, or another insight; ``label`` in the letter's language."""

    kind: Literal["en_filigrane", "a_surveiller", "insight"]
    label: str
    title: Spans
    text: ResolvedBody
    style: Style
    due: Date | None = None
    names: tuple[str, ...] = ()
    follows: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class ResolvedQuote:
    text: ResolvedBody
    author: str | None = None
    source: Spans = ()


@dataclass(frozen=True)
class ResolvedLinks:
    label: str
    marker: str
    items: tuple[Reference, ...]


ResolvedElement = (
    Paragraph | Crosshead | Points | Citation | ResolvedBox | ResolvedFigure | ResolvedQuote | ResolvedLinks
)
ResolvedBody = tuple[ResolvedElement, ...]


@dataclass(frozen=True)
class ResolvedEdito:
    headline: Spans
    body: ResolvedBody
    signatures: tuple[Signature, ...]
    style: Style
    standfirst: Spans = ()
    reply: Spans = ()
    id: str | None = None


@dataclass(frozen=True)
class ResolvedArticle:
    """``locked``: a paid part follows that this edition does not hold; ``teaser`` then says what."""

    headline: Spans
    body: ResolvedBody
    kind: Literal["story", "dossier", "opinion"]
    style: Style
    label: str | None = None
    standfirst: Spans = ()
    signatures: tuple[Signature, ...] = ()
    figure: ResolvedFigure | None = None
    locked: bool = False
    teaser: Spans = ()
    further: tuple[Reference, ...] = ()
    syndication: Spans = ()
    url: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class ResolvedBrief:
    headline: Spans
    text: ResolvedBody
    url: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class ResolvedBriefs:
    label: str
    items: tuple[ResolvedBrief, ...]
    layout: Literal["run-in", "stacked"]
    style: Style
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResolvedNotice:
    """``language`` is that of the edition it announces; its words are in the letter's own."""

    text: Spans
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class ResolvedSponsor:
    """``mention`` is the legal mention, « Publicité · Un message de X », printed in HTML and in text.

    It is in the letter's language; the rest is in ``language``, None where that is the letter's too.
    """

    slot: str
    form: Literal["full", "small"]
    advertiser: str
    mention: str
    headline: str
    body: ResolvedBody = ()
    image: Path | None = None
    image_alt: str = ""
    button_text: str | None = None
    button_url: str | None = None
    disclaimer: str | None = None
    creative: str = ""
    language: str | None = None


@dataclass(frozen=True)
class ResolvedTeasers:
    label: str
    items: tuple[Spans, ...]


@dataclass(frozen=True)
class ResolvedReplay:
    """Only the quotes somebody checked are printed."""

    show: str
    aired: Date | datetime
    url: str
    channel: str | None = None
    host: str | None = None
    guests: tuple[Guest, ...] = ()
    chapters: tuple[tuple[str, Spans], ...] = ()
    quotes: tuple[Said, ...] = ()


@dataclass(frozen=True)
class ResolvedMasthead:
    photo_credits: str | None
    bios: tuple[Signature, ...] = ()
    latest: tuple[Reference, ...] = ()


Resolved = (
    ResolvedEdito
    | ResolvedArticle
    | ResolvedBriefs
    | ResolvedBox
    | ResolvedFigure
    | ResolvedQuote
    | ResolvedLinks
    | ResolvedNotice
    | ResolvedSponsor
    | ResolvedTeasers
    | ResolvedReplay
    | ResolvedMasthead
)
