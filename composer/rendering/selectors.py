"""Selectors of style sheets with plain rules: tags and classes, with descendant combinators."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

#: A style sheet that selects by tags, classes and descendants only.
_PLAIN = re.compile(r"(?:[\w\s.,-]+\{[^{}]*\})*\s*")
_NAME = re.compile(r"\.?[\w-]+")


def names_in(selector: str) -> list[str]:
    """The elements and the ``.classes`` of a plain selector."""
    return _NAME.findall(selector)


@lru_cache(maxsize=16)  # one style sheet a theme
def names_of(css: str) -> frozenset[str] | None:
    """The elements and the ``.classes`` that ``css`` selects by; None where it uses other selectors."""
    if not _PLAIN.fullmatch(css):
        return None
    selectors = (rule.partition("{")[0] for rule in css.split("}"))
    return frozenset(name for selector in selectors for name in names_in(selector))


def named(element: etree._Element) -> list[str]:
    """The names by which a plain rule may select ``element``."""
    return [element.tag, *(f".{name}" for name in element.get("class", "").split())]
