"""Apply rules to a span tree; they match on the joined text, across **bold** boundaries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from composer.issue.inline import Break, Code, Emphasis, Link, Span, Strong, Text
from composer.issue.typography.edit_buffer import FIXED, EditBuffer
from composer.issue.typography.rules import set_sentence
from composer.issue.typography.ruleset import Ruleset


class Leaf(NamedTuple):
    """Characters of a sentence under ``depth`` marks. ``solid``: they stand for something that is not text."""

    text: str
    depth: int
    solid: bool = False


def set_spans(spans: tuple[Span, ...], rules: Ruleset) -> tuple[Span, ...]:
    """``spans`` with house typography applied: same tree; spaces, quotes, apostrophes, dots and dashes may differ."""
    found = [*leaves(spans)]
    buffer = set_leaves(found, rules)
    if buffer is None:
        return spans
    letters = letters_of(buffer, found)
    return _rebuilt(spans, iter(["".join(islice(letters, len(leaf.text))) for leaf in found]))


def leaves(spans: tuple[Span, ...], depth: int = 0) -> Iterator[Leaf]:
    """The leaves of the tree, in order."""
    for span in spans:
        match span:
            case Text(text):
                yield Leaf(text, depth)
            case Code():
                yield Leaf(FIXED, depth, solid=True)
            case Break():
                yield Leaf("\n", depth, solid=True)
            case Strong(children) | Emphasis(children) | Link(_, children):
                yield from leaves(children, depth + 1)


def joined(found: Sequence[Leaf]) -> tuple[str, tuple[int, ...]]:
    """The sentence made of the leaves, and the indexes in it that stand for code."""
    solid: list[int] = []
    start = 0
    for leaf in found:
        solid += range(start, start + len(leaf.text)) if leaf.solid and leaf.text == FIXED else ()
        start += len(leaf.text)
    return "".join(leaf.text for leaf in found), tuple(solid)


def set_leaves(found: Sequence[Leaf], rules: Ruleset) -> EditBuffer | None:
    """Apply house typography to the sentence made of the leaves; None where nothing changes."""
    text, solid = joined(found)
    buffer = set_sentence(text, rules, solid)
    return buffer if buffer is not None and buffer.result != text else None


def letters_of(buffer: EditBuffer, found: Sequence[Leaf]) -> Iterator[str]:
    """The replacement of each character, with inserted spaces added to one of their neighbours.

    A space between two leaves goes to the one under fewer marks, so that ``**mot** :`` never becomes ``**mot **:``.
    """
    homes = _homes(found)
    for index, letter in enumerate(buffer.letters):
        before = buffer.gaps[index] if homes[index] == "right" else ""
        after = buffer.gaps[index + 1] if homes[index + 1] == "left" else ""
        yield before + letter + after


def _homes(found: Sequence[Leaf]) -> list[str]:
    """For each gap between characters, the neighbour that an inserted space is added to: "left" or "right"."""
    each = [leaf for leaf in found for _letter in leaf.text]
    homes = ["right"]
    for left, right in pairwise(each):
        to_left = not left.solid and (right.solid or left.depth <= right.depth)
        homes.append("left" if to_left else "right")
    return [*homes, "left"]


def _rebuilt(spans: tuple[Span, ...], texts: Iterator[str]) -> tuple[Span, ...]:
    return tuple(_each(spans, texts))


def _each(spans: tuple[Span, ...], texts: Iterator[str]) -> Iterator[Span]:
    for span in spans:
        match span:
            case Text():
                yield Text(next(texts))
            case Strong(children):
                yield Strong(_rebuilt(children, texts))
            case Emphasis(children):
                yield Emphasis(_rebuilt(children, texts))
            case Link(url, children):
                yield Link(url, _rebuilt(children, texts))
            case _:
                next(texts)
                yield span
