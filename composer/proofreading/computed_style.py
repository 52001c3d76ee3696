"""The computed style of an element of a letter, from its style attributes and those of the elements around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from lxml import etree

_DECLARATION = re.compile(r"(?<![\w-])([\w-]+)\s*:\s*((?:[^;'\"]|'[^']*'|\"[^\"]*\")+)")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(px|em|rem|%|pt)?")
_FONT = re.compile(r"(?<![\w.])([\d.]+(?:px|em|rem|%|pt))(?:\s*/\s*([\d.]+[a-z%]*))?")
_HEADINGS = {"h1": 32.0, "h2": 24.0, "h3": 18.72, "h4": 16.0, "h5": 13.28, "h6": 10.72}
_ROOT = 16.0
_HEX = re.compile("#[0-9a-f]{6}")

#: Characters that fill a line without being read.
_BLANK = "\u00a0\u200c\u200d\u034f\u2060\ufeff"


@lru_cache(maxsize=4096)
def _declarations(style: str) -> Mapping[str, str]:
    """The last declaration of each property, with the shorthands of padding and font expanded."""
    found: dict[str, str] = {}
    for name, value in _DECLARATION.findall(style):
        name, value = name.lower(), value.replace("!important", "").strip().lower()
        if name == "padding":
            sides = value.split()
            found |= {"padding-top": sides[0], "padding-bottom": sides[2] if len(sides) > 2 else sides[0]}
        elif name == "font" and (sizes := _FONT.search(value)):
            found |= {"font-size": sizes[1], "line-height": sizes[2] or "normal"}
        else:
            found[name] = value
    return found


def style(element: etree._Element) -> Mapping[str, str]:
    return _declarations(str(element.get("style", "")))


def is_seen(element: etree._Element) -> bool:
    return not any(_hidden(each) for each in (element, *element.iterancestors()))


def _hidden(element: etree._Element) -> bool:
    """True if it is not displayed at all, or reduced to a pixel for screen readers only."""
    own = style(element)
    if own.get("display") == "none" or own.get("visibility") == "hidden" or element.get("hidden") is not None:
        return True
    return own.get("overflow") == "hidden" and own.get("max-height", own.get("height", "")) in ("0", "0px", "1px")


def styled_texts(document: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Every visible text, with the element that sets its style."""
    body = document.find("body")
    yield from _texts(document if body is None else body)


def _texts(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    if _hidden(element) or element.tag == "style":
        return
    if words := (element.text or "").strip().strip(_BLANK).strip():
        yield element, words
    for child in element:
        if isinstance(child.tag, str):
            yield from _texts(child)
        if words := (child.tail or "").strip().strip(_BLANK).strip():
            yield element, words


def size(element: etree._Element) -> float:
    """The size of the element's text, in pixels."""
    parent = element.getparent()
    around = _ROOT if parent is None else 0.0
    declared = _LENGTH.fullmatch(style(element).get("font-size", ""))
    if declared is None:
        if str(element.tag) in _HEADINGS:
            return _HEADINGS[str(element.tag)]
        return around if parent is None else size(parent)
    number, unit = float(declared[1]), declared[2]
    if unit in ("em", "%"):
        return number * (around if parent is None else size(parent)) / (100 if unit == "%" else 1)
    return number * {"rem": _ROOT, "pt": 4 / 3}.get(unit or "px", 1.0)


def lengths(element: etree._Element, *properties: str) -> Iterator[float]:
    """The given properties of the element itself, in pixels; 0 where not set. Line heights may be factors."""
    for name in properties:
        declared = _LENGTH.match(style(element).get(name, ""))
        if declared is None:
            yield size(element) * 1.2 if name == "line-height" else 0.0
        elif declared[2] == "px" or not float(declared[1]):
            yield float(declared[1])
        else:
            yield float(declared[1]) * size(element) / (100 if declared[2] == "%" else 1)


def colours(element: etree._Element) -> tuple[str, str] | None:
    """The colours of the element's text and background, as ``#rrggbb``; None where one is in another form."""
    chain = [element, *element.iterancestors()]
    text = next((style(each)["color"] for each in chain if "color" in style(each)), "#000000")
    ground = next((found for each in chain if (found := _ground(each))), "#ffffff")
    text, ground = (re.sub(r"^#(.)(.)(.)$", r"#\1\1\2\2\3\3", colour) for colour in (text, ground))
    return (text, ground) if _HEX.fullmatch(text) and _HEX.fullmatch(ground) else None


def _ground(element: etree._Element) -> str | None:
    own = style(element)
    found = own.get("background-color") or own.get("background", "").split(" ")[0] or str(element.get("bgcolor", ""))
    return None if found in ("", "transparent", "none") else found.lower()


def is_button(link: etree._Element) -> bool:
    """True for a link laid out as a box with its own background."""
    own = style(link)
    grounded = any(name.startswith("background") and "transparent" not in value for name, value in own.items())
    return grounded and own.get("display") in ("inline-block", "block")


def underlined(link: etree._Element) -> bool:
    """True unless its style removes the underline."""
    own = style(link)
    return "none" not in own.get("text-decoration", own.get("text-decoration-line", "underline"))
