"""The elements of a text from the studio: part a sentence, join two, add, turn, move, take out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from composer.errors import Refused
from composer.issue.block import Audience
from composer.issue.inline import Spans
from composer.issue.load import load_issue
from composer.issue.model import Issue
from composer.issue.revision.element_wire import element_of
from composer.issue.revision.elements import (
    joined_above,
    listed_elements,
    moved_element,
    retyped,
    split,
    with_element,
    without_element,
)
from composer.issue.revision.found_again import found_again
from composer.issue.revision.model import Revision, Stale, Unwritable, between
from composer.issue.revision.neighbours import above, below
from composer.issue.revision.placed_element import ElementPlace
from composer.issue.revision.sentence import shown_sentence, with_sentence
from composer.issue.revision.wire import json_of, spans_of
from composer.issue.typed_places import typed_sentences
from composer.locale import gettext as _
from composer.source.document import Document
from composer.source.editing import typed_text
from composer.studio.act import Writing, audience_of, hour_of
from composer.studio.made_of import remade, reread
from composer.studio.saving.actor import Actor


def read_elements(writing: Writing, at: str, digest: str = "") -> Mapping[str, Any]:
    """The ``elements`` of the text in which the sentence at ``at`` stands: ``{at, kind, words, d}``, with the digest of
    its lines; and ``here``, the number of the one that holds the sentence of ``digest``.

    Raises ``Stale`` and ``Unwritable``.
    """
    document = load_issue(writing.path, writing.newsroom)
    place = ElementPlace.of(found_again(document, at, digest) if digest else at)
    listed = listed_elements(document, "/".join(map(str, place.loc)))
    lines = [ElementPlace.of(each.at).line for each in listed]
    return {
        "elements": [{"at": each.at, "kind": each.kind, "words": each.words, "d": each.digest} for each in listed],
        "here": lines.index(place.line) if place.line in lines else None,
    }


def change_element(writing: Writing, actor: Actor, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do to an element, or to a sentence of one, what ``act`` says.

    The answer: ``saved``, the hour; ``undo``, what ``history`` takes back; for two of them ``at``, ``d`` and ``spans``
    of the sentence in which the caret stands next.
    """
    match said:
        case {"act": "split", "first": first}:
            return _split(writing, actor, said, spans_of(first))
        case {"act": "merge", "above": str(upper)}:
            return _merged(writing, actor, said, upper)
    saved = remade(writing, actor, _change(said))
    answer = {"saved": hour_of(saved, writing.newsroom), "undo": saved.span}
    return answer | ({"at": _first_below(reread(writing, saved.text), said["at"])} if said["act"] == "add" else {})


def _change(said: Mapping[str, Any]) -> Callable[[Document[Issue]], Revision]:
    match said:
        case {"act": "add", "at": str(at), "d": str(digest), "element": new}:
            element = element_of(new)
            return lambda found: with_element(found, at, digest, element)
        case {"act": "turn", "at": str(at), "d": str(digest), "kind": str(kind)}:
            return lambda found: retyped(found, at, digest, kind)
        case {"act": "remove", "at": str(at), "d": str(digest)}:
            return lambda found: without_element(found, at, digest)[0]
        case {"act": "move", "at": str(at), "d": str(digest), "after": str(after), "after_d": str(after_digest)}:
            return lambda found: moved_element(found, at, digest, after, after_digest)
        case _:
            raise Unwritable(_("an element is added, turned, moved or taken out, a sentence is parted or joined"))


def _first_below(document: Document[Issue], at: str) -> str:
    """The place of the first sentence below the element at ``at``; empty where none is."""
    place = ElementPlace.of(at)
    issue = document.value or (document.partial.remains if document.partial is not None else None)
    of_text = (each for each, _spans in typed_sentences(issue) if each.loc == place.loc) if issue is not None else ()
    after = -1 if place.line is None else place.line
    return next((str(each) for each in of_text if each.line is not None and each.line > after), "")


def _split(writing: Writing, actor: Actor, said: Mapping[str, Any], first: Spans) -> Mapping[str, Any]:
    """Part the sentence behind ``first``, as it was left: the answer is about what stands below it now."""
    edit = _Edit(writing, said)

    def change(document: Document[Issue]) -> Revision:
        written, digest = edit.written(document)
        parted = split(written, writing.newsroom, edit.here, digest, first)
        return between(typed_text(document.source), parted.text)

    saved = remade(writing, actor, change)
    document = reread(writing, saved.text)
    answer = {"saved": hour_of(saved, writing.newsroom), "undo": saved.span, "first": edit.shown(document, edit.here)}
    lower = below(document.require(), edit.here) if document.value is not None else None
    return {**answer, **edit.shown(document, lower or "")}


def _merged(writing: Writing, actor: Actor, said: Mapping[str, Any], upper: str) -> Mapping[str, Any]:
    """Join the sentence, as it was left, to the one above it, of the digest ``upper``: the answer is about the one that
    they are now; ``before`` is how many letters of it stood above."""
    edit = _Edit(writing, said)
    place, letters = "", 0

    def change(document: Document[Issue]) -> Revision:
        nonlocal place, letters
        written, digest = edit.written(document)
        place = above(written.require(), edit.here) or ""
        letters = sum(len(span.get("text", " ")) for span in edit.shown(written, place)["spans"])
        return between(typed_text(document.source), joined_above(written, edit.here, digest, upper).text)

    saved = remade(writing, actor, change)
    answer = {"saved": hour_of(saved, writing.newsroom), "undo": saved.span, "before": letters}
    return {**answer, **edit.shown(reread(writing, saved.text), place)}


class _Edit:
    """A sentence as it was left in the letter, and ``here``, where it stands."""

    def __init__(self, writing: Writing, said: Mapping[str, Any]) -> None:
        match said:
            case {"at": str(at), "d": str(digest), "audience": audience, "shown": shown, "wanted": wanted}:
                self._digest, self._shown, self._wanted = digest, spans_of(shown), spans_of(wanted)
                self._audience: Audience = audience_of(audience)
            case _:
                raise Unwritable(_("an edit says where the sentence stands, what it was and what it becomes"))
        self._writing, self._at = writing, at
        self.here = at

    def written(self, document: Document[Issue]) -> tuple[Document[Issue], str]:
        """The issue with the sentence as it was left, and the sentence's digest there."""
        newsroom = self._writing.newsroom
        self.here = found_again(document, self._at, self._digest, self._shown)
        edited = with_sentence(document, newsroom, self._audience, self.here, self._digest, self._shown, self._wanted)
        written = reread(self._writing, edited.text)
        return written, shown_sentence(written, newsroom, self._audience, self.here).digest

    def shown(self, document: Document[Issue], at: str) -> Mapping[str, Any]:
        """``at``, ``d`` and ``spans`` of a sentence; nothing of it where the file has a mistake by now."""
        try:
            found = shown_sentence(document, self._writing.newsroom, self._audience, at)
        except (Refused, Stale):
            return {"at": at, "d": None, "spans": []}
        return {"at": at, "d": found.digest, "spans": json_of(found.spans)}
