"""The elements of a text: add, turn into another kind, take out and move, part and join; every other byte stays.

A sentence, or an element, is named by its ``TypedPlace`` as text: ``blocks/2/body#14/0/text``; and the text itself by
``blocks/2/body``, for its beginning. Each function reads the text and the file again before it returns, and raises
``Unwritable`` where they would not be the intended ones. ``Stale`` means that the lines are not those that were shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from composer.issue import markdown
from composer.issue.body import Element, Points
from composer.issue.model import Issue
from composer.issue.revision.element_lines import NewBox, SentenceLines, lines_of, retyped_lines, says, sentences_of
from composer.issue.revision.letters import nested
from composer.issue.revision.model import Revision, Stale, Unwritable
from composer.issue.revision.parting import joined_above as joined_above
from composer.issue.revision.parting import split as split
from composer.issue.revision.placed_element import ElementPlace
from composer.issue.revision.sentence_markdown import markdown_of
from composer.issue.revision.written_body import (
    LineRange,
    ListedElement,
    WrittenBody,
    kind_of,
    ranged,
    require_alone,
    said_of,
    words_of,
    written_body,
)
from composer.locale import gettext as _
from composer.source.document import Document
from composer.source.finding import Severity
from composer.source.quoting import split_lines


def listed_elements(document: Document[Issue], at: str) -> tuple[ListedElement, ...]:
    """The elements of the text at ``at``, in order. Raises ``Stale`` and ``Unwritable``."""
    body_ = written_body(document, ElementPlace.of(at).loc)
    text = "/".join(map(str, body_.loc))
    return tuple(
        ListedElement(
            f"{text}#{lines.start}",
            kind_of(element),
            words_of(body_.lines[lines.start : lines.end]),
            body_.digest(lines),
        )
        for lines, element in body_.elements
    )


def with_element(document: Document[Issue], at: str, digest: str, new: Element | NewBox | str) -> Revision:
    """Add ``new`` after the element at ``at``, or as the first of the text where ``at`` names none.

    ``digest`` is that of the element, of the first one for the beginning, empty for a text without any. A ``str`` is
    what ``without_element`` took out.
    """
    place = ElementPlace.of(at)
    body_ = written_body(document, place.loc)
    after = _after(body_, place, digest)
    lines = split_lines(new) if isinstance(new, str) else lines_of(new, body_.language)
    read = body_.read("\n".join(lines))
    alone = [said_of(each) for each in read.elements]
    wrong = [each.message for each in read.problems if each.severity is Severity.ERROR]
    if wrong and not isinstance(new, NewBox):
        raise Unwritable(wrong[0])
    if len(alone) != 1 or not (isinstance(new, (str, NewBox)) or alone == [said_of(new)] or isinstance(new, Points)):
        raise Unwritable(_("this would not be read again as it was meant: write it in the file"))
    said = [said_of(element) for _lines, element in body_.elements]
    said[after:after] = alone
    return body_.rewritten(_put(body_, after, lines), said, complete=not isinstance(new, NewBox))


def retyped(document: Document[Issue], at: str, digest: str, kind: str) -> Revision:
    """Turn the element at ``at`` into a ``paragraph`` (one for each of its sentences), a ``crosshead``, ``points``,
    ``numbered`` points or a ``citation``; ``digest`` is that of the element."""
    place = ElementPlace.of(at)
    body_ = written_body(document, place.loc)
    number = body_.known(place.number, digest)
    require_alone(body_, number)
    lines, element = body_.elements[number]
    texts = [each.text for each in sentences_of(body_.lines[lines.start : lines.end], element)]
    letters = [says(text) for text in texts]
    for written in (texts, [markdown_of(nested(each)) for each in letters]):
        new = retyped_lines(written, kind)
        read = body_.read("\n".join(new)).elements
        try:
            found = [each.text for item in _in_order(new, read) for each in item]
        except Unwritable:
            continue
        if [says(text) for text in found] == letters:
            said = [said_of(each) for _lines, each in body_.elements]
            said[number : number + 1] = [said_of(each) for each in read]
            around = [*_spaced(body_.lines[: lines.start], new), *_spaced_below(new, body_.lines[lines.end :])]
            return body_.rewritten(around, said)
    raise Unwritable(_("this would not be read again as it was meant: write it in the file"))


def without_element(document: Document[Issue], at: str, digest: str) -> tuple[Revision, str]:
    """Take the element at ``at`` out, and its lines for ``with_element``; ``digest`` is that of the element."""
    place = ElementPlace.of(at)
    body_ = written_body(document, place.loc)
    number = body_.known(place.number, digest)
    require_alone(body_, number)
    lines, _element = body_.elements[number]
    said = [said_of(each) for _lines, each in body_.elements]
    del said[number]
    return body_.rewritten(_without(body_.lines, lines), said), "\n".join(body_.lines[lines.start : lines.end])


def moved_element(document: Document[Issue], at: str, digest: str, after: str, after_digest: str) -> Revision:
    """Move the element at ``at`` below the one at ``after`` of the same text, or to its beginning.

    ``after`` and ``after_digest`` are as of ``with_element``.
    """
    place, target = ElementPlace.of(at), ElementPlace.of(after)
    body_ = written_body(document, place.loc)
    if target.loc != place.loc:
        raise Unwritable(_("an element is moved within its text: take it out, and add it to the other"))
    number = body_.known(place.number, digest)
    to = _after(body_, target, after_digest)
    require_alone(body_, number)
    said = [said_of(each) for _lines, each in body_.elements]
    if to in (number, number + 1):
        return body_.rewritten(body_.lines, said)
    lines, _element = body_.elements[number]
    own = body_.lines[lines.start : lines.end]
    said.insert(to - (to > number), said.pop(number))
    if to < number:
        put = _put(body_, to, own)
        below = len(put) - len(body_.lines)
        return body_.rewritten(_without(put, LineRange(lines.start + below, lines.end + below)), said)
    return body_.rewritten(_without(_put(body_, to, own), lines), said)


def _after(body_: WrittenBody, place: ElementPlace, digest: str) -> int:
    """The number before which something is put: after the element at ``place``, or 0."""
    if place.line is not None:
        return body_.known(place.line, digest) + 1
    if body_.elements:
        body_.known(body_.elements[0][0].start, digest)
    elif digest:
        raise Stale("")
    return 0


def _put(body_: WrittenBody, number: int, lines: Sequence[str]) -> list[str]:
    """The lines of the text with ``lines`` before the element ``number``, an empty line between."""
    if number:
        at = body_.elements[number - 1][0].end
    else:
        at = body_.elements[0][0].start if body_.elements else len(body_.lines)
    above, below = body_.lines[:at], body_.lines[at:]
    if number:
        return [*above, "", *lines, *(below if not below or not below[0].strip() else ["", *below])]
    return [*above, *lines, *(["", *below] if below else [])]


def _without(lines: Sequence[str], gone: LineRange) -> list[str]:
    """``lines`` without some, and without the empty lines below them, or above the last."""
    start, end = gone.start, gone.end
    while end < len(lines) and not lines[end].strip():
        end += 1
    while end == len(lines) and start and not lines[start - 1].strip():
        start -= 1
    above, below = [*lines[:start]], [*lines[end:]]
    return [*above, *([""] if above and below and above[-1].strip() else []), *below]


def _spaced(above: Sequence[str], new: Sequence[str]) -> list[str]:
    return [*above, *([""] if above and above[-1].strip() else []), *new]


def _spaced_below(new: Sequence[str], below: Sequence[str]) -> list[str]:
    return [*([""] if below and below[0].strip() and new else []), *below]


def _in_order(lines: Sequence[str], elements: Sequence[Element]) -> list[list[SentenceLines]]:
    """The sentences of each element that ``lines`` are read as."""
    found = ranged(lines, markdown.body)
    if len(found) != len(elements):
        raise Unwritable(_("this would not be read again as it was meant: write it in the file"))
    return [sentences_of(lines[each.start : each.end], element) for each, element in found]
