"""The sentence that was shown in the letter, in a file in which lines have come and gone since."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from composer.issue.inline import Spans, plain
from composer.issue.model import Issue
from composer.issue.revision.model import Stale, digest_of
from composer.issue.revision.typed_sentence import typed_sentence
from composer.issue.typed_places import TypedPlace, typed_sentences
from composer.locale import gettext as _
from composer.source.document import Document
from composer.source.late_pattern import late

_WORD = late(r"[^\W_]+")


class NotFoundAgain(Stale):
    """The sentence stands nowhere as it was, and which of those that stand there it became is not certain."""

    def __init__(self) -> None:
        super().__init__("")
        message = _(
            "this sentence no longer stands where it was, and what became of it is not certain: nothing changed"
        )
        self.args = (message,)


def found_again(document: Document[Issue], at: str, digest: str, shown: Spans = ()) -> str:
    """Where the sentence of ``digest`` stands now that stood at ``at``: there, or in the one other place that has the
    same words in a field of the same name.

    Raises ``Stale`` where it was changed, with what it says now and where: in a field that stands in no list, or in
    the one sentence that has half of the words ``shown``; at ``at``, half of those of the shorter one. Raises
    ``NotFoundAgain`` where that is not certain.
    """
    issue = document.value or (document.partial.remains if document.partial is not None else None)
    if issue is None:
        return at  # what is done there says why not
    here = typed_sentence(issue, at)
    if here is not None and digest_of(plain(here.spans)) == digest:
        return at
    alike = [*_alike(issue, at)]
    same = [place for place, spans in alike if digest_of(plain(spans)) == digest]
    if len(same) == 1:
        return same[0]
    if here is not None and not any(isinstance(step, int) for step in here.loc):
        raise Stale(plain(here.spans))
    if here is not None and here.is_words:
        alike = [(at, here.spans)]
    became = [(place, spans) for place, spans in alike if _is_like(plain(shown), plain(spans), place == at)]
    if same or len(became) != 1:
        raise NotFoundAgain
    place, spans = became[0]
    raise Stale(plain(spans), place if place != at else "")


def _alike(issue: Issue, at: str) -> Iterator[tuple[str, Spans]]:
    """The sentences of the issue that stand in such a field as the one at ``at``."""
    names = re.sub(r"\d+", "", at)
    for place, spans in typed_sentences(issue):
        if _names(place) == names:
            yield str(place), spans


def _names(place: TypedPlace) -> str:
    return re.sub(r"\d+", "", str(place))


def _is_like(words: str, others: str, here: bool) -> bool:
    """True if half of the words of the longer one are those of the other; where it stood,
    two words and half of the shorter."""
    one, other = (Counter(_WORD.findall(each.casefold())) for each in (words, others))
    common, sizes = (one & other).total(), (one.total(), other.total())
    return 2 * common >= max(*sizes, 1) or (here and common > 1 and 2 * common >= min(sizes))
