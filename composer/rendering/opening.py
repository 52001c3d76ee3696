"""What the top of a letter says, each thing once."""

from __future__ import annotations

import re
import unicodedata

from composer.issue.edition import Edition
from composer.issue.inline import plain
from composer.issue.resolved import LeadBlock, Reference

#: Templates of blocks without a heading: a title in the block after them is still the letter's first.
_UNHEADED = frozenset({"notice", "figure", "quote", "number"})

#: Words from which on a headline that begins a subject is the same title; fewer are often a mere label.
_ENOUGH = 3


def lead_of(edition: Edition) -> LeadBlock | None:
    """The block set larger than the others: the first that may lead."""
    return next((block for block in edition.blocks if isinstance(block, LeadBlock)), None)


def titled_once(edition: Edition) -> bool:
    """True if the first headline says what the subject says: it is then the letter's title, and printed once."""
    first = next((block for block in edition.blocks if block.template not in _UNHEADED), None)
    return isinstance(first, LeadBlock) and _same(edition.subject, plain(first.headline))


def left_to_name(edition: Edition, items: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """``items`` of the summary, without the one that repeats the title where that is printed once."""
    if not titled_once(edition):
        return items
    said = _words(edition.subject)
    return tuple(each for each in items if _words(plain(each.spans)) != said)


def _same(subject: str, headline: str) -> bool:
    said, titled = _words(subject), _words(headline)
    return said == titled or (len(titled) >= max(_ENOUGH, len(said) / 2) and said[: len(titled)] == titled)


def _words(text: str) -> list[str]:
    """The words of ``text`` without accents, capitals and marks."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.findall(r"\w+", bare.casefold())
