"""Set the direction of what is written from right to left: Hebrew, Arabic, Persian among the rest of a letter.

Mail clients do not look at the words: without ``dir`` such a paragraph stands at the left, its full stop in front.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from lxml import etree

#: Letters written from right to left, all scripts.
_RIGHTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")

_BLOCKS = frozenset(["p", "li", "h1", "h2", "h3", "h4", "blockquote", "caption", "td", "th", "div"])


def holds_any(html: str) -> bool:
    """True if a letter written from right to left is anywhere in ``html``."""
    return _RIGHTWARD.search(html) is not None


def turn(page: etree._Element) -> None:
    """Set ``dir="rtl"`` on the blocks of ``page`` that begin with a right-to-left letter (UAX #9, rule P2)."""
    for block in page.iter(*_BLOCKS):
        strong = (unicodedata.bidirectional(letter) for words in _own_words(block) for letter in words)
        if next((each for each in strong if each in ("L", "R", "AL")), "L") != "L":
            block.set("dir", "rtl")
            style, around = [block.get("style", "").rstrip(";"), "text-align:right"], block.getparent()
            if block.tag == "li":  # its mark hangs at the right
                style[0] = style[0].replace("padding-left", "padding-right")
            if around is not None and around.tag == "blockquote":
                style.append("padding-right:24px")
            if block.tag == "li" and around is not None and "bare" not in around.get("class", "").split():
                style.append("margin-right:20px")  # where its bullet stands
            block.set("style", ";".join(filter(None, style)))


def _own_words(block: etree._Element) -> Iterator[str]:
    """The words of ``block`` without those of the blocks in it."""
    yield block.text or ""
    for child in block:
        if isinstance(child.tag, str) and child.tag not in _BLOCKS and child.tag not in ("table", "ul", "ol", "style"):
            yield from _own_words(child)
        yield child.tail or ""
