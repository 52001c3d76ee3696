"""The letters of an element of XML or HTML."""

from __future__ import annotations

from lxml import etree


def letters_in(element: etree._Element) -> str:
    """Every letter in ``element``, in order."""
    return "".join(map(str, element.itertext()))
