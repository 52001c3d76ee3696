"""What house typography leaves as typed because two readings are possible: the editor decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from composer.issue.inline_markdown import TAG
from composer.issue.typography.edit_buffer import SP
from composer.issue.typography.rules import set_sentence
from composer.issue.typography.ruleset import Ruleset

_LETTER = r"[^\W\d_]"
_TWO = rf"{_LETTER}{_LETTER}"
#: A mark with a word on either side, and no space where prose has one. None of these: ``x,y``, ``mot(s)``,
#: ``(re)voir``, ``Booking.com``, ``1,5``, ``:name:``.
_GLUED = re.compile(
    rf"[,.…;:!?(](?:(?<={_TWO},)(?=\w)|(?<={_LETTER},)(?={_TWO})"
    rf"|(?:(?<=[a-zà-öø-ÿ][a-zà-öø-ÿ]\.)|(?<={_LETTER}{SP}\.))(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ])(?!Net\b)"
    rf"|(?<={_TWO}[…;:!?])(?={_TWO})|(?<={_LETTER}{SP};)(?={_TWO})|(?<=\w{SP}:)(?=\w)(?!\w{{1,40}}:)"
    rf"|(?<={_TWO}\()(?={_LETTER}{{1,40}}{SP}))"
    rf"|(?<={SP}){_LETTER}{{1,40}}\)(?={_TWO})"
)


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
    if '"' in buffer.present and rules.profile.quotes not in (None, "keep"):
        tags = [tag.span() for tag in TAG.finditer(text)]
        for match in re.finditer('"', buffer.view):
            before = buffer.view[match.start() - 1 : match.start()]
            index = buffer.index(match.start())
            inside = any(start < index < end for start, end in tags)  # it is said with its tag
            if not inside and not before.isdigit():  # inches, or seconds of arc
                yield Doubt("straight-quotes", index)
    for match in _GLUED.finditer(buffer.view):
        yield Doubt("glued-words", buffer.index(match.end() - 1))
