"""Where a figure stands, which decides its size on the page; and what is written of it that is not printed there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Literal

from composer.issue.blocks.article import Article
from composer.issue.blocks.figure import Figure
from composer.issue.blocks.reading import ReadingCards
from composer.issue.blocks.sponsor import ResolvedSponsor
from composer.issue.body import Body, Paywall
from composer.issue.edition import Edition
from composer.issue.marked import Beside, Marked, marked
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.rendering.layout import stands_beside
from composer.source.finding import Finding, Severity
from composer.source.vocabulary import key_name

#: Across the column; beside a text; on a card of ``reading``.
PicturePlace = Literal["figure", "small", "card"]


def place_of(issue: Issue, picture: Marked[Beside]) -> PicturePlace:
    """Where ``picture``, the name of a figure's file in ``issue``, is drawn."""
    block = issue.front.blocks[int(picture.loc[1])] if picture.loc[0] == "blocks" else None
    if isinstance(block, ReadingCards):
        return "card"
    figure = picture.owner
    if not isinstance(figure, Figure) or figure.size != "small":
        return "figure"
    body = picture.body
    if body is None and isinstance(block, Article) and block.figure is figure:
        return "small" if stands_beside(_first(block.body)) else "figure"
    return "small" if body is not None and stands_beside(_after(body, figure)) else "figure"


def _first(body: Body) -> object:
    return next((each for each in body.elements if not isinstance(each, Paywall)), None)


def _after(body: Body, figure: Figure) -> object:
    """What follows ``figure`` in ``body``; the line of the paywall parts nothing that is seen."""
    elements = [each for each in body.elements if not isinstance(each, Paywall)]
    at = next((number for number, each in enumerate(elements) if each is figure), len(elements))
    return next(iter(elements[at + 1 :]), None)


def _is_cut_off(picture: Marked[Beside]) -> bool:
    """Whether the paywall follows the figure at once: free readers get nothing beside it."""
    elements = picture.body.elements if picture.body is not None else ()
    after = (next_ for each, next_ in pairwise(elements) if each is picture.owner)
    return isinstance(next(after, None), Paywall)


def findings(issue: Issue, newsroom: Newsroom) -> Iterator[Finding]:
    """A warning for each field of a figure that has no effect where it stands."""
    keys = newsroom.settings.keys
    for each in marked(issue.front, Beside):
        figure = each.owner
        if not (each.mark.printed and isinstance(figure, Figure) and each.value == figure.src):
            continue
        place = place_of(issue, each)
        if place == "figure" and figure.size == "small":
            message = _("{key}: the picture {name} has no text after it to stand beside, and is drawn across")
        elif place == "small" and _is_cut_off(each):
            message = _(
                "{key}: for free readers the picture {name} has no text after it to stand beside, and is drawn across"
            )
        else:
            message = ""
        if message:
            message = message.format(key=key_name("size", keys, "Figure"), name=figure.src)
            yield issue.source.finding("picture-field", message, each.loc, line=each.line, severity=Severity.WARNING)
        unprinted = [name for name in ("caption", "link") if place == "card" and getattr(figure, name) is not None]
        for name in unprinted:
            message = _("{key}: a card prints its own words and its own link, and nothing else of the picture {name}")
            message = message.format(key=key_name(name, keys, "Figure"), name=figure.src)
            loc = (*each.loc[:-1], name)
            yield issue.source.finding("picture-field", message, loc, severity=Severity.WARNING)


def creatives_cut(issue: Issue, newsroom: Newsroom, editions: Iterable[Edition]) -> Iterator[Finding]:
    """A note for each advertisement of which a slot of one line does not print all."""
    keys = newsroom.settings.keys
    adverts = {
        each.creative: each for edition in editions for each in edition.blocks if isinstance(each, ResolvedSponsor)
    }
    for name, each in adverts.items():
        advertiser, _slash, creative = name.partition("/")
        source = newsroom.sources.get(f"config/sponsors/{advertiser}.yaml", issue.source)
        held = (("image", each.image is not None), ("body", bool(each.body)))
        left = [key for key, is_given in held if is_given and each.form == "small"]
        if left:
            message = _("the slot “{slot}” is one line: of {creative} it does not print {keys}")
            names = ", ".join(key_name(key, keys, "Creative") for key in left)
            message = message.format(slot=each.slot, creative=name, keys=names)
            loc = ("creatives", creative, left[0])
            yield source.finding("creative-cut", message, loc, severity=Severity.NOTE)
