"""The letter of the studio: each sentence leads to its line in the file, and is otherwise what is sent."""

from __future__ import annotations

from collections.abc import Mapping

from composer.approval.history import past_issues
from composer.issue.block import Audience
from composer.issue.compose import traced
from composer.issue.inline import plain
from composer.issue.model import Issue
from composer.issue.revision.model import digest_of
from composer.issue.typed_places import TypedPlace, typed_sentences
from composer.newsroom.model import Newsroom
from composer.rendering.letter import render_marked
from composer.rendering.sentence_marks import with_spans
from composer.studio.computed import computed_from
from composer.studio.pictures.pictured import with_figures


def placed_html(issue: Issue, newsroom: Newsroom, audience: Audience) -> str:
    """The HTML of ``issue``'s letter with a ``<span>`` around each typed sentence, which says ``data-at`` (its place in
    the grammar: an ``TypedPlace``), ``data-line`` (in the file, from 1) and ``data-d`` (the digest of its words); and
    around those that were not typed in the issue, with what ``computed_from`` says of them. The pictures of its figures
    say theirs: ``with_figures``.

    Raises as ``compose`` and ``render`` do.
    """
    edition, origins, _findings = traced(issue, newsroom, audience, past_issues(newsroom, issue.key))
    found = origins()
    computed = computed_from(edition, issue, found)
    numbers = {sentence: number for number, sentence in enumerate([*found, *computed])}
    rendering, marked = render_marked(edition, newsroom, numbers)
    typed = {origin: plain(spans) for origin, spans in typed_sentences(issue)}
    places = [placed(issue, origin, typed[origin]) for origin in found.values()]
    marked = with_figures(marked, rendering, issue, (newsroom.root / issue.source.file).parent)
    return with_spans(marked, [*places, *(dict(each) for each in computed.values())])


def placed_words(issue: Issue) -> Mapping[str, Mapping[str, str]]:
    """The same attributes of the subject and of the preheader, which have no marks (``data-plain``); none of a
    preheader that is computed."""
    words = {"subject": issue.front.subject, "preheader": issue.front.preheader}
    return {
        name: {**placed(issue, TypedPlace((name,)), typed), "data-plain": ""} if typed else {}
        for name, typed in words.items()
    }


def placed(issue: Issue, origin: TypedPlace, words: str) -> dict[str, str]:
    """The attributes of the sentence ``words`` that was typed at ``origin``."""
    line = issue.source.place(origin.loc, origin.line).line
    return {"data-at": str(origin), "data-line": str(line), "data-d": digest_of(words)}
