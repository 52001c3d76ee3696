"""Count an edition's editorial words: one that holds only advertisements and legal notices is not sent."""

from __future__ import annotations

from composer.issue.edition import Edition
from composer.issue.reading import printed_texts


def editorial_words(edition: Edition) -> int:
    """Number of words in the blocks with ``editorial`` set."""
    return sum(len(text.split()) for block in edition.blocks if block.editorial for text in printed_texts(block))
