"""What HTML says of its letters: style attributes, the rules of classes, and the names that Word gives its classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lxml import etree

Declarations = Mapping[str, str]

_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,4000})\}")
_CLASS = re.compile(r"\.([\w-]{1,80})\s*$")
_COMMENT = re.compile(r"/\*.{0,2000}?\*/", re.DOTALL)
_SIZE = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)(pt|px)")
_BOLD = frozenset({"bold", "bolder", "600", "700", "800", "900"})
_PLAIN = frozenset({"normal", "lighter", "100", "200", "300", "400", "500"})
_MOST_RULES = 3000


@dataclass(frozen=True)
class TextMarks:
    """What letters stand under."""

    strong: bool = False
    em: bool = False
    href: str = ""
    size: float = 0
    hidden: bool = False


class SheetRules:
    """The rules of a page's own style sheets, by class alone."""

    def __init__(self, root: etree._Element) -> None:
        self._rules: dict[str, dict[str, str]] = {}
        for sheet in root.iter("style"):
            text = _COMMENT.sub("", sheet.text or "")
            for count, match in enumerate(_RULE.finditer(text)):
                if count >= _MOST_RULES:
                    break
                said = declarations(match[2])
                for selector in match[1].split(","):
                    if found := _CLASS.search(selector.strip()):
                        self._rules.setdefault(found[1], {}).update(said)

    def of(self, element: etree._Element) -> Declarations:
        """What its classes and its style attribute declare."""
        said: dict[str, str] = {}
        for name in (element.get("class") or "").split():
            said |= self._rules.get(name, {})
        return said | declarations(element.get("style") or "")

    def style_name(self, element: etree._Element) -> str:
        """The name of its style: Word's, or its classes."""
        classes = (element.get("class") or "").split()[:4]
        return " ".join(self._rules.get(name, {}).get("mso-style-name", name).strip("\"'") for name in classes)


def declarations(text: str) -> dict[str, str]:
    """Property → value, both in small letters but for a style's name."""
    said: dict[str, str] = {}
    for each in text[:8000].split(";"):
        name, colon, value = each.partition(":")
        if colon:
            key = name.strip().lower()
            said[key] = value.strip() if key == "mso-style-name" else value.replace("!important", "").strip().lower()
    return said


def marks_under(marks: TextMarks, element: etree._Element, said: Declarations) -> TextMarks:
    """``marks`` for what stands in ``element``."""
    tag = element.tag
    strong, em, hidden = marks.strong, marks.em, marks.hidden
    if tag in ("b", "strong"):
        strong = True
    elif tag in ("i", "em", "cite", "dfn", "var"):
        em = True
    weight, slant = said.get("font-weight", ""), said.get("font-style", "")
    strong = True if weight in _BOLD else False if weight in _PLAIN else strong
    em = True if slant in ("italic", "oblique") else False if slant == "normal" else em
    if said.get("display") == "none" or said.get("visibility") == "hidden" or said.get("mso-hide") == "all":
        hidden = True
    if element.get("hidden") is not None or ("hidden" in (element.get("class") or "").split() and tag == "span"):
        hidden = True
    size = marks.size
    if found := _SIZE.fullmatch(said.get("font-size", "")):
        size = float(found[1]) * (0.75 if found[2] == "px" else 1)
    href = (element.get("href") or "").strip() if tag == "a" and element.get("href") else marks.href
    return replace(marks, strong=strong, em=em, hidden=hidden, size=size, href=href)
