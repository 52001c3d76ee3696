"""Proposals for one line that YAML does not understand.

Each function looks at one line and proposes; ``syntax`` keeps the first proposal with which YAML parses further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from composer.locale import gettext as _
from composer.source.late_pattern import late
from composer.source.quoting import literal, quoted, spelled
from composer.source.vocabulary import fold_key, french, known, nearest_word

#: Keys that hold prose: for these a literal block is suggested.
PROSE = frozenset({"texte", "text", "body"})

_LONGER = ("standfirst", "teaser", "reply", "caption", "bio", "intro", "disclaimer", "epigraph")

#: Keys that may well hold several lines of text.
TEXTS = PROSE | {fold_key(word) for key in _LONGER for word in (key, french(key))}

#: A value of one of them longer than this, in characters, is suggested as a literal block.
LONG = 70

_KEY = r"(?:\"[^\"]*\"|'[^']*'|[^\W\d_][^:#\"\[\]{},]{0,40}?|[\w][\w-]*)"
_LINE = late(rf"(?P<lead>[ \t]*(?:- +)*)(?:(?P<key>{_KEY})(?P<colon>\s*:)(?P<gap>[ \t]+|$))?(?P<value>(?:.*\S)?)\s*$")
_GLUED = late(r"([ \t]*(?:- +)*)(\w[\w '’-]*?)([ \u00a0\u202f]*):[\u00a0\u202f]*(?!//)([^\s:].*)$")
_UNCOLONED = late(r"([ \t]*(?:- +)*)([^\W\d][\w-]*)(?:$|[ \u00a0\u202f]+(.*))$")
_HEADER = late(r"[|>][+-]?\d?[+-]?\s*(?:#.*)?$")
_HASHTAG = late(r"""([\[{,]\s*|:\s+)([^,:"'\[\]{}]*? #[^,"'\[\]{}]*?)(?=\s*[,\]}])""")
#: Between braces or brackets: a value that begins with a sign of YAML, or a link of Markdown.
_SIGNED = late(
    r"""(?<=[\[{,:])(?P<gap>\s*)(?P<text>[*&!%@`|>][^,\[\]{}"']{0,300}?"""
    r"""|\[[^\[\]{}"]{1,300}\]\([^()\s"]{1,500}\)[^,\[\]{}"]{0,300}?)(?=\s*[,\]}])"""
)
#: Keys between braces, or items between brackets, and words behind them.
_KEYS = late(
    r"(?P<before>\{ *[^\W\d][\w-]*: [^{}\[\]]*?)(?P<last>(?<=: )[^{}\[\],:]+)\}(?P<rest>[^{}\[\]#:]*[^\s{}\[\]#:])"
)
_ITEMS = late(r"(?P<before>\[[^{}\[\]:,]*,[^{}\[\]:]*)\](?P<rest>, [^{}\[\]#:]*[^\s{}\[\]#:])")
#: Curly marks, and what closes each.
CURLY = {"“": "”", "„": "“", "‘": "’", "”": "”"}
_CLOSED = {'"': late(r'"(?:[^"\\]|\\.)*"'), "'": late(r"'(?:[^']|'')*'")}


#: Longest line that is corrected, in characters, and what is read of a longer one to find its key: some expressions
#: here take the square of it.
LONGEST_LINE = 2_000


@dataclass(frozen=True)
class LineCorrection:
    """``lines`` are what YAML parses instead, by number; ``suggestion`` is what the editor is advised to type."""

    code: str
    message: str
    line: int
    column: int
    lines: dict[int, str]
    suggestion: str | None


class Parts(NamedTuple):
    """A line split into indent and dashes, key, and value. ``head`` is everything before the value."""

    lead: str
    key: str | None
    head: str
    value: str

    @property
    def column(self) -> int:
        """Where the key, or the value without a key, begins."""
        return len(self.lead)


def parts(line: str) -> Parts:
    """Split a line, as far as one line can tell."""
    match = _LINE.match(line[:LONGEST_LINE])
    assert match is not None
    key = match["key"]
    if key is not None and fold_key(key) not in known() and (" " in key.strip() or "-" in match["lead"]):
        return Parts(match["lead"], None, match["lead"], line[len(match["lead"]) :].rstrip())
    return Parts(match["lead"], key, line[: match.start("value")], line[match.start("value") :].rstrip())


def is_prose(key: str, text: str) -> bool:
    """True if ``text`` is better written below its ``key``, after ``|``, than between quotes."""
    folded = fold_key(key)
    return folded in PROSE or (folded in TEXTS and len(text) > LONG)


def valued(head: str, text: str) -> str:
    """``head``, which ends with a key, with ``text`` as its value: quoted, or as a literal block where it is prose."""
    if is_prose(parts(head).key or "", text) or ('"' in text and "'" in text):
        return literal(head, text)
    return f"{head}{quoted(text)}"


def is_structure(line: str) -> bool:
    """True if the line is YAML with a key that is known or nearly known, rather than a line of text."""
    match = _LINE.match(line[:LONGEST_LINE])
    key = match["key"] if match is not None else None
    if key is None:
        return False
    return _is_known(key, known())


@lru_cache(maxsize=1024)
def _is_known(key: str, names: frozenset[str]) -> bool:
    return fold_key(key) in names or (" " not in key and nearest_word(key, names) is not None)


def corrections(line: str, number: int) -> Iterator[LineCorrection]:
    """Proposals for ``line``, the likeliest first. Of one over ``LONGEST_LINE``, a list in brackets is left alone."""
    yield from _separator(line, number)
    lead, key, head, value = parts(line)
    if value and (key is not None or "-" in lead):
        if key is not None and not head.endswith((" ", "\t")):
            head += " "
        for code, message, column, typed, better in _values(key or "", head, value):
            yield LineCorrection(code, message, number, column, {number: typed}, better)
    yield from _colon(line, number)


def _separator(line: str, number: int) -> Iterator[LineCorrection]:
    if line.strip() in ("---", "..."):
        message = _("a line {line} ends the file for YAML: delete it").format(line=line.strip())
        yield LineCorrection("second-document", message, number, 0, {number: ""}, None)


def spaces(line: str, number: int) -> Iterator[LineCorrection]:
    """A space missing after a colon or a dash, or of the wrong kind. Nothing for a line over ``LONGEST_LINE``."""
    if len(line) > LONGEST_LINE:
        return
    match = _GLUED.match(line)
    if match is not None and fold_key(match[2]) in known():
        typed = f"{match[1]}{match[2]}: {spelled(match[4].rstrip())}"
        message = _("a space is missing after the colon")
        yield LineCorrection("missing-space", message, number, match.end(3), {number: typed}, typed)
    if match := re.match(r"([ \t]*(?:- +)*)-([^\s-].*)$", line):
        typed = f"{match[1]}- {match[2]}"
        message = _("a space is missing after the dash")
        yield LineCorrection("missing-space", message, number, len(match[1]), {number: typed}, typed)
    if match := re.match(r"([ \t]*)(?:[–—•·*])\s+(.*)$", line):
        typed = f"{match[1]}- {spelled(match[2].rstrip())}"
        message = _("the items of a list begin with a hyphen (-)")
        yield LineCorrection("list-dash", message, number, len(match[1]), {number: typed}, typed)


def _colon(line: str, number: int) -> Iterator[LineCorrection]:
    match = _UNCOLONED.match(line.rstrip())
    if match is not None and fold_key(match[2]) in known():
        value = spelled(match[3]) if match[3] else ""
        typed = f"{match[1]}{match[2]}: {value}".rstrip()
        message = _("a colon is missing after “{key}”").format(key=match[2])
        yield LineCorrection("missing-colon", message, number, match.end(2), {number: typed}, typed)


def _what(character: str) -> str:
    return {
        "*": _("an alias"),
        "&": _("an anchor"),
        "!": _("a tag"),
        "%": _("a directive"),
        "@": _("a reserved character"),
        "`": _("a reserved character"),
        "|": _("a text on the following lines"),
        ">": _("a text on the following lines"),
        "-": _("an item of a list"),
        "?": _("a key"),
        "[": _("a list"),
        "{": _("a set of keys"),
        ",": _("the next item of a list"),
        "]": _("the end of a list"),
        "}": _("the end of a set of keys"),
    }[character]


def _values(key: str, head: str, value: str) -> Iterator[tuple[str, str, int, str, str]]:
    """(code, message, column, line for YAML, suggestion) for a value that YAML does not take as a text."""
    column, prose = len(head), is_prose(key, value)
    meant = _straightened(value)
    whole = f"{head}{quoted(meant)}"
    better = valued(head, meant)
    first = value[0]
    if first in "\"'":
        yield from _quotes(head, value)
    elif first in "[{":
        yield from _brackets(head, value)
    elif first in "|>" and not _HEADER.match(value):
        text = value[1:].strip()
        if first == "|" and fold_key(key) in TEXTS and not text.endswith("|"):
            message = _("the text begins on the line below |, two columns further than its key")
            yield "text-after-bar", message, column + 2, f"{head}{quoted(text)}", literal(head, text)
        else:
            yield "reserved-character", _reserved(first), column, whole, better
    elif first in "*&!%@`,]}" or (first in "-?" and value[1:2] in ("", " ")):
        yield "reserved-character", _reserved(first), column, whole, better
    colon = re.search(r":(?=\s|$)", value)
    if colon is not None and first not in "\"'[{":
        message = _("a colon inside a text makes YAML see another key: put the text between quotes")
        if prose:
            message = _("a colon inside a text makes YAML see another key: write the text below, after |")
        yield "colon-in-text", message, column + colon.start(), whole, better


def _straightened(value: str) -> str:
    """``value`` without the curly marks around the whole of it, which were meant for YAML's quotes."""
    inner = value[1:-1]
    closed = len(value) > 2 and CURLY.get(value[0]) == value[-1]
    return inner if closed and not any(mark in inner for mark in "“”„") else value


def _reserved(character: str) -> str:
    message = _("a text that begins with {character} is {what} for YAML: put it between quotes")
    return message.format(character=character, what=_what(character))


def _quotes(head: str, value: str) -> Iterator[tuple[str, str, int, str, str]]:
    mark = value[0]
    closed = _CLOSED[mark].match(value)
    if closed is None:
        # L'heure: an apostrophe at the end of a word is no closing quote; the missing one belongs at the end.
        typed = head + quoted(value[1:])
        message = _("this quote {mark} is never closed").format(mark=mark)
        yield "unclosed-quote", message, len(head), typed, typed
        return
    rest = value[closed.end() :]
    if not rest.strip() or rest.lstrip().startswith("#"):
        if "\\" in value and mark == '"':
            typed = f"{head}{quoted(value[1 : closed.end() - 1])}"
            message = _("between these quotes \\ has a meaning for YAML: use the other kind of quotes")
            yield "backslash", message, len(head) + value.index("\\"), typed, typed
        return
    text = _unwrapped(value, mark)
    message = _("for YAML the value ends at the second quote {mark}: put the whole text between other quotes")
    typed = f"{head}{quoted(text)}"
    yield "text-after-quote", message.format(mark=mark), len(head) + closed.end(), typed, valued(head, text)


def _unwrapped(value: str, mark: str) -> str:
    """A text that contains quotes, without those that were meant to enclose it."""
    if (
        mark == '"' and value.count(mark) % 2
    ):  # one of them is unpaired: the first, closed by the other kind or not at all
        return value[1:].removesuffix("'")
    inner = value[1:-1]
    inside = inner.find(mark)
    unwrap = value.endswith(mark) and inside > 0 and (inner[inside - 1] == " " or mark == "'")
    return inner.replace("''", "'") if unwrap else value


def _drawn_in(value: str) -> str | None:
    """Keys between braces, or a list of several items, with what follows them drawn into the last one."""
    if (keys := _KEYS.fullmatch(value)) is not None:
        last = keys["last"].strip().strip("\"'")
        return f"{keys['before']}{quoted(last + keys['rest'].rstrip())}}}"
    if (items := _ITEMS.fullmatch(value)) is not None:
        return f"{items['before']}{items['rest'].rstrip()}]"
    return None


def _brackets(head: str, value: str) -> Iterator[tuple[str, str, int, str, str]]:
    if len(value) > LONGEST_LINE:
        return
    opening, closing = value[0], "]" if value[0] == "[" else "}"
    whole, better = f"{head}{quoted(value)}", valued(head, value)
    kept = _HASHTAG.sub(lambda match: match[1] + quoted(match[2]), value)
    if kept != value:
        message = _("everything after # is a comment for YAML and would not be printed: put the value between quotes")
        yield "truncated-text", message, len(head) + value.index(" #") + 1, head + kept, head + kept
    if closing not in value:
        message = _("{opening} opens {what} that nothing closes: add {closing}, or put the text between quotes")
        message = message.format(opening=opening, what=_what(opening), closing=closing)
        closed = f"{head}{value}{closing}"
        listed = "," in value or (opening == "{" and re.match(r"\{\s*\w+\s*:", value) is not None)
        proposals = [(closed, closed), (whole, better)] if listed else [(whole, better), (closed, closed)]
        for typed, shown in proposals:
            yield "unclosed-bracket", message, len(head), typed, shown
        return
    inside = re.sub(
        r"(\w+): +([^,\"'\[\]{}]*?:[^,\"'\[\]{}]*?)(?=\s*[,}])", lambda match: f"{match[1]}: {quoted(match[2])}", value
    )
    if inside != value:
        message = _("a colon inside a text makes YAML see another key: put the text between quotes")
        yield "colon-in-text", message, len(head) + value.index(":"), head + inside, head + inside
    if (drawn := _drawn_in(value)) is not None:
        message = _("what follows {closing} stands outside: put it inside").format(closing=closing)
        yield "reserved-character", message, len(head) + value.index(closing) + 1, head + drawn, head + drawn
    if (sign := _SIGNED.search(value)) is not None:
        inside = _SIGNED.sub(lambda match: match["gap"] + quoted(match["text"]), value)
        at = sign.start("text")
        yield "reserved-character", _reserved(value[at]), len(head) + at, head + inside, head + inside
    yield "reserved-character", _reserved(opening), len(head), whole, better
