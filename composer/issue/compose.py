"""Composing: turn an Issue into the Edition of one audience.

The paid part is cut here, and only here: an Edition contains nothing that its readers may not read, so nothing
downstream can show it. Computed values (date, reading time, credits, names, biographies) use only what it contains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from composer.errors import Mistakes
from composer.issue import furniture
from composer.issue.block import Audience
from composer.issue.blocks import TYPES
from composer.issue.blocks.figure import FIGURE, ResolvedFigure, described
from composer.issue.blocks.masthead import groups_credits
from composer.issue.context import Context
from composer.issue.edition import Edition
from composer.issue.inline import Spans
from composer.issue.key import PastIssue
from composer.issue.markdown import inline
from composer.issue.measure import own_text
from composer.issue.model import Issue
from composer.issue.online import online_address, paid_copy_address, stands_online
from composer.issue.people import standing_paragraphs
from composer.issue.reading import minutes
from composer.issue.references import worded
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockPosition
from composer.issue.typed_places import TypedPlace, typed_places
from composer.issue.typography import ruleset, set_edition
from composer.newsroom.model import Newsroom
from composer.newsroom.public_paths import choices_address, join_address
from composer.source.finding import Finding, Severity


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
    """The edition, and its findings; parts with errors are left out of it."""
    edition, _origins, findings = traced(issue, newsroom, audience, past)
    return edition, findings


def traced(
    issue: Issue, newsroom: Newsroom, audience: Audience, past: Sequence[PastIssue] = ()
) -> tuple[Edition, Callable[[], Mapping[int, TypedPlace]], tuple[Finding, ...]]:
    """The edition, a function that says where its sentences were typed (``typed_places``), and the findings."""
    front = issue.front
    context = Context(issue.key, issue.source, front.blocks, front.style, newsroom, audience, past)
    context.pictures = described(front)
    context.groups_credits = groups_credits(context)
    publication = context.publication
    # in page order, which grouped credits follow
    cover = FIGURE.resolve(context, front.cover, BlockPosition(("cover",))) if front.cover else None
    blocks = _blocks(context)
    also = tuple(worded(context, item) for item in front.also)
    summary = tuple(worded(context, item) for item in front.summary.items) if front.summary else ()
    intro = context.resolved(standing_paragraphs(publication.intro))
    edition = Edition(
        key=issue.key,
        publication=publication,
        audience=audience,
        language=context.language,
        subject=front.subject,
        preheader=front.preheader or furniture.preheader(context, also, summary, blocks),
        also=also,
        summary_label=front.summary.label if front.summary else None,
        summary=summary,
        date_line=furniture.date_line(context),
        minutes=front.minutes or 0,
        greeting=furniture.greeting(context),
        epigraph=_standing(context, publication.epigraph),
        intro=intro,
        blocks=blocks,
        corrections=tuple(each.model_copy(update={"text": context.inline(each.text)}) for each in front.corrections),
        style=context.style,
        number=furniture.number(context, front.number),
        online=online_address(newsroom, issue.key) if stands_online(newsroom, issue) else None,
        paid_copy=paid_copy_address(newsroom, issue) if audience == "paid" else None,
        join=join_address(newsroom, issue.key.publication, context.language),
        choices=choices_address(newsroom, context.language),
        cover=cover if isinstance(cover, ResolvedFigure) else None,
    )
    names = tuple(newsroom.lexicon.names)
    how = ruleset(newsroom.publications[issue.key.publication], context.language, names)
    typeset = set_edition(edition, how)
    typeset = replace(typeset, minutes=front.minutes or minutes(*own_text(typeset)))
    return typeset, lambda: typed_places(issue, context.made, edition, typeset), tuple(context.findings)


def _blocks(context: Context) -> tuple[Resolved, ...]:
    """The blocks that this audience gets, in the issue's order; those made from the whole letter are resolved last."""
    found: dict[int, Resolved] = {}
    numbered = [(number, block) for number, block in enumerate(context.blocks) if block.is_for(context.audience)]
    for number, block in sorted(numbered, key=lambda each: TYPES[type(each[1])].gathers):
        resolved = TYPES[type(block)].resolve(context, block, BlockPosition(("blocks", number)))
        if resolved is not None:
            found[number] = resolved
    return tuple(found[number] for number in sorted(found))


def _standing(context: Context, text: str | None) -> Spans:
    return context.sentence(inline(text)) if text else ()
