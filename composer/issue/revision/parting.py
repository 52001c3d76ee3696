"""Part a sentence of a text in two, and join it to the one above: Enter within it, and Backspace at its beginning."""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.issue import markdown
from composer.issue.body import Citation, Crosshead, Element, Paragraph, Points
from composer.issue.inline import Spans, plain
from composer.issue.model import Issue
from composer.issue.revision.element_lines import SentenceLines, halves, joined, says
from composer.issue.revision.letters import lettered, tightened
from composer.issue.revision.model import Revision, Stale, Unwritable, digest_of
from composer.issue.revision.placed_element import ElementPlace, PlacedElement, placed_element
from composer.issue.revision.printed_letters import rules_of
from composer.issue.revision.written_body import written_body
from composer.issue.typed_places import parts_of
from composer.issue.typography.spans import leaves, letters_of, set_leaves
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.source.document import Document


def split(document: Document[Issue], newsroom: Newsroom, at: str, digest: str, first: Spans) -> Revision:
    """Part the sentence at ``at`` in two: a paragraph, a point, a paragraph of a citation; what follows a crosshead
    is a paragraph. ``digest`` is that of the sentence; ``first`` is what stands before the caret, each letter of it as
    the letter prints it or as it is typed: an edit of the sentence is written before."""
    place = ElementPlace.of(at)
    body_ = written_body(document, place.loc)
    found = placed_element(body_, place)
    spans = _known(found, digest)
    index = _index(found)
    own = found.sentences(found.number)[index]
    cut = len(own.letters) - len(lettered(spans)) + _typed_count(document, newsroom, spans, first)
    if found.part[-1:] == ("lead",) or cut < 1 or says(own.text)[-1:] != tightened(lettered(spans))[-1:]:
        raise Unwritable(_("a lead is not parted: put the caret behind it"))
    one, other = halves(own.text, cut)
    start, lines = found.range.start, found.lines
    above, below = lines[start : start + own.start], lines[start + own.end : found.range.end]
    match found.element:
        case Paragraph():
            return found.replaced(
                found.number, found.number, [*one.split("\n"), "", *other.split("\n")], _read(one, other)
            )
        case Crosshead():
            new = [*own.written(one), "", *other.split("\n")]
            said: list[object] = [("crosshead", says(one)), *_read(other)]
            return found.replaced(found.number, found.number, new, said)
        case Citation(paragraphs):
            new = [*above, *own.written(one), own.prefix.rstrip(), *own.written(other), *below]
            cited = [tightened(lettered(each)) for each in paragraphs]
            cited[index : index + 1] = [says(one), says(other)]
            return found.replaced(found.number, found.number, new, [("citation", cited)])
        case Points(_items, ordered):
            apart = [""] if any(not line.strip() for line in lines[start : found.range.end]) else []
            new = [*above, *own.written(one), *apart, *own.written(other), *below]
            said_items = [_said_item(each.text, ordered) for each in found.sentences(found.number)]
            said_items[index : index + 1] = [_said_item(one, ordered), _said_item(other, ordered)]
            new = _counted(new) if ordered else new
            return found.replaced(found.number, found.number, new, [("points", ordered, said_items)])
        case _:
            raise Unwritable(_("this line is not parted: it is one sentence"))


def joined_above(document: Document[Issue], at: str, digest: str, above: str) -> Revision:
    """Join the sentence at ``at`` to the one above it: the point before it, or the last one of the element before it.

    ``digest`` is that of the sentence, ``above`` that of the other. Nothing is put between them.
    """
    place = ElementPlace.of(at)
    body_ = written_body(document, place.loc)
    found = placed_element(body_, place)
    _known(found, digest)
    index = _index(found)
    if isinstance(found.element, Points) and found.part[-1:] == ("text",) and found.element.items[index].lead:
        raise Unwritable(_("its lead stands before it: join the lead"))
    if index and isinstance(found.element, (Points, Citation)):
        return _merged_within(found, index, above)
    if found.number == 0:
        raise Unwritable(_("nothing stands above it to be joined to"))
    before = found.elements[found.number - 1][1]
    upper = found.sentences(found.number - 1)
    last = upper[-1]
    _same(last_spans(before), above)
    own, *others = found.sentences(found.number)
    whole = joined(last.text, own.text)
    start, end = found.elements[found.number - 1][0].start, found.range.end
    kept = found.lines[start : start + last.start]
    rest = found.lines[found.range.start + others[0].start : end] if others else []
    said: list[object] = [_with_last(before, upper, whole)]
    if others and isinstance(found.element, Points):
        ordered = found.element.ordered
        rest = _counted(rest, 1) if ordered else rest
        said.append(("points", ordered, [_said_item(each.text, ordered) for each in others]))
    elif others:
        said.append(("citation", [says(each.text) for each in others]))
    gap = [""] if rest else []
    return found.replaced(found.number - 1, found.number, [*kept, *last.written(whole), *gap, *rest], said)


def _merged_within(found: PlacedElement, index: int, above: str) -> Revision:
    sentences = found.sentences(found.number)
    one, other = sentences[index - 1], sentences[index]
    element, lines, start = found.element, found.lines, found.range.start
    whole = joined(one.text, other.text)
    new = [*lines[start : start + one.start], *one.written(whole), *lines[start + other.end : found.range.end]]
    texts = [each.text for each in sentences]
    texts[index - 1 : index + 1] = [whole]
    if isinstance(element, Points):
        _same(element.items[index - 1].spans, above)
        new = _counted(new) if element.ordered else new
        said: object = ("points", element.ordered, [_said_item(each, element.ordered) for each in texts])
    else:
        assert isinstance(element, Citation)
        _same(element.paragraphs[index - 1], above)
        said = ("citation", [says(each) for each in texts])
    return found.replaced(found.number, found.number, new, [said])


def _index(found: PlacedElement) -> int:
    """The number of the sentence in its element."""
    return found.part[0] if found.part and isinstance(found.part[0], int) else 0


def _known(found: PlacedElement, digest: str) -> Spans:
    """The sentence of a passage, if it has that digest."""
    spans = dict(parts_of(found.element)).get(found.part)
    if spans is None:
        raise Stale("")
    return _same(spans, digest)


def _same(spans: Spans, digest: str) -> Spans:
    if digest_of(plain(spans)) != digest:
        raise Stale(plain(spans))
    return spans


def last_spans(element: Element) -> Spans:
    """The last sentence of an element. Raises ``Unwritable`` where it has none that another is joined to."""
    match element:
        case Paragraph(spans) | Crosshead(spans):
            return spans
        case Points(items):
            return items[-1].spans
        case Citation(paragraphs):
            return paragraphs[-1]
        case _:
            raise Unwritable(_("nothing stands above it to be joined to"))


def _typed_count(document: Document[Issue], newsroom: Newsroom, spans: Spans, first: Spans) -> int:
    """How many letters of the sentence as typed stand before the caret, which stands after ``first`` as printed."""
    issue = document.value or (document.partial.remains if document.partial is not None else None)
    if issue is None:
        raise Stale(plain(spans))
    typed, runs = lettered(spans), [*leaves(spans)]
    buffer = set_leaves(runs, rules_of(issue, newsroom))
    set_ = letters_of(buffer, runs) if buffer is not None else [each.text for each in typed]
    printed = [new if old.kind == "text" else old.text for old, new in zip(typed, set_, strict=True)]
    before = "".join(each.text for each in lettered(first))
    found = _count([(one, each.text) for one, each in zip(printed, typed, strict=True)], before)
    if found is None:
        raise Stale(plain(spans))
    while 0 < found < len(printed) and not printed[found]:  # it went into the sign before it
        found += 1
    return found


def _count(letters: Sequence[tuple[str, str]], before: str) -> int | None:
    """How many of ``letters``, each as printed or as typed, ``before`` says; None where it says something else."""
    reached = {0}
    for count, forms in enumerate(letters):
        if len(before) in reached:
            return count
        reached = {at + len(form) for at in reached for form in set(forms) if before.startswith(form, at)}
    return len(letters) if len(before) in reached else None


def _read(*texts: str) -> list[object]:
    """Paragraphs that say ``texts``."""
    return [("paragraph", says(text)) for text in texts]


def _said_item(text: str, ordered: bool) -> object:
    """What the point ``text`` says, its lead apart."""
    mark = "1. " if ordered else "- "
    first, *others = text.split("\n")
    element = markdown.body("\n".join([mark + first, *(" " * len(mark) + each for each in others)])).elements[0]
    if not isinstance(element, Points) or len(element.items) != 1:
        raise Unwritable(_("this would not be read again as it was meant: write it in the file"))
    item = element.items[0]
    return item.lead and lettered(item.lead), tightened(lettered(item.spans))


def _with_last(element: Element, sentences: Sequence[SentenceLines], text: str) -> object:
    """What ``element`` says with ``text`` for the last of its ``sentences``."""
    texts = [*(each.text for each in sentences[:-1]), text]
    match element:
        case Points(_items, ordered):
            return "points", ordered, [_said_item(each, ordered) for each in texts]
        case Citation():
            return "citation", [says(each) for each in texts]
        case Crosshead():
            return "crosshead", says(text)
        case _:
            return "paragraph", says(text)


def _counted(lines: Sequence[str], first: int | None = None) -> list[str]:
    """Numbered points with their numbers in order, unless all have the same."""
    marks = [re.match(r"( {0,3})(\d{1,9})([.)][ \t]+)", line) for line in lines]
    numbers = [int(mark[2]) for mark in marks if mark]
    if first is None and len(set(numbers)) == 1 and len(numbers) > 2:
        return [*lines]
    next_ = first or (numbers[0] if numbers else 1)
    counted: list[str] = []
    for line, mark in zip(lines, marks, strict=True):
        if mark is not None:
            line = f"{mark[1]}{next_}{mark[3]}{line[mark.end() :]}"
            next_ += 1
        counted.append(line)
    return counted
