"""A list written as one Markdown text under ``|``: a point for each item, without YAML's quotes and keys.

::

    also: |
      - [The clock that answered](#odeon)
    briefs: |
      - **[The noon gun](https://news.example/gun).** A lens lit the powder. {#gun}

Each item, and each field of one, is a part of the text with its own place in the file: what is found in it is reported
there, and edited there, as in a list of YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from composer.locale import Language
from composer.locale import gettext as _
from composer.source.late_pattern import late
from composer.source.parse_state import ParseState
from composer.source.quoting import literal, quoted
from composer.source.tree import Scalar, TextPart, TextRange
from composer.source.vocabulary import key_name

#: What may end a headline or a lead: the letter prints its own mark, by its style.
END_MARKS = ":.•·–—"

_ITEM = late(r"(?:[-*+•–]|>>)[ \t]+(?=\S)")
#: An item with its headline in bold; and how many lines of a list are looked at for one.
_LED = late(r" {0,8}(?:[-*+•–][ \t]+)?\*\*(?=\S)")
_LOOKED_AT = 200
_EMPTY = late(r"[-*+•–]|>>")
_NUMBER = late(r"\d{1,9}[.)][ \t]+")
_HEADING = late(r"#{1,6} +(?=\S)")
_HEADED = late(r"#{1,6} +\S|- \*\*[^*]+\*\*$")
_LEAD = late(r"\*\*(?=\S)((?:\\.|[^\\*]|\*(?!\*)|\*(?=\*\*))+)(?<=\S)\*\*(?!\*)")
#: A headline without its asterisks, or with other marks; and what a reader wrote, with the name after it.
_PARTED = late(
    r"[*_]{0,3}(?P<head>[^*_\s](?:[^*_]{0,200}[^*_\s.:])?)(?:[ \u00a0]?[.:]?[*_]{1,3}[ \u00a0]?[.:]?|[ \u00a0]?[.:])"
    r" +(?P<rest>\S.*)"
)
_SIGNED = late(r"(?P<words>.{2,1000}?) {0,3}[–—-]{1,2} (?P<author>[^–—]{2,80})")
#: A name and a colon, or before a full stop a name of which each word has its capital.
_NAMED = r"[^\W\d_a-zà-ÿ][\w’'-]*(?:,? (?:(?:à|de|du|des|in|of|from) )?[^\W\d_a-zà-ÿ][\w’'-]*){0,4}"
_SAID_BY = late(
    rf"[*_]{{0,3}}(?P<author>[^*_:.«»!?]{{2,60}}?(?=[*_]{{0,3}}[ \u00a0]?:)|{_NAMED}(?=[*_]{{0,3}}\.))"
    r"[*_]{0,3}[ \u00a0]?[:.][*_]{0,3} +(?P<words>\S.*)"
)
_LINK = late(r"\[((?:\\.|[^\\\[\]])+)\]\((https?://[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\)")
#: Most characters of a headline on a line of its own.
_TITLE = 90
_ID = late(r"\{#([^\s{}]*)\}")


@dataclass(frozen=True)
class Pointed:
    """How a record is written as a point: its ``headline`` in bold, then its ``text``; each names a field.

    ``url`` is where the headline leads, ``id`` is written ``{#id}`` after the headline or at the end of the text. Where
    the text may be left out, a headline that is a link needs no asterisks.
    """

    headline: str
    text: str
    url: str = ""
    id: str = ""


def keys_of_point(text: str, shape: Pointed | None, language: Language, model: str) -> str:
    """The keys and values, as between braces, of a record with the link ``text`` as its headline; or nothing.

    And of one that is written as a point is, its headline in bold.
    """
    lead = _LEAD.match(text.strip()) if shape is not None else None
    if lead is not None and shape is not None and (rest := text.strip()[lead.end() :].lstrip(f" \u00a0{END_MARKS}")):
        return _keyed(lead[1], rest, shape, language, model)
    link = _LINK.fullmatch(text.strip()) if shape is not None and shape.url else None
    if link is None or shape is None:
        return ""
    headline, url = (key_name(key, language, model) for key in (shape.headline, shape.url))
    return f"{headline}: {quoted(link[1])}, {url}: {quoted(link[2])}"


def barred(
    state: ParseState, node: Scalar, key: TextRange | None, shape: Pointed, model: str, needs_url: bool
) -> str | None:
    """The list of one point that ``node``, a text beside its ``key``, was meant as; None of several lines."""
    raw = state.raw(node)
    if key is None or not raw or node.style:
        return None
    point = headed(raw, shape)
    if point is None:
        point = f"[{raw}](https://…)" if needs_url else f"**{key_name(shape.headline, state.language, model)}.** {raw}"
    return literal(f"{state.mended[key.line][: key.end_column]}:", f"- {point}")


def _keyed(headline: str, text: str, shape: Pointed, language: Language, model: str) -> str:
    first, second = (key_name(key, language, model) for key in (shape.headline, shape.text))
    return f"{first}: {quoted(headline.rstrip(f' {END_MARKS}'))}, {second}: {quoted(text)}"


def keys_of_pair(headline: str, text: str, shape: Pointed, language: Language, model: str) -> str:
    """The keys and values, as between braces, of a record that was typed as a headline, a colon, and a text."""
    return _keyed(headline.strip("*_ "), text, shape, language, model)


def begins_with_end_mark(words: str) -> bool:
    """True if ``words``, which follow a headline or a lead, begin with what ends it; a hyphen does before a space."""
    return (words[:1] in tuple(END_MARKS) and words[:2] != "..") or (words[:1] == "-" and words[1:2].isspace())


def items_of(state: ParseState, node: Scalar, shape: Pointed | None) -> list[TextPart]:
    """The items of the list in the literal text ``node``, each without its mark.

    A line without one is reported; in a list of sentences, without ``shape``, it is read as the item that it may be.
    """
    indent = state.indent(node)
    written_lines = node.text.split("\n")
    items: list[TextPart] = []
    lines: list[str] = []
    offset = start = 0
    for index, written in enumerate([*written_lines, "- end"]):
        number = node.span.line + 1 + index
        mark = _ITEM.match(written)
        if mark is not None:
            if lines:
                items.append(_part("\n".join(lines), start, indent + offset))
            lines, offset, start = [written[mark.end() :]], mark.end(), number
        elif written.strip() and (not lines or written[:offset].strip()):
            _misplaced(state, written_lines, index, number, indent, offset, shape)
            if shape is None and not _EMPTY.fullmatch(written.strip()):
                words = _NUMBER.sub("", written.strip())
                items.append(_part(words, number, indent + len(written.rstrip()) - len(words)))
        elif lines:
            lines.append(written[offset:])
    return sorted(items, key=lambda item: item.span.line)


def _misplaced(
    state: ParseState, lines: Sequence[str], index: int, number: int, indent: int, offset: int, shape: Pointed | None
) -> None:
    """Report that ``lines[index]``, line ``number`` of the file, neither begins an item nor stands under the words of
    one, ``offset`` columns in.
    """
    written = lines[index]
    words = written.strip()
    column = indent + len(written) - len(written.lstrip())
    if _EMPTY.fullmatch(words):
        message = _("nothing is written after this dash: write it, or delete the line")
        state.report("empty-value", message, number, column)
        return
    message = _("a list is expected here: each of its items on a line that begins with a hyphen")
    if offset:
        message = _("each item begins with a hyphen; what follows in it stands under its words, {columns} columns in")
    bare = _NUMBER.sub("", words)
    better = f"{' ' * indent}- {bare}"
    if heading := _HEADING.match(words):
        better = f"{' ' * indent}- **{words[heading.end() :].strip()}**"
    elif _goes_on(lines, index, bare, shape):
        better = f"{' ' * indent}  {words}"
    elif shape is not None:
        below = next((lines[n].strip() for n in range(index + 1, len(lines)) if lines[n].strip()), "")
        better = f"{' ' * indent}- {headed(bare, shape, '' if _is_title(below) else below) or bare}"
    state.report("not-a-list", message.format(columns=offset), number, column, better)


def _goes_on(lines: Sequence[str], index: int, words: str, shape: Pointed | None) -> bool:
    """True if ``words``, the line ``index``, belong to the item above rather than begin another."""
    above = lines[index - 1].strip() if index else ""
    if _HEADED.match(above):
        return True
    title = next((lines[n].strip() for n in range(index - 1, -1, -1) if lines[n].strip()), "")
    if shape is None or not title or _LEAD.match(words) or _LINK.match(words):
        return False
    return bool(above) or _is_title(title) or any(_LED.match(line) for line in lines[:_LOOKED_AT])


def _is_title(words: str) -> bool:
    """True for a headline on a line of its own: short, and no sentence."""
    return 0 < len(words) <= _TITLE and re.search(r"[\w»”)*_]$", words) is not None


def fields_of(
    state: ParseState, item: TextPart, shape: Pointed, model: str, needs_text: bool = True, needs_url: bool = False
) -> Mapping[str, TextPart] | None:
    """The fields of a record written as the point ``item``; None, with a finding, where it has no headline or text."""
    found: dict[str, TextPart] = {}
    lead = _LEAD.match(item.text)
    around = _LINK.match(item.text)
    if lead is None and around is not None and (inside := _LEAD.fullmatch(around[1])) is not None:
        start, end = around.start(1) + inside.start(1), around.start(1) + inside.end(1)
        rest = around.end()
        address: tuple[int, int] | None = around.span(2)
    elif lead is not None:
        (start, end), rest, address = lead.span(1), lead.end(), None
    elif around is not None and shape.url and not needs_text:
        (start, end), rest, address = around.span(1), around.end(), around.span(2)
    elif needs_url:
        _linkless(state, item, shape, model)
        return None
    else:
        _headless(state, item, shape, model)
        return None
    end, marked = _unmarked(item.text, start, end)
    link = _LINK.fullmatch(item.text, start, end)
    if address is None and link is not None and shape.url:
        address, (start, end) = link.span(2), link.span(1)
        end, _marked = _unmarked(item.text, start, end)
    found[shape.headline] = part_of(item, start, end)
    if address is not None:
        found[shape.url] = part_of(item, *address)
    rest = _skipped(item.text, rest)
    if lead is None and item.text[rest : rest + 1] == ",":
        rest = _skipped(item.text, rest + 1)
    if not marked and begins_with_end_mark(item.text[rest : rest + 2]):
        rest = _skipped(item.text, rest + 1)
    end = len(item.text.rstrip())
    if shape.id:
        rest, end = _named(item, shape.id, rest, end, found)
    if needs_url and shape.url not in found:
        _linkless(state, item, shape, model)
        return None
    if rest >= end and needs_text:
        _headless(state, item, shape, model)
        return None
    if rest < end:
        found[shape.text] = part_of(item, rest, end)
    for key in (shape.headline, shape.text) if shape.id else ():
        if (part := found.get(key)) is not None and (stray := _ID.search(part.text)) is not None:
            place = part_of(part, *stray.span()).span
            message = _("{id} names a point after its headline in bold, or at its end: here it would be printed")
            state.report("point", message.format(id=stray[0]), place.line, place.column)
            if part.text[: stray.start()].strip():
                found[key] = part_of(part, 0, stray.start())  # it is told once
    return found


def _named(item: TextPart, key: str, start: int, end: int, found: dict[str, TextPart]) -> tuple[int, int]:
    """Put the id of the point into ``found``; the range of its text without it."""
    if (first := _ID.match(item.text, start, end)) is not None:
        found[key] = part_of(item, *first.span(1))
        return _skipped(item.text, first.end()), end
    opens = item.text.rfind("{#", start, end)
    if opens >= 0 and (last := _ID.fullmatch(item.text, opens, end)) is not None:
        found[key] = part_of(item, *last.span(1))
        return start, len(item.text[:opens].rstrip())
    return start, end


def _linkless(state: ParseState, item: TextPart, shape: Pointed, model: str) -> None:
    """Report a point whose headline has to be a link; corrected where a bare address ends it: Title (https://…)."""
    message = _("the {headline} of a point of this list is a link: - [{headline}](https://…)")
    message = message.format(headline=key_name(shape.headline, state.language, model))
    title, scheme, address = item.text.rstrip(" .)>").partition("https://")
    title = title.rstrip(" :,(<–—-")
    line = state.mended[item.span.line]
    linked = scheme and title and not set("[]*()\n") & set(title) and not set(" \n") & set(address)
    better = f"{line[: item.span.column]}[{title}]({scheme}{address})" if linked else None
    state.report("point", message, item.span.line, item.span.column, better)


def _headless(state: ParseState, item: TextPart, shape: Pointed, model: str) -> None:
    headline, text = (key_name(key, state.language, model) for key in (shape.headline, shape.text))
    message = _("a point of this list is a {headline} in bold, then a {text}: - **{headline}.** {text}")
    first, _break, others = item.text.partition("\n")
    better = headed(first, shape, others.strip())
    line = state.mended[item.span.line]
    shown = line[: item.span.column] + better if better else None
    message = message.format(headline=headline, text=text)
    state.report("point", message, item.span.line, item.span.column, shown)


def headed(first: str, shape: Pointed, below: str = "") -> str | None:
    """``first``, the first line of a point without one, with its headline in bold; None where none is seen in it.

    Above the line ``below`` it may be a headline by itself.
    """
    if (signed := _SIGNED.fullmatch(first)) is not None and shape.headline == "author":
        return f"**{signed['author']}.** {signed['words']}"
    if shape.headline == "author":
        parted = _SAID_BY.fullmatch(first)
        return f"**{parted['author']}.** {parted['words']}" if parted else None
    if (parted := _PARTED.fullmatch(first)) is not None and parted["head"].count("«") == parted["head"].count("»"):
        return f"**{parted['head']}.** {parted['rest']}"
    return f"**{first}**" if below and _is_title(first) and "*" not in first else None


def _unmarked(text: str, start: int, end: int) -> tuple[int, bool]:
    """The end of a headline without the mark that ends it; and True if there was one."""
    words = text[start:end].rstrip()
    if len(words) < 2 or words[-1] not in END_MARKS or words.endswith(".."):
        return end, False
    return start + len(words[:-1].rstrip()), True


def _skipped(text: str, position: int) -> int:
    return position + len(text[position:]) - len(text[position:].lstrip())


def part_of(item: TextPart, start: int, end: int) -> TextPart:
    """The part of ``item`` from character ``start`` to ``end``."""
    before = item.text[:start]
    number, across = before.count("\n"), start - before.rfind("\n") - 1
    if number == 0:
        across += item.span.column - item.indent
    return _part(item.text[start:end], item.span.line + number, item.indent, across)


def _part(text: str, line: int, indent: int, across: int = 0) -> TextPart:
    """The words ``text``; their first line stands ``across`` columns further than the others."""
    text = text.rstrip()
    column = indent + across
    *above, last = text.split("\n")
    ends = line + len(above)
    span = TextRange(line, column, ends, (indent if above else column) + len(last))
    return TextPart(text, span, "|", indent)
