"""What differs between a quotation and the passage nearest to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from composer.issue.blocks.replay import Said
from composer.locale import gettext as _
from composer.proofreading.quotations.distance import NearestPassage
from composer.proofreading.quotations.words import Words

#: Most words of a quotation that are compared one by one: the time is their square.
_LONGEST = 300

#: What parts a quotation that was cut: […], (…), …, or words between brackets, which are the editor's.
CUT = re.compile(r"\[[^\[\]]{0,200}\]|\((?:…|\.{3})\)|…|\.{3,9}")


class WordChange(NamedTuple):
    """The letters of the quotation from ``start`` to ``end`` are ``typed``, where the transcript has ``heard``."""

    start: int
    end: int
    typed: str
    heard: str

    def __str__(self) -> str:
        if not self.heard:
            return _("“{typed}” is not said").format(typed=self.typed)
        if not self.typed:
            return _("“{heard}” is left out").format(heard=self.heard)
        return _("“{typed}” for “{heard}”").format(typed=self.typed, heard=self.heard)


def changes(typed: Words, heard: Words, nearest: NearestPassage) -> Iterator[WordChange]:
    """The words that differ, in order; nothing for a very long quotation."""
    if len(typed.folded) > _LONGEST:
        return
    passage = heard.folded[nearest.first : min(nearest.end, nearest.first + 2 * _LONGEST)]
    for kind, first, end, start, stop in SequenceMatcher(None, typed.folded, passage, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        words = heard.passage(nearest.first + start, nearest.first + stop)
        at = typed.starts[first] if first < end else (typed.ends[first - 1] if first else 0)
        yield WordChange(at, typed.ends[end - 1] if first < end else at, typed.passage(first, end), words)


def corrected(said: Said, typed: Words, found: Sequence[WordChange]) -> str | None:
    """The quotation with the transcript's words; None where it has markup, several lines, or was cut."""
    text = typed.text
    if not found or text != said.text.source.strip() or CUT.search(text) or "\n" in text:
        return None
    for change in reversed(found):
        before, after = text[: change.start], text[change.end :]
        if not change.typed:
            text = f"{before} {change.heard}{after}" if before else f"{change.heard} {after}"
        elif change.heard:
            text = f"{before}{change.heard}{after}"
        else:  # an elided word goes with its apostrophe
            text = before + after[1:] if after[:1] in ("’", "'") else before.rstrip() + after
    return text.strip()
