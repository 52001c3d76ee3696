"""The letter of the studio: each sentence leads to its line in the file, and is otherwise what is sent."""

from __future__ import annotations

from hashlib import sha256

from composer.approval.history import past_issues
from composer.issue.block import Audience
from composer.issue.compose import traced
from composer.issue.inline import plain
from composer.issue.model import Issue
from composer.issue.typed_places import typed_sentences
from composer.newsroom.model import Newsroom
from composer.rendering.letter import render_marked
from composer.rendering.sentence_marks import with_spans

#: Letters of the digest of a sentence: an edit that was made of another one is noticed.
_DIGEST = 16


def placed_html(issue: Issue, newsroom: Newsroom, audience: Audience) -> str:
    """The HTML of ``issue``'s letter with a ``<span>`` around each typed sentence, which says ``data-at`` (its place in
    the grammar: an ``TypedPlace``), ``data-line`` (in the file, from 1) and ``data-d`` (the digest of its words).

    Raises as ``compose`` and ``render`` do.
    """
    edition, origins, _findings = traced(issue, newsroom, audience, past_issues(newsroom, issue.key))
    found = origins()
    numbers = {sentence: number for number, sentence in enumerate(found)}
    _rendering, marked = render_marked(edition, newsroom, numbers)
    typed = {origin: plain(spans) for origin, spans in typed_sentences(issue)}
    places = [
        {
            "data-at": str(origin),
            "data-line": str(issue.source.place(origin.loc, origin.line).line),
            "data-d": sha256(typed[origin].encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST],
        }
        for origin in found.values()
    ]
    return with_spans(marked, places)
