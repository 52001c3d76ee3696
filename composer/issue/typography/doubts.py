"""What house typography leaves as typed because two readings are possible: the editor decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from composer.issue import foreign_markup, leftovers
from composer.issue.html_paste import TAG
from composer.issue.typography.edit_buffer import SP
from composer.issue.typography.rules import set_sentence
from composer.issue.typography.ruleset import Ruleset
from composer.source.late_pattern import late

_LETTER = r"[^\W\d_]"
_TWO = rf"{_LETTER}{_LETTER}"
#: A mark with a word on either side, and no space where prose has one. None of these: ``x,y``, ``mot(s)``,
#: ``(re)voir``, ``Booking.com``, ``1,5``, ``:name:``. A quotation begins and ends apart from letters.
_GLUED = late(
    rf"[,.…;:!?(](?:(?<={_TWO},)(?=\w)|(?<={_LETTER},)(?={_TWO})"
    rf"|(?:(?<=[a-zà-öø-ÿ][a-zà-öø-ÿ]\.)|(?<={_LETTER}{SP}\.))(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ])(?!Net\b)"
    rf"|(?<={_TWO}[…;:!?])(?<!TL;)(?={_TWO})|(?<={_LETTER}{SP}[;!?])(?={_TWO})|(?<=\w{SP}:)(?=\w)(?!\w{{1,40}}{SP}?:)"
    rf"|(?<={_TWO}\()(?={_LETTER}{{1,40}}{SP}))"
    rf"|(?<={SP}){_LETTER}{{1,40}}\)(?={_TWO})"
    rf"|(?:(?<={_LETTER}:)|(?<={_LETTER}{SP}:))(?=[«“])|[»”](?={_TWO})|[«“](?<={_TWO}[«“])|,(?<=[%€$£»”],)(?={_TWO})"
    r"|\.(?<=[»”]\.)(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ])"
)
_ENTITY = late(r"(?:&#?\w{1,31};)(?:#?\w{1,31};)?")


@dataclass(frozen=True)
class Doubt:
    """``kind`` is as the code of its finding; ``index`` that of its mark in the sentence."""

    kind: Literal["straight-quotes", "glued-words"]
    index: int


def doubts(text: str, rules: Ruleset, solid: tuple[int, ...] = ()) -> Iterator[Doubt]:
    """The doubts on one sentence, as ``set_sentence`` takes it; none where it stays as typed."""
    buffer = set_sentence(text, rules, solid)
    if buffer is None or rules.profile is None:
        return
    found: list[Doubt] = []
    if '"' in buffer.present and rules.profile.quotes not in (None, "keep"):
        for match in re.finditer('"', buffer.view):
            before = buffer.view[match.start() - 1 : match.start()]
            index = buffer.index(match.start())
            if not before.isdigit():  # inches, or seconds of arc
                found.append(Doubt("straight-quotes", index))
    found += (Doubt("glued-words", buffer.index(match.end() - 1)) for match in _GLUED.finditer(buffer.view))
    said = [*_spans_said_elsewhere(text)] if found else []
    yield from (doubt for doubt in found if not _within(doubt.index, said))


def _spans_said_elsewhere(text: str) -> Iterator[tuple[int, int]]:
    """What is HTML or another product's mark is said as a whole."""
    if "<" in text:
        yield from (tag.span() for tag in TAG.finditer(text))
    yield from (entity.span() for entity in _ENTITY.finditer(text))
    yield from ((start, end) for start, end, _kind in leftovers.found_in(text))
    for form in foreign_markup.found_in(text):
        yield form.start, form.start + len(form.written)


def _within(index: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= index < end for start, end in spans)
