"""How many bytes each block adds to the HTML of a letter, against the size at which Gmail cuts it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from composer.issue.edition import Edition
from composer.newsroom.model import Newsroom
from composer.rendering import mjml
from composer.rendering.inlining import inline_styles
from composer.rendering.letter import LETTER, LetterTemplate

#: Digest of a block's words and of the rules for its style → its weight: only what changed is weighed again.
_known: dict[str, int] = {}
_KEPT = 4096


def block_weights(edition: Edition, newsroom: Newsroom) -> tuple[int, ...]:
    """The weight of each block of ``edition``, in bytes: of a letter of this block alone, less one without any.

    In the letter, neighbours share a few tags, so that the sum is a little more than it weighs. Raises as ``render``
    does.
    """
    return tuple(_weights(LetterTemplate(edition, newsroom)))


def _weights(letter: LetterTemplate) -> Iterator[int]:
    css, empty = letter.css(), 0

    def alone(*blocks: str) -> int:
        document = letter.document([*blocks], "https://example.org/")
        return len(inline_styles(mjml.html(document, LETTER), css, letter.cache).encode())

    for block in letter.blocks():
        key = sha256(f"{css}\0{block}".encode("utf-8", "surrogatepass")).hexdigest()
        if key not in _known:
            empty = empty or alone()
            if len(_known) >= _KEPT:
                _known.clear()
            _known[key] = alone(block) - empty
        yield _known[key]
