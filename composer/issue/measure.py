"""Signs and words of an edition, by block: what French desks call « calibrage »."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from composer.issue.edition import Edition
from composer.issue.inline import plain
from composer.issue.reading import count_words, printed_texts
from composer.issue.resolved import Resolved


@dataclass(frozen=True)
class Measure:
    """``signs`` include the spaces, not the line breaks. ``block`` is its name in English, ``title`` its headline.

    Without a block: all that the newsroom wrote for the edition.
    """

    signs: int
    words: int
    block: str | None = None
    title: str = ""

    def as_json(self) -> dict[str, object]:
        return {"block": self.block, "title": self.title, "signs": self.signs, "words": self.words}


def measured(*printed: object, block: str | None = None, title: str = "") -> Measure:
    """The measure of anything printed, advertisements aside; bylines, labels and captions count."""
    texts = list(printed_texts(printed))
    return Measure(sum(map(len, texts)), sum(map(count_words, texts)), block, title)


def by_block(edition: Edition) -> Iterator[Measure]:
    """The measure of each block that is the newsroom's own text."""
    for block in edition.blocks:
        if block.editorial:
            yield measured(block, block=block.template, title=_title(block))


def in_all(edition: Edition) -> Measure:
    """The measure of what the newsroom wrote."""
    return measured(*own_text(edition))


def own_text(edition: Edition) -> tuple[object, ...]:
    """The blocks that the newsroom wrote, what announces and corrects them: length and reading time are theirs."""
    return edition.also, edition.summary, *(block for block in edition.blocks if block.editorial), edition.corrections


def _title(block: Resolved) -> str:
    for name in ("headline", "title", "label"):
        held = getattr(block, name, None)
        if held:
            return held if isinstance(held, str) else plain(held)
    return ""
