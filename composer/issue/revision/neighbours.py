"""The sentences beside one of a text: what Enter makes of it, and what Backspace joins it to."""

from __future__ import annotations

from composer.issue.model import Issue
from composer.issue.revision.model import Stale, Unwritable
from composer.issue.revision.parting import last_spans
from composer.issue.revision.placed_element import ElementPlace, placed_element
from composer.issue.revision.written_body import written_body
from composer.issue.typed_places import typed_sentences
from composer.source.document import Document


def is_parted(document: Document[Issue], at: str) -> bool:
    """True if the sentence at ``at`` can be parted in two: it stands in a text of several, and is no lead."""
    place = ElementPlace.of(at)
    if place.line is None or place.part[-1:] == ("lead",):
        return False
    try:
        found = placed_element(written_body(document, place.loc), place)
        last_spans(found.element)
    except (Stale, Unwritable):
        return False
    return True


def below(issue: Issue, at: str) -> str | None:
    """The place of the sentence after the one at ``at`` in its text; a point's lead is passed over."""
    return _beside(issue, at, 1)


def above(issue: Issue, at: str) -> str | None:
    """The place of the sentence before the one at ``at`` in its text; a point's lead is passed over."""
    return _beside(issue, at, -1)


def _beside(issue: Issue, at: str, by: int) -> str | None:
    own = at.removesuffix("/lead") + "/text" * at.endswith("/lead")
    text = ElementPlace.of(at).loc
    places = [
        str(place) for place, _spans in typed_sentences(issue) if place.loc == text and place.part[-1:] != ("lead",)
    ]
    number = places.index(own) + by if own in places else -1
    return places[number] if 0 <= number < len(places) else None
