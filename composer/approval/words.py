"""How many words of its own an edition has: a letter of advertisements and legal notices is not sent."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from composer.issue.blocks.replay import ResolvedReplay
from composer.issue.edition import Edition
from composer.issue.inline import Break, Code, Emphasis, Link, Strong, Text, plain

_SPANS = (Text, Code, Strong, Emphasis, Link, Break)


def editorial_words(edition: Edition) -> int:
    """Words of the blocks that the newsroom writes: not its advertisements, links, notices and masthead."""
    return sum(_count(block) for block in edition.blocks if block.editorial)


def _count(value: Any) -> int:
    if isinstance(value, ResolvedReplay):
        return len(value.show.split()) + _count(value.chapters)
    if isinstance(value, _SPANS):
        return len(plain((value,)).split())
    if isinstance(value, tuple):
        return sum(_count(item) for item in value)
    if is_dataclass(value):
        return sum(_count(getattr(value, field.name)) for field in fields(value))
    return 0
