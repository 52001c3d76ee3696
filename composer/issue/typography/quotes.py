"""Quotation marks: convert straight ones that clearly open and close, and nest “ ” within « ».

A straight mark without a fellow stays as it is, and so does one after a number: inches, or seconds of arc.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from composer.issue.typography.edit_buffer import SP, Change, EditBuffer
from composer.source.late_pattern import late

_OPENS_AFTER = "([«“‘’'´–—-/"
_CLOSES_BEFORE = ")]»”’'´.,;:!?…–—-/%"

#: After a straight mark that opens nothing.
_NEVER_OPENED = late(rf"{SP}*[)\]»”,;:]")
_MARKS = late('[«»“”"]')
_AFTER = late(f"{SP}+")

_Kind = Literal["opens", "closes", "either", "after number", "neither"]


def set_quotes(buffer: EditBuffer, outer: Literal["guillemets", "curly"]) -> None:
    """Convert each pair of straight quotes to the profile's, and each inner pair to its inner ones."""
    if '"' in buffer.view:
        buffer.put([*_converted(buffer.view, outer)])
    if outer == "guillemets" and buffer.view.count("«") > 1:
        buffer.put([*_nested(buffer.view)])
    if "“" in buffer.view:
        buffer.put([*_tightened(buffer.view)])


def _converted(text: str, outer: str) -> Iterator[Change]:
    closings = dict(_pairs(text))
    own = set(closings.values())
    left, right = "«»" if outer == "guillemets" else "“”"
    inner_left, inner_right = "“”" if outer == "guillemets" else "‘’"
    depth = 0
    for match in _MARKS.finditer(text):
        place, mark = match.start(), match[0]
        if place in closings:
            closing = closings[place]
            yield place, place + 1, inner_left if depth else left
            yield closing, closing + 1, inner_right if depth else right
        depth += (mark == left) + (place in closings)
        depth = max(0, depth - (mark == right) - (place in own))


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """The straight marks that open and close, two by two. A doubtful one closes what is open, or opens."""
    places = [match.start() for match in re.finditer('"', text)]
    kinds = [_kind(text, place) for place in places]
    opened: list[tuple[int, _Kind]] = []
    for place, kind, following in zip(places, kinds, [*kinds[1:], None], strict=True):
        if kind == "after number" and (
            following in ("closes", "after number") or not opened or opened[-1][1] != "opens"
        ):
            continue  # inches
        if opened and kind in ("closes", "either", "after number"):
            yield opened.pop()[0], place
        elif kind == "opens" or (kind == "either" and not _NEVER_OPENED.match(text, place + 1)):
            opened.append((place, kind))


def _kind(text: str, place: int) -> _Kind:
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if '"' in (before, after):
        return "neither"
    left = not before or before.isspace() or before in _OPENS_AFTER
    right = not after or after.isspace() or after in _CLOSES_BEFORE
    if left and right:
        return "either"
    if left:
        return "opens"
    if before.isdigit():
        return "after number"
    return "closes" if right else "neither"


def _nested(text: str) -> Sequence[Change]:
    """Convert « a « b » c » to « a “b” c »."""
    depth = 0
    changes: list[Change] = []
    for match in re.finditer("[«»]", text):
        index, mark = match.start(), match[0]
        depth += 1 if mark == "«" else 0
        if depth >= 2:
            changes.append((index, index + 1, "“" if mark == "«" else "”"))
            changes += _space_within(text, index, mark)
        depth -= 1 if mark == "»" else 0
        if depth < 0 or depth > 2:
            return []
    return [] if depth else changes


def _tightened(text: str) -> Iterator[Change]:
    """Take out the spaces inside each pair “ ”."""
    opened: list[int] = []
    for match in re.finditer("[“”]", text):
        if match[0] == "“":
            opened.append(match.start())
        elif opened:
            yield from _space_within(text, opened.pop(), "“")
            yield from _space_within(text, match.start(), "”")


def _space_within(text: str, index: int, mark: str) -> list[Change]:
    if mark in "«“":
        match = _AFTER.match(text, index + 1)
        return [(index + 1, match.end(), "")] if match else []
    start = index
    while start and re.fullmatch(SP, text[start - 1]):
        start -= 1
    return [(start, index, "")] if start < index else []
