"""A quotation with words that stand between quotation marks already: one pair is printed, as by the letter itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from composer.issue.body import Paragraph
from composer.issue.inline import Code, Emphasis, Link, Span, Spans, Strong, Text, plain
from composer.issue.resolved import ResolvedBody

_PAIRS = {"«": "»", "“": "”", "„": "“", '"': '"', "‘": "’"}
_SPACES = " \u00a0\u202f\u2009"
#: May follow the last mark, where a sentence ends outside of it.
_STOPS = ".!?…"


def unquoted(text: ResolvedBody) -> tuple[ResolvedBody, bool]:
    """``text`` without the pair of marks around all of it; and True if it needs no other: « a », she says, « b »."""
    paragraphs = [each for each in text if isinstance(each, Paragraph)]
    if not text or len(paragraphs) < len(text):
        return text, False
    words = [plain(each.spans).strip() for each in paragraphs]
    opening, last = words[0][:1], words[-1].rstrip(_STOPS)
    closing = _PAIRS.get(opening)
    spoken = "\n".join(words)
    if closing is not None and (_introduced(spoken, opening, closing) or _signed(spoken, opening, closing)):
        return text, True
    if closing is None or not last.endswith(closing) or not any(map(str.isalnum, last)):
        return text, False
    whole = "\n".join([*words[:-1], last])
    if _closes(whole, opening, closing) < len(whole) - 1:
        begins_and_ends = not whole[_closes(whole, opening, closing) + 1 :].lstrip(_SPACES)[:1].isalnum()
        return text, begins_and_ends
    bare = [_changed(each.spans, lambda leaf: _without_first(leaf, opening), first=True) for each in paragraphs]
    bare[-1] = _changed(bare[-1], lambda leaf: _without_last(leaf, closing), first=False)
    return tuple(Paragraph(spans) for spans in bare), False


def _introduced(text: str, opening: str, closing: str) -> bool:
    """True for « a », she says: what follows the words is the sentence that they stand in."""
    rest = text[_closes(text, opening, closing) + 1 :].lstrip(_SPACES)
    return rest[:1] == "," and any(map(str.isalpha, rest))


def _signed(text: str, opening: str, closing: str) -> bool:
    """True for « A. » (Anne), « A. » Anne: a name follows the sentence."""
    end = _closes(text, opening, closing)
    rest, last = text[end + 1 :].lstrip(f"{_SPACES}\n"), text[:end].rstrip(_SPACES)[-1:]
    return rest[:1] == "(" or (last != "" and last in _STOPS and rest[:1].isupper())


def _closes(text: str, opening: str, closing: str) -> int:
    """Where the mark that begins ``text`` is closed, its end where it is not. At a paragraph's head it is repeated."""
    depth = 0
    for index, letter in enumerate(text):
        before = text[index - 1 : index] if index else "\n"
        if letter == opening and (opening != closing or before in f"\n({_SPACES}"):
            depth += index == 0 or before != "\n"
        elif letter == closing:
            depth -= 1
            if not depth:
                return index
    return len(text)


def _changed(spans: Spans, change: Callable[[str], str], *, first: bool) -> Spans:
    """``spans`` with the text of their first or last leaf changed."""
    if not spans:
        return spans
    at = 0 if first else len(spans) - 1
    new: Span = spans[at]
    match new:
        case Text(text):
            new = Text(change(text))
        case Strong(children) | Emphasis(children) | Link(_, children):
            new = replace(new, children=_changed(children, change, first=first))
        case Code() | _:
            pass
    return (*spans[:at], new, *spans[at + 1 :])


def _without_first(leaf: str, mark: str) -> str:
    bare = leaf.lstrip()
    return bare[1:].lstrip(_SPACES) if bare.startswith(mark) else leaf


def _without_last(leaf: str, mark: str) -> str:
    before, found, after = leaf.rpartition(mark)
    return before.rstrip(_SPACES) + ("" if before.rstrip(_SPACES)[-1:] in tuple(_STOPS) else after) if found else leaf
