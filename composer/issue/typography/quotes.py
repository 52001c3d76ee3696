"""Quotation marks: convert straight ones where unambiguous, and nest “ ” within « »."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from composer.issue.typography.edit_buffer import NO_BREAK, SP, Change, EditBuffer

_SPACE = re.compile(rf"[\s{NO_BREAK}]")
_OPENS_AFTER = "([«“‘’'–—-/"
_CLOSES_BEFORE = ")]»”’'.,;:!?…–—-/%"


def set_quotes(buffer: EditBuffer, outer: Literal["guillemets", "curly"]) -> None:
    """Convert straight quotes to the profile's, if each one in the sentence clearly opens or closes."""
    if '"' in buffer.view:
        buffer.put(_straight(buffer.view, outer))
    if outer == "guillemets" and buffer.view.count("«") > 1:
        buffer.put(_nested(buffer.view))


def _straight(text: str, outer: str) -> list[Change]:
    places = [index for index, letter in enumerate(text) if letter == '"']
    kinds = [_kind(text, index) for index in places]
    if kinds != ["opens", "closes"] * (len(places) // 2):
        return []
    changes: list[Change] = []
    for opening, closing in zip(places[::2], places[1::2], strict=True):
        left, right = "«»" if outer == "guillemets" else "“”"
        before = text[:opening]
        if before.count(left) > before.count(right):
            left, right = "“”" if outer == "guillemets" else "‘’"
        changes += [(opening, opening + 1, left), (closing, closing + 1, right)]
    return changes


def _kind(text: str, index: int) -> str:
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    opens = (not before or _SPACE.match(before) or before in _OPENS_AFTER) and bool(after) and not _ends(after)
    closes = bool(before) and not _SPACE.match(before) and before not in "([«“‘" and (not after or _ends(after))
    if opens == closes:
        return "neither"
    return "opens" if opens else "closes"


def _ends(letter: str) -> bool:
    return bool(_SPACE.match(letter)) or letter in _CLOSES_BEFORE


def _nested(text: str) -> Iterator[Change]:
    """Convert « a « b » c » to « a “b” c »."""
    marks = [(match.start(), match[0]) for match in re.finditer("[«»]", text)]
    depth = 0
    changes: list[Change] = []
    for index, mark in marks:
        depth += 1 if mark == "«" else 0
        if depth >= 2:
            changes.append((index, index + 1, "“" if mark == "«" else "”"))
            changes += _space_within(text, index, mark)
        depth -= 1 if mark == "»" else 0
        if depth < 0 or depth > 2:
            return
    if depth == 0:
        yield from changes


def _space_within(text: str, index: int, mark: str) -> list[Change]:
    if mark == "«":
        match = re.compile(rf"{SP}+").match(text, index + 1)
        return [(index + 1, match.end(), "")] if match else []
    start = index
    while start and re.fullmatch(SP, text[start - 1]):
        start -= 1
    return [(start, index, "")] if start < index else []
