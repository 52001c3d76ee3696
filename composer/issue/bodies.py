"""Texts as printed: the elements an audience gets, their boxes resolved, their references too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from composer.issue.blocks import ASurveiller, EnFiligrane, Figure, Insight, Links, Quote
from composer.issue.body import Body, Citation, Crosshead, Element, Paragraph, Point, Points
from composer.issue.context import Context, readable
from composer.issue.figures import figure
from composer.issue.references import latest, references
from composer.issue.resolved import ResolvedBody, ResolvedBox, ResolvedElement, ResolvedLinks, ResolvedQuote
from composer.newsroom.model import Style
from composer.source.document import Loc


def resolved_body(context: Context, elements: Iterable[tuple[int, Element]], loc: Loc, style: Style) -> ResolvedBody:
    """``elements``, each with its line in the body at ``loc``, as printed. ``style`` is the surrounding block's."""
    return tuple(_elements(context, elements, loc, style))


def resolved_text(context: Context, text: Body) -> ResolvedBody:
    """The text of a box: no box in it."""
    return tuple(_elements(context, readable(text, "paid"), (), context.style))


def _elements(
    context: Context, elements: Iterable[tuple[int, Element]], loc: Loc, style: Style
) -> Iterator[ResolvedElement]:
    for line, element in elements:
        match element:
            case Paragraph(spans):
                yield Paragraph(context.resolved(spans))
            case Crosshead(spans):
                yield Crosshead(context.resolved(spans))
            case Points(items, ordered):
                points = (
                    Point(context.resolved(item.spans), context.resolved(item.lead) if item.lead else None)
                    for item in items
                )
                yield Points(tuple(points), ordered)
            case Citation(paragraphs):
                yield Citation(tuple(context.resolved(spans) for spans in paragraphs))
            case EnFiligrane() | ASurveiller() | Insight():
                yield box(context, element, style)
            case Figure():
                printed = figure(context, element, loc, line, boxed=True)
                if printed is not None:
                    yield printed
            case Quote():
                yield quote(context, element)
            case Links():
                yield links(context, element, style)
            case _:  # the paywall prints nothing
                pass


def box(context: Context, block: EnFiligrane | ASurveiller | Insight, under: Style | None = None) -> ResolvedBox:
    """``under`` is the style of the block around it."""
    match block:
        case EnFiligrane():
            label = context.say("Beneath the surface")
        case ASurveiller():
            label = context.say("What to watch")
        case Insight():
            label = block.label
    watched = block if isinstance(block, ASurveiller) else None
    return ResolvedBox(
        kind=block.type,
        label=label,
        title=context.resolved(block.title.spans),
        text=resolved_text(context, block.text),
        style=context.style_of(block, under),
        due=watched.due if watched else None,
        names=watched.names if watched else (),
        follows=watched.follows if watched else None,
        id=watched.id if watched else None,
    )


def quote(context: Context, block: Quote) -> ResolvedQuote:
    source = context.resolved(block.source.spans) if block.source else ()
    return ResolvedQuote(resolved_text(context, block.text), block.author, source)


def links(context: Context, block: Links, under: Style | None = None) -> ResolvedLinks:
    style = context.style_of(block, under)
    items = references(context, block.items) if block.latest is None else latest(context, block.latest)
    label = block.label or context.say("Latest issues" if block.latest is not None else "Further reading")
    return ResolvedLinks(label, block.marker or style.marker or "", items)
