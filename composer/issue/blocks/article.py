"""The article: a story, a dossier or an opinion, whole or cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from composer.issue.block import Audience, Block
from composer.issue.blocks.boxes import BodyText, resolved_body
from composer.issue.blocks.figure import FIGURE, Figure, ResolvedFigure
from composer.issue.body import Element, is_cut
from composer.issue.context import Context
from composer.issue.field_types import AnchorId, EmbargoTime, InlineText, ReferenceText
from composer.issue.inline import Spans
from composer.issue.marked import shown
from composer.issue.people import Bylines, signatures
from composer.issue.references import references
from composer.issue.resolved import LeadBlock, Reference, ResolvedBody, Signature
from composer.issue.resolving import BlockPosition, BlockType
from composer.locale import gettext as _
from composer.newsroom.model import Style
from composer.newsroom.values import HttpUrl, Prose
from composer.source.vocabulary import key_name


class Article(Block):
    type: Literal["article"] = "article"
    main = "body"
    french = "article"
    described = "An article, whole or cut at ===: story, dossier or opinion"
    french_keys: ClassVar[Mapping[str, str]] = {
        "kind": "genre",
        "byline": "signature",
        "figure": "illustration",
        "access": "acces",
        "teaser": "amorce",
        "further": "pour_aller_plus_loin",
        "syndication": "reprise",
        "embargo_until": "embargo",
    }
    french_values: ClassVar[Mapping[str, str]] = {"story": "article", "dossier": "dossier", "opinion": "tribune"}

    headline: InlineText = Field(description="Headline")
    body: BodyText = Field(description="Text, in Markdown; a line === puts the rest behind the paywall")
    id: AnchorId | None = Field(None, description="Name for cross-references")
    url: HttpUrl | None = Field(None, description="Address of the article on the web")
    label: Prose | None = Field(None, description="Section label, such as Grand angle")
    kind: Literal["story", "dossier", "opinion"] = Field("story", description="Kind of article")
    standfirst: InlineText | None = Field(None, description="Standfirst")
    byline: Bylines | None = Field(None, description="Who signs")
    figure: Figure | None = Field(None, description="Picture under the headline")
    access: Literal["free", "paid"] = Field("free", description="paid: free readers get only what stands before ===")
    teaser: InlineText | None = Field(None, description="What free readers get in place of the paid part")
    further: tuple[ReferenceText, ...] = Field((), description="Further reading: ids, or Markdown links")
    crossheads: Literal["own-line", "run-in"] | None = Field(None, description="Crossheads on their own line or run in")
    syndication: InlineText | None = Field(None, description="Notice of the syndicate the text comes from")
    embargo_until: EmbargoTime | None = Field(None, description="Not to be sent before this instant")

    def withholds(self, audience: Audience) -> bool:
        return audience == "free" and self.access == "paid" and not is_cut(self.body)


@dataclass(frozen=True)
class ResolvedArticle(LeadBlock):
    """``locked``: a paid part follows that is not in this edition; ``teaser`` then says what it is about."""

    template = "article"

    headline: Spans
    body: ResolvedBody
    kind: Literal["story", "dossier", "opinion"]
    style: Style
    label: Prose | None = None
    standfirst: Spans = ()
    signatures: tuple[Signature, ...] = ()
    figure: ResolvedFigure | None = None
    locked: bool = False
    teaser: Spans = ()
    further: tuple[Reference, ...] = ()
    syndication: Spans = ()
    url: HttpUrl | None = None
    id: AnchorId | None = None


def free_part(article: Article) -> tuple[tuple[int, Element], ...]:
    """What free readers get of the article's body: nothing if it is paid for and not cut."""
    return shown(article, article.body, "free")


def locked(article: Article, audience: Audience) -> bool:
    """True if part of the article is withheld from ``audience``."""
    return audience == "free" and (article.access == "paid" or is_cut(article.body))


def resolve(context: Context, block: Article, at: BlockPosition) -> ResolvedArticle:
    """The article as this audience gets it. In a locked one, nothing that follows the cut is read at all."""
    style = context.style_of(block)
    if block.crossheads is not None:
        style = style.model_copy(update={"crossheads": block.crossheads})
    is_locked = locked(block, context.audience)
    closed = is_locked and not is_cut(block.body)  # nothing of the text is free
    elements = shown(block, block.body, context.audience)
    if is_locked and not elements and not block.teaser:
        message = _("free readers get nothing of this article: give it a {teaser}, or put a line === in its text")
        name = key_name("teaser", context.newsroom.settings.keys)
        context.add("missing-teaser", message.format(teaser=name), at.of("headline"))
    # in page order, which grouped credits follow
    under = (
        FIGURE.resolve(context, block.figure, BlockPosition(at.of("figure"))) if block.figure and not closed else None
    )
    return ResolvedArticle(
        headline=context.sentence(block.headline),
        body=resolved_body(context, elements, at.of("body"), style),
        kind=block.kind,
        style=style,
        label=block.label,
        standfirst=() if closed else context.sentence(block.standfirst),
        signatures=signatures(context, block.byline),
        figure=under if isinstance(under, ResolvedFigure) else None,
        locked=is_locked,
        teaser=context.sentence(block.teaser) if is_locked else (),
        further=() if is_locked else references(context, block.further),
        syndication=() if closed else context.sentence(block.syndication),
        url=block.url,
        id=block.id,
    )


ARTICLE = BlockType(Article, ResolvedArticle, resolve)
