"""What a sheet of plain rules may call an element: its tag, its classes, and what it stands in."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

#: A sheet that knows elements by their names, their classes, and what they stand in.
_PLAIN = re.compile(r"(?:[\w\s.,-]+\{[^{}]*\})*\s*")
_SELECTORS = re.compile(r"([^{}]+)\{[^{}]*\}")
_NAME = re.compile(r"\.?[\w-]+")


def names_in(selector: str) -> list[str]:
    """The elements and the ``.classes`` of a plain selector."""
    return _NAME.findall(selector)


@lru_cache(maxsize=16)  # a sheet a theme
def names_of(css: str) -> frozenset[str] | None:
    """The elements and the ``.classes`` that the rules of ``css`` are for; None where they ask for more than that."""
    if not _PLAIN.fullmatch(css):
        return None
    return frozenset(name for selectors in _SELECTORS.findall(css) for name in names_in(selectors))


def named(element: etree._Element) -> list[str]:
    """What a plain rule may call ``element``."""
    return [element.tag, *(f".{name}" for name in element.get("class", "").split())]
