"""The lines of one element of a text, and the Markdown of each sentence in them without its mark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from composer.issue.blocks import DIRECTIVES, body
from composer.issue.body import Asterism, Citation, Crosshead, Element, Paragraph, Paywall, Point, Points
from composer.issue.body_lines import plain_spaces
from composer.issue.inline_markdown import sentence
from composer.issue.revision.letters import MarkedLetter, lettered, nested, tightened
from composer.issue.revision.model import Unwritable
from composer.issue.revision.sentence_markdown import markdown_of
from composer.issue.source_map import pieces
from composer.locale import Language
from composer.locale import gettext as _
from composer.source.late_pattern import late
from composer.source.vocabulary import block_name, find_key, key_name

_POINT = late(r" {0,3}(?:[-*+]|(?P<number>\d{1,9})[.)])[ \t]+")
_CROSSHEAD = late(r" {0,3}##[ \t]+")
_CITED = late(r" {0,3}>[ \t]?")
_CONTROL = late("[\x00-\x1f\x7f]")

#: What closes bold and italics, and opens them again.
_SIGNS = ("**", "*", "_", "__", "***", "**_", "_**")

#: Most places that are tried between two letters: the marks that end and begin there.
_MOST_PLACES = 12


@dataclass(frozen=True)
class NewBox:
    """A box to write: its name in English; what follows it; its options, by their English keys; its lines."""

    name: str
    argument: str = ""
    options: Mapping[str, str] | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class SentenceLines:
    """A sentence in its element: ``text`` is its Markdown, written after ``prefix``, its further lines after ``rest``.

    From line ``start`` to the one before ``end`` of the element.
    """

    text: str
    prefix: str
    rest: str
    start: int
    end: int

    def written(self, text: str) -> list[str]:
        """``text`` in its place."""
        first, *others = text.split("\n")
        return [self.prefix + first, *(self.rest + each for each in others)]

    @property
    def letters(self) -> list[MarkedLetter]:
        return lettered(sentence(self.text)[0])


def sentences_of(lines: Sequence[str], element: Element) -> list[SentenceLines]:
    """The sentences in ``lines`` of a paragraph, a crosshead, points or a citation; a point with its lead is one.

    Raises ``Unwritable`` for another element, and where they are not those of ``element``.
    """
    plain = [plain_spaces(line) for line in lines]
    match element:
        case Paragraph():
            found = [SentenceLines(_joined(lines, ""), "", "", 0, len(lines))]
        case Crosshead() if len(lines) == 1 and (mark := _CROSSHEAD.match(plain[0])):
            words = lines[0][mark.end() :].rstrip()
            found = [SentenceLines(re.sub(r"(?<![ \t])[ \t]+#+$", "", words), plain[0][: mark.end()], "", 0, 1)]
        case Points(items):
            found = [*_points(lines, plain)]
            if len(found) != len(items):
                found = []
        case Citation(paragraphs):
            found = [*_cited(lines, plain)]
            if len(found) != len(paragraphs):
                found = []
        case _:
            raise Unwritable(
                _("only the sentences of paragraphs, crossheads, points and citations are parted or joined")
            )
    if not found:
        raise Unwritable(_("these lines are written in a way of their own: change them in the file"))
    return found


def _joined(lines: Sequence[str], prefix: str) -> str:
    return "\n".join(line[len(prefix) :].lstrip(" \t") for line in lines).rstrip()


def _points(lines: Sequence[str], plain: Sequence[str]) -> Iterator[SentenceLines]:
    starts = [number for number, line in enumerate(plain) if _POINT.match(line)]
    for start, next_ in zip(starts, [*starts[1:], len(lines)], strict=True):
        mark = _POINT.match(plain[start])
        assert mark is not None
        end = next_
        while end > start + 1 and not plain[end - 1].strip():
            end -= 1
        words = [lines[start][mark.end() :], *(line.lstrip(" \t") for line in lines[start + 1 : end])]
        yield SentenceLines("\n".join(words).rstrip(), plain[start][: mark.end()], " " * mark.end(), start, end)


def _cited(lines: Sequence[str], plain: Sequence[str]) -> Iterator[SentenceLines]:
    words: list[str] = []
    prefix = ""
    for number, line in enumerate([*plain, ">"]):
        mark = _CITED.match(line)
        if mark is None:  # a citation goes on without its mark: such lines are left alone
            return
        if line[mark.end() :].strip():
            prefix = prefix if words else line[: mark.end()]
            words.append(lines[number][mark.end() :].lstrip(" \t"))
        elif words:
            yield SentenceLines("\n".join(words).rstrip(), prefix, prefix, number - len(words), number)
            words = []


def halves(text: str, cut: int) -> tuple[str, str]:
    """The Markdown ``text`` of one sentence as two, parted before its letter ``cut``, as of ``lettered``.

    Raises ``Unwritable`` where one of them has no words.
    """
    letters = lettered(sentence(text)[0])
    first, second = tightened(letters[:cut]), tightened(letters[cut:])
    if not first or not second:
        raise Unwritable(_("an empty paragraph is not kept: type its words, and it is written"))
    for sign in _SIGNS if letters[cut - 1].marks & letters[cut].marks else ("",):
        for at in _places(text, cut, len(letters)):
            one, other = text[:at].rstrip(), text[at:].lstrip()
            if one.endswith("\\") and not one.endswith("\\\\"):
                continue
            one, other = one + sign, sign[::-1] + other
            if says(one) == first and says(other) == second:
                return one, other if _is_paragraph(other) else markdown_of(nested(second))
    return markdown_of(nested(first)), markdown_of(nested(second))


def _is_paragraph(text: str) -> bool:
    """False where the beginning of a sentence would be read as the mark of something else: ``2007.``, ``-``."""
    elements = body(text).elements
    return len(elements) == 1 and isinstance(elements[0], Paragraph)


def joined(text: str, other: str) -> str:
    """The Markdown of the sentence ``text`` with that of ``other`` right after it."""
    wanted = tightened([*lettered(sentence(text)[0]), *lettered(sentence(other)[0])])
    whole = text + other
    return whole if says(whole) == wanted else markdown_of(nested(wanted))


def says(text: str) -> list[MarkedLetter]:
    """The letters that the Markdown of a sentence is read as."""
    return tightened(lettered(sentence(text)[0]))


def _places(text: str, cut: int, count: int) -> Sequence[int]:
    """The offsets in ``text`` between the letter before ``cut``, of ``count``, and that one: marks may stand there."""
    ends: list[tuple[int, int]] = []
    for piece in pieces(text):
        if piece.kind == "code":
            ends.append((piece.start, piece.start + 1))
        else:
            ends += ((piece.start + at, piece.start + at + 1) for at in range(len(piece.text)))
    if len(ends) != count:
        return ()
    start, end = ends[cut - 1][1], ends[cut][0]
    return range(end, start - 1, -1) if 0 <= end - start <= _MOST_PLACES else ()


def lines_of(element: Element | NewBox, language: Language) -> list[str]:
    """The lines of a new element; names and keys of a box in ``language``. Raises ``Unwritable``."""
    match element:
        case Paragraph(spans):
            return markdown_of(spans).split("\n")
        case Crosshead(spans):
            return [f"## {_single(markdown_of(spans))}"]
        case Points(items, ordered):
            marks = [f"{number}. " if ordered else "- " for number in range(1, len(items) + 1)]
            return [line for mark, item in zip(marks, items, strict=True) for line in _pointed(mark, item, language)]
        case Citation(paragraphs):
            return _quoted([markdown_of(each) for each in paragraphs])
        case Asterism():
            return ["* * *"]
        case Paywall():
            return ["==="]
        case NewBox():
            return _box(element, language)
        case _:
            raise Unwritable(_("there is no such element of a text"))


def _quoted(texts: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for text in texts:
        lines += [">"] if lines else []
        lines += [f"> {line}" for line in text.split("\n")]
    return lines


def _pointed(mark: str, item: Point, language: Language) -> Iterator[str]:
    text = markdown_of(item.spans)
    if item.lead:
        text = f"**{_single(markdown_of(item.lead))}{' :' if language == 'fr' else ':'}** {text}"
    first, *others = text.split("\n")
    yield mark + first
    yield from (" " * len(mark) + each for each in others)


def _single(text: str) -> str:
    if "\n" in text:
        raise Unwritable(_("a crosshead, a lead or a title is one line: take the break out"))
    return text


def _box(box: NewBox, language: Language) -> list[str]:
    model = DIRECTIVES.get(box.name)
    if model is None or model.boxed is None:
        raise Unwritable(_("there is no such box: “{name}”").format(name=box.name))
    given = {key: value for key, value in (box.options or {}).items() if value.strip()}
    for key in given:
        if find_key(key, model.boxed.options, model.__name__) is None:
            raise Unwritable(_("this box has no such option: “{name}”").format(name=key))
    for value in (box.argument, *given.values(), *box.lines):
        if _CONTROL.search(value):
            raise Unwritable(_("a title or an option of a box is one line"))
    lines = [f":::{block_name(box.name, language)} {_kept_quotes(box.argument.strip())}".rstrip()]
    lines += [
        f":{key_name(key, language, model.__name__)}: {_kept_quotes(each.strip())}" for key, each in given.items()
    ]
    return [*lines, *box.lines, ":::"]


def _kept_quotes(value: str) -> str:
    """A value between straight quotes, between others: one pair is taken off when it is read."""
    quoted = len(value) > 1 and value[0] == value[-1] in "\"'" and value[0] not in value[1:-1]
    return ("'" if value[0] == '"' else '"').join(("", value, "")) if quoted else value


def retyped_lines(texts: Sequence[str], kind: str) -> list[str]:
    """The sentences ``texts`` of Markdown as the lines of another kind of element."""
    match kind:
        case "paragraph":
            return [line for text in texts for line in ("", *text.split("\n"))][1:]
        case "crosshead" if len(texts) == 1:
            return [f"## {_single(texts[0].replace(chr(10), ' ') if _is_flowing(texts[0]) else texts[0])}"]
        case "crosshead":
            raise Unwritable(_("a crosshead is one line: part these first"))
        case "points" | "numbered":
            marks = [f"{number}. " if kind == "numbered" else "- " for number in range(1, len(texts) + 1)]
            return [
                f"{mark if at == 0 else ' ' * len(mark)}{line}"
                for mark, text in zip(marks, texts, strict=True)
                for at, line in enumerate(text.split("\n"))
            ]
        case "citation":
            return _quoted(texts)
        case _:
            raise Unwritable(_("there is no such element of a text"))


def _is_flowing(text: str) -> bool:
    """True if its line ends are read as spaces."""
    return says(text.replace("\n", " ")) == says(text)
