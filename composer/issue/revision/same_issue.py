"""Whether two issues say the same but for one sentence: the last look before a revision is handed out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from composer.issue.body import Body
from composer.issue.inline import Inline, Spans, Text
from composer.issue.model import Front
from composer.issue.revision.letters import MarkedLetter, lettered, tightened
from composer.issue.revision.typed_sentence import TypedSentence


def same_but_for(before: Front, after: Front, sentence: TypedSentence, wanted: Sequence[MarkedLetter]) -> bool:
    """True if ``after`` is ``before`` with ``wanted``, letters without spaces at their ends, for ``sentence``.

    Only what is printed or set is compared: not how it is written, nor on which lines.
    """
    return _Comparison(sentence, wanted).same(before, after, ())


class _Comparison:
    def __init__(self, sentence: TypedSentence, wanted: Sequence[MarkedLetter]) -> None:
        self.sentence, self.wanted = sentence, wanted

    def same(self, before: Any, after: Any, loc: tuple[str | int, ...]) -> bool:
        if before is self.sentence.spans:
            return self._is_wanted(after)
        if type(before) is not type(after):
            return False
        match before:
            case str() if self.sentence.is_words and loc == self.sentence.loc:
                return self._is_wanted((Text(after),))
            case Inline():
                return self.same(before.spans, after.spans, loc)
            case Body():
                return self.same(before.elements, after.elements, loc)
            case BaseModel():
                return self._same_fields(before, after, loc, type(before).model_fields)
            case tuple():
                pairs = zip(before, after, strict=False)
                return len(before) == len(after) and all(
                    self.same(one, other, (*loc, index)) for index, (one, other) in enumerate(pairs)
                )
            case dict():
                return before.keys() == after.keys() and all(
                    self.same(before[key], after[key], (*loc, key)) for key in before
                )
            case _ if is_dataclass(before):
                return self._same_fields(before, after, loc, [each.name for each in fields(before)])
            case _:
                return bool(before == after)

    def _same_fields(self, before: Any, after: Any, loc: tuple[str | int, ...], names: Iterable[str]) -> bool:
        return all(self.same(getattr(before, name), getattr(after, name), (*loc, name)) for name in names)

    def _is_wanted(self, spans: Spans) -> bool:
        return tightened(lettered(spans)) == self.wanted
