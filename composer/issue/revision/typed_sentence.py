"""One sentence of an issue by its place: what stands there, and how its field reads a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from composer.issue.blocks import body
from composer.issue.body import Body, Row
from composer.issue.inline import Inline, Spans, Text
from composer.issue.markdown import inline
from composer.issue.marked import Signs, marked
from composer.issue.model import Issue
from composer.issue.people import LOOKS_LIKE_ID
from composer.issue.rows import table_rows
from composer.issue.typed_places import TypedPlace, parts_of, typed_sentences
from composer.newsroom.values import Typeset
from composer.source.document import Loc
from composer.source.late_pattern import late

_SPACES = late(r"[ \t]+")


@dataclass(frozen=True)
class TypedSentence:
    """A sentence as typed. ``body`` is the text of several that it stands in, ``lines`` those of its element there.

    ``is_words``: its field has no Markdown; ``header``: it is one of the mail's, in which spaces are single.
    """

    place: TypedPlace
    spans: Spans
    body: Body | None = None
    lines: tuple[int, int] = (0, 0)
    is_words: bool = False
    header: bool = False

    @property
    def loc(self) -> Loc:
        return self.place.loc

    def range_in(self, text: str) -> tuple[int, int]:
        """Where its element stands in the text of its field: whole lines, but the last line end."""
        if self.body is None:
            return 0, len(text)
        starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]
        first, last = (min(line, len(starts) - 1) for line in self.lines)
        return min(starts[first], len(text)), max(starts[last] - 1, 0)

    def read(self, text: str) -> Spans | None:
        """The sentence, where ``text`` stands in place of its element or field; None where there is no longer one."""
        if self.is_words:
            return (Text(self.single_spaced(text.strip())),)
        if self.body is None:
            return inline(text).spans
        is_row = any(isinstance(element, Row) for element in self.body)
        elements = (table_rows if is_row else body)(text).elements
        return dict(parts_of(elements[0])).get(self.place.part) if len(elements) == 1 else None

    def single_spaced(self, words: str) -> str:
        """``words`` as the field keeps them."""
        return _SPACES.sub(" ", words) if self.header else words


def typed_sentence(issue: Issue, at: str) -> TypedSentence | None:
    """The sentence at ``at``, a ``TypedPlace`` as text; None where no sentence is."""
    for place, spans in typed_sentences(issue):
        if str(place) == at:
            held: Any = issue.front
            for step in place.loc:
                held = held[step] if isinstance(step, int) or isinstance(held, dict) else getattr(held, step)
            return TypedSentence(place, spans) if isinstance(held, Inline) else _of_body(place, spans, held)
    people = {each.loc for each in marked(issue.front, Signs) if LOOKS_LIKE_ID.fullmatch(each.value)}
    for each in marked(issue.front, Typeset):
        if each.body is None and str(place := TypedPlace(each.loc)) == at and each.loc not in people:
            return TypedSentence(place, (Text(each.value),), is_words=True, header=each.mark.header)
    return None


def _of_body(place: TypedPlace, spans: Spans, held: Body) -> TypedSentence:
    line = place.line or 0
    after = min((each for each in held.lines if each > line), default=held.source.count("\n") + 1)
    return TypedSentence(place, spans, held, (line, after))
