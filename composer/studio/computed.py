"""Where the sentences of a letter come from that are not typed in its issue: a setting, a block, an advertiser."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from composer.issue.blocks.masthead import ResolvedMasthead
from composer.issue.blocks.teasers import ResolvedTeasers
from composer.issue.edition import Edition
from composer.issue.inline import Emphasis, Link, Spans, Strong
from composer.issue.model import Issue
from composer.issue.typed_places import TypedPlace, sentences_in, typed_sentences
from composer.locale import gettext as _


def computed_from(edition: Edition, issue: Issue, typed: Container[int]) -> Mapping[int, Mapping[str, str]]:
    """``id`` of a sentence of ``edition`` that is not in ``typed`` → the attributes ``data-from``, which says in words
    where it comes from, and ``data-go``, the place in the issue of the sentence it repeats, where there is one."""
    settings = f"config/publications/{issue.key.publication}.yaml"
    kinds = [
        (_("This comes from the settings of the publication: {file}").format(file=settings), _settings(edition)),
        (_("These are the words of an advertiser: config/sponsors/"), _advertised(edition)),
        (_("This list is made from the articles that subscribers get: change their headlines"), _teasers(edition)),
        (_("This repeats words of another place of the letter, or of an earlier letter"), [edition]),
    ]
    headlines = _headlines(issue)
    found: dict[int, dict[str, str]] = {}
    for words, parts in kinds:
        for spans in sentences_in(tuple(parts)):
            if id(spans) in typed or id(spans) in found or not spans:
                continue
            found[id(spans)] = {"data-from": words}
            block = next((url[1:] for url in _links(spans) if url[1:] in headlines), None)
            if block is not None:
                found[id(spans)]["data-go"] = str(headlines[block])
    return found


def _settings(edition: Edition) -> Iterator[object]:
    yield from ((edition.epigraph,), (edition.intro,))
    yield from (block.bios for block in edition.blocks if isinstance(block, ResolvedMasthead))


def _advertised(edition: Edition) -> Sequence[object]:
    return [block for block in edition.blocks if block.advertisement]


def _teasers(edition: Edition) -> Sequence[object]:
    return [block for block in edition.blocks if isinstance(block, ResolvedTeasers)]


def _headlines(issue: Issue) -> Mapping[str, TypedPlace]:
    """The ids of the issue's blocks, each with the place of its headline or title."""
    found: dict[str, TypedPlace] = {}
    for place, _spans in typed_sentences(issue):
        match place.loc:
            case ("blocks", int(number), "headline" | "title"):
                id = getattr(issue.front.blocks[number], "id", None)
                if id:
                    found[id] = place
    return found


def _links(spans: Spans) -> Iterator[str]:
    """The ``#id`` that ``spans`` leads to."""
    for span in spans:
        if isinstance(span, Link) and span.url.startswith("#"):
            yield span.url
        elif isinstance(span, (Strong, Emphasis)):
            yield from _links(span.children)
