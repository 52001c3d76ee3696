"""Composing: an Issue becomes the Edition of one audience.

The paid part is cut here, and only here: an Edition holds nothing that its reader may not read, so nothing downstream
can show it. Computed things (date, reading time, credits, names, biographies) are made of what this edition holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from composer.errors import Mistakes
from composer.issue import bodies, furniture
from composer.issue.blocks import (
    Article,
    ASurveiller,
    Audience,
    Briefs,
    Edito,
    EnFiligrane,
    Figure,
    Insight,
    Links,
    Masthead,
    Notice,
    Quote,
    Replay,
    SponsorSlot,
    Teaser,
    Teasers,
)
from composer.issue.context import Context, free_part, is_cut, locked, readable
from composer.issue.edition import Edition, PastIssue
from composer.issue.figures import figure, grouped
from composer.issue.inline import Inline, Link, Strong, Text
from composer.issue.markdown import inline
from composer.issue.model import Issue
from composer.issue.names import names_in
from composer.issue.people import first_person, signature, signatures
from composer.issue.printed import (
    Printed,
    PrintedArticle,
    PrintedBrief,
    PrintedBriefs,
    PrintedEdito,
    PrintedMasthead,
    PrintedNotice,
    PrintedReplay,
    PrintedTeasers,
    Signature,
    Spans,
)
from composer.issue.references import latest, references, worded
from composer.issue.sponsors import sponsor
from composer.issue.typography import hand, set_edition
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import LEXICON, sentence
from composer.source.document import Loc
from composer.source.finding import Finding, Severity
from composer.source.keys import key_name


def compose(issue: Issue, newsroom: Newsroom, audience: Audience, past: Sequence[PastIssue] = ()) -> Edition:
    """The edition of ``issue`` for ``audience``; ``past`` is the issues already sent, for ``latest`` and references.

    Raises ``Mistakes``, with their places in the issue, where it cannot be composed.
    """
    edition, findings = composed(issue, newsroom, audience, past)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise Mistakes(errors)
    return edition


def composed(
    issue: Issue, newsroom: Newsroom, audience: Audience, past: Sequence[PastIssue] = ()
) -> tuple[Edition, tuple[Finding, ...]]:
    """The edition, and what is wrong with it; where there are errors, what they speak of is left out."""
    context = Context(issue, newsroom, audience, past)
    front, publication = issue.front, context.publication
    places: list[tuple[int, Printed | Masthead]] = []
    for number, block in enumerate(front.blocks):
        if context.gets(block):
            printed = block if isinstance(block, Masthead) else _block(context, block, ("blocks", number))
            if printed is not None:
                places.append((number, printed))
    # The masthead gathers from the whole letter, so it is made last wherever it stands.
    blocks = tuple(_masthead(context, each) if isinstance(each, Masthead) else each for number, each in places)
    also = tuple(worded(context, item) for item in front.also)
    summary = tuple(worded(context, item) for item in front.summary.items) if front.summary else ()
    intro = _standing(context, publication.intro)
    edition = Edition(
        key=issue.key,
        publication=publication,
        audience=audience,
        language=context.language,
        subject=front.subject,
        preheader=furniture.preheader(context, also, summary, blocks),
        also=also,
        summary_label=front.summary.label if front.summary else None,
        summary=summary,
        date_line=furniture.date_line(context),
        minutes=furniture.minutes(also, summary, intro, blocks),
        greeting=furniture.greeting(context),
        epigraph=_standing(context, publication.epigraph),
        intro=intro,
        blocks=blocks,
        corrections=tuple(
            each.model_copy(update={"text": _resolved(context, each.text)}) for each in front.corrections
        ),
        style=context.style,
    )
    names = tuple(newsroom.lexicon.names)
    how = hand(newsroom.publications[issue.key.publication], context.language, names)
    return set_edition(edition, how), tuple(context.findings)


def _block(context: Context, block: object, loc: Loc) -> Printed | None:
    match block:
        case Edito():
            return _edito(context, block, loc)
        case Article():
            return _article(context, block, loc)
        case Briefs():
            return _briefs(context, block, loc)
        case EnFiligrane() | ASurveiller() | Insight():
            return bodies.box(context, block)
        case Figure():
            return figure(context, block, loc)
        case Quote():
            return bodies.quote(context, block)
        case Links():
            return bodies.links(context, block)
        case Notice():
            return _notice(context, block)
        case SponsorSlot():
            return sponsor(context, block, loc)
        case Teasers():
            return _teasers(context, block)
        case Replay():
            return _replay(context, block)
        case _:
            raise AssertionError(f"no block prints as {type(block).__name__}")


def _spans(context: Context, text: Inline | None) -> Spans:
    return context.resolved(text.spans) if text else ()


def _resolved(context: Context, text: Inline) -> Inline:
    return replace(text, spans=context.resolved(text.spans))


def _standing(context: Context, text: str | None) -> Spans:
    return _spans(context, inline(text)) if text else ()


def _edito(context: Context, block: Edito, loc: Loc) -> PrintedEdito:
    style = context.style_of(block)
    return PrintedEdito(
        headline=_spans(context, block.headline),
        body=bodies.printed_body(context, readable(block.body, context.audience), (*loc, "body"), style),
        signatures=signatures(context, block.author or first_person(context)),
        style=style,
        standfirst=_spans(context, block.standfirst),
        reply=_spans(context, block.reply),
        id=block.id,
    )


def _article(context: Context, block: Article, loc: Loc) -> PrintedArticle:
    """The article as this audience gets it. Of a locked one nothing that follows the cut is even looked at."""
    style = context.style_of(block)
    if block.crossheads is not None:
        style = style.model_copy(update={"crossheads": block.crossheads})
    is_locked = locked(block, context.audience)
    closed = is_locked and not is_cut(block)  # nothing of the text is free
    elements = free_part(block) if context.audience == "free" else readable(block.body, "paid")
    if is_locked and not elements and not block.teaser:
        message = _("free readers get nothing of this article: give it a {teaser}, or put a line === in its text")
        name = key_name("teaser", context.newsroom.settings.keys)
        context.add("missing-teaser", message.format(teaser=name), (*loc, "headline"))
    # In the order of the page: grouped credits follow it.
    under = figure(context, block.figure, (*loc, "figure")) if block.figure and not closed else None
    return PrintedArticle(
        headline=_spans(context, block.headline),
        body=bodies.printed_body(context, elements, (*loc, "body"), style),
        kind=block.kind,
        style=style,
        label=block.label,
        standfirst=() if closed else _spans(context, block.standfirst),
        signatures=signatures(context, block.byline),
        figure=under,
        locked=is_locked,
        teaser=_spans(context, block.teaser) if is_locked else (),
        further=() if is_locked else references(context, block.further),
        syndication=() if closed else _spans(context, block.syndication),
        url=block.url,
        id=block.id,
    )


def _briefs(context: Context, block: Briefs, loc: Loc) -> PrintedBriefs:
    items = tuple(
        PrintedBrief(_spans(context, item.headline), bodies.printed_text(context, item.text), item.url, item.id)
        for item in block.items
    )
    names: tuple[str, ...] = ()
    if block.names == "auto":
        if (unread := context.newsroom.unread.get(LEXICON)) is not None:
            message = _("which names to print is not known: {why}").format(why=sentence(unread))
            context.add("lexicon-unread", message, (*loc, "names"))
        names = names_in(context, [text for item in items for text in furniture.texts(item)])
    elif block.names is not None:
        names = block.names
    label = block.label or context.say("In brief")
    return PrintedBriefs(label, items, block.layout, context.style_of(block), names)


def _notice(context: Context, block: Notice) -> PrintedNotice | None:
    if block.until is not None and block.until < context.issue.key.date:
        return None
    return PrintedNotice(_spans(context, block.text), block.url, block.edition)


def _teasers(context: Context, block: Teasers) -> PrintedTeasers | None:
    """What paying readers get and these do not; the paying ones, who get it, need no list of it."""
    if context.audience == "paid":
        return None
    if block.items == "auto":
        items = tuple(_promise(context, each) for each in context.issue.front.blocks if _is_kept(context, each))
    else:
        items = tuple(_teaser(context, item) for item in block.items)
    return PrintedTeasers(block.label or context.say("For subscribers only"), items) if items else None


def _is_kept(context: Context, block: object) -> bool:
    return isinstance(block, Article) and (block.audience == "paid" or (context.gets(block) and locked(block, "free")))


def _promise(context: Context, block: object) -> Spans:
    """The headline and teaser of an article: the editor's public words on it, and nothing of its text."""
    assert isinstance(block, Article)
    headline = _spans(context, block.headline)
    if block.id in context.anchors and not any(isinstance(span, Link) for span in headline):
        headline = (Link(f"#{block.id}", headline),)
    if not block.teaser:
        return headline
    return (Strong(headline), Text(context.style.lead_end or " • "), *_spans(context, block.teaser))


def _teaser(context: Context, item: Teaser | Inline) -> Spans:
    if isinstance(item, Inline):
        return _spans(context, item)
    words = _spans(context, item.text)
    linked = item.of in context.anchors and not any(isinstance(span, Link) for span in words)
    return (Link(f"#{item.of}", words),) if linked else words


def _replay(context: Context, block: Replay) -> PrintedReplay:
    return PrintedReplay(
        show=block.show,
        aired=block.aired,
        url=block.url,
        channel=block.channel,
        host=block.host,
        guests=block.guests,
        chapters=tuple((at, _spans(context, title)) for at, title in block.chapters.items()),
        quotes=tuple(
            said.model_copy(update={"text": _resolved(context, said.text)}) for said in block.quotes if said.checked
        ),
    )


def _masthead(context: Context, block: Masthead) -> PrintedMasthead:
    credits = block.photo_credits
    if credits == "auto":
        credits = grouped(context) if context.style_of(block).credits == "grouped" else None
    people = context.publication.people
    bios: list[Signature] = []
    if block.bios == "auto":
        for each in context.signatures:
            if each.bio and each not in bios:
                bios.append(each)
    else:
        bios = [signature(people[name]) for name in block.bios if name in people]
    return PrintedMasthead(credits, tuple(bios), latest(context, block.latest))
