"""How many words of its own an edition has: a letter of advertisements and legal notices is not sent."""

from __future__ import annotations

from composer.issue.edition import Edition
from composer.issue.reading import texts


def editorial_words(edition: Edition) -> int:
    """Words of the blocks that the newsroom writes: not those that say of themselves that they are not editorial."""
    return sum(len(text.split()) for block in edition.blocks if block.editorial for text in texts(block))
