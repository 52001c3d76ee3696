"""Pages worth reading elsewhere: a card for each, with its source and one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from composer.issue.block import Block
from composer.issue.blocks.figure import FIGURE, Figure, ResolvedFigure
from composer.issue.context import Context
from composer.issue.field_types import InlineText
from composer.issue.inline import Inline, Link, Spans
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition, BlockType
from composer.newsroom.model import Strict
from composer.newsroom.values import HttpUrl, Prose
from composer.source.points import Pointed


class Card(Strict):
    point: ClassVar[Pointed] = Pointed("title", "text", url="url")
    french_keys: ClassVar[Mapping[str, str]] = {"figure": "illustration"}

    title: InlineText = Field(description="Title of the page")
    url: HttpUrl = Field(description="Its address")
    source: Prose | None = Field(None, description="Who publishes it; the site's name in its address otherwise")
    text: InlineText | None = Field(None, description="One line: why to read it")
    figure: Figure | None = Field(None, description="Small picture beside it")

    @model_validator(mode="before")
    @classmethod
    def _led(cls, data: Any) -> Any:
        """A title that is a link gives the address, where none is given."""
        title = data.get("title") if isinstance(data, dict) and data.get("url") is None else None
        if isinstance(title, Inline) and len(title.spans) == 1 and isinstance(link := title.spans[0], Link):
            return data | {"url": link.url, "title": replace(title, spans=link.children)}
        return data


class ReadingCards(Block):
    type: Literal["reading"] = "reading"
    main = "items"
    french = "lecture"
    described = "What to read elsewhere: link cards with source and one line"

    items: tuple[Card, ...] = Field(min_length=1, description="The pages")
    label: Prose | None = Field(None, description="Section label; À lire ailleurs otherwise")


@dataclass(frozen=True)
class ResolvedCard:
    title: Spans
    url: HttpUrl
    source: Prose
    text: Spans = ()
    figure: ResolvedFigure | None = None


@dataclass(frozen=True)
class ResolvedReading(Resolved):
    template = "reading"

    label: Prose
    items: tuple[ResolvedCard, ...]


def _card(context: Context, card: Card, at: BlockPosition) -> ResolvedCard:
    figure = FIGURE.resolve(context, card.figure, BlockPosition(at.of("figure"))) if card.figure else None
    return ResolvedCard(
        title=context.sentence(card.title),
        url=card.url,
        source=card.source or (urlsplit(card.url).hostname or "").removeprefix("www."),
        text=context.sentence(card.text),
        figure=figure if isinstance(figure, ResolvedFigure) else None,
    )


def resolve(context: Context, block: ReadingCards, at: BlockPosition) -> ResolvedReading:
    cards = (_card(context, card, BlockPosition((*at.of("items"), n))) for n, card in enumerate(block.items))
    return ResolvedReading(block.label or context.say("Worth reading elsewhere"), tuple(cards))


READING = BlockType(ReadingCards, ResolvedReading, resolve)
