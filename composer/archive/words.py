"""A letter's markup as plain elements, for feeds; and as words, for the search."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from html import escape, unescape

from lxml import etree

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_INLINE = ("a", "abbr", "b", "br", "code", "em", "i", "img", "picture", "source", "span", "strong", "sub", "sup", "u")
_KEPT = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "code": "code", "sub": "sub", "sup": "sup"}
_BLANKS = re.compile(r"\s+")
_TAG = re.compile(r"<[^>]+>")

#: Replaces the addresses of published pictures.
Media = Callable[[str], str]


class _Ended(Exception):
    """The foot of the letter has begun."""


class _Plain:
    """Walks a letter, and keeps what its elements mean."""

    def __init__(self, until: etree._Element | None, media: Media) -> None:
        self.blocks: list[str] = []
        self._foot = set() if until is None else {until, *until.iterancestors("p", "li")}
        self._media = media

    def walk(self, element: etree._Element) -> None:
        """The blocks in ``element``; words between them are paragraphs."""
        run = escape(element.text or "", quote=False)
        for child in element:
            if child in self._foot:
                self._paragraph(run)
                raise _Ended
            if child.tag in _INLINE:
                run += self._inline(child)
            else:
                self._paragraph(run)
                run = ""
                self._block(child)
            run += escape(child.tail or "", quote=False)
        self._paragraph(run)

    def _block(self, element: etree._Element) -> None:
        classes = (element.get("class") or "").split()
        if element.tag in ("h1", "style", "script", "head") or "nameplate" in classes:
            return
        if element.tag in _HEADINGS:
            self._put(element.tag, self._inside(element))
        elif element.tag == "p":
            self._put("p", self._inside(element))
        elif element.tag in ("ul", "ol"):
            items = "".join(f"<li>{self._inside(item).strip()}</li>" for item in element.iterchildren("li"))
            self._put(element.tag, items)
        elif element.tag == "blockquote":
            outer, self.blocks = self.blocks, []
            self.walk(element)
            outer.append(f"<blockquote>{''.join(self.blocks)}</blockquote>")
            self.blocks = outer
        elif element.tag == "table" and element.get("role") not in ("presentation", "none"):
            rows = "".join(
                "<tr>" + "".join(f"<td>{self._inside(cell).strip()}</td>" for cell in row) + "</tr>"
                for row in element.iter("tr")
            )
            self._put("table", rows)
        else:
            self.walk(element)

    def _inside(self, element: etree._Element) -> str:
        run = escape(element.text or "", quote=False)
        for child in element:
            if child.tag in _INLINE:
                run += self._inline(child)
            else:
                run += f" {self._inside(child)} "
            run += escape(child.tail or "", quote=False)
        return run

    def _inline(self, element: etree._Element) -> str:
        tag = str(element.tag)
        if tag == "br":
            return "<br>"
        if tag == "source" or "mark" in (element.get("class") or "").split():
            return " "
        if tag == "img":
            source, alt = self._media(element.get("src") or ""), element.get("alt") or ""
            return f'<img src="{escape(source)}" alt="{escape(alt)}">' if source.startswith("http") else escape(alt)
        inner = self._inside(element)
        if tag == "a":
            address = self._media(element.get("href") or "")
            return f'<a href="{escape(address)}">{inner}</a>' if re.match(r"(https?|mailto|tel):", address) else inner
        return f"<{_KEPT[tag]}>{inner}</{_KEPT[tag]}>" if tag in _KEPT else inner

    def _paragraph(self, run: str) -> None:
        self._put("p", run)

    def _put(self, tag: str, inner: str) -> None:
        inner = _BLANKS.sub(lambda blank: blank[0] if blank[0] in "\u00a0\u202f" else " ", inner).strip(" ")
        if _TAG.sub("", inner).strip() or "<img" in inner:
            self.blocks.append(f"<{tag}>{inner}</{tag}>")


def semantic(body: etree._Element, until: etree._Element | None, media: Media) -> str:
    """The blocks of a letter one a line, up to the paragraph that holds ``until``: paragraphs, titles, lists, tables.

    ``media`` gives the address of a picture.
    """
    plain = _Plain(until, media)
    with suppress(_Ended):
        plain.walk(body)
    return "\n".join(plain.blocks)


def plain_words(content: str) -> str:
    """What ``semantic`` made, in words alone."""
    return _BLANKS.sub(" ", unescape(_TAG.sub(" ", content))).strip()


def opening_of(content: str, least: int = 400) -> str:
    """The first blocks of what ``semantic`` made that hold ``least`` characters together."""
    kept: list[str] = []
    count = 0
    for block in content.split("\n"):
        kept.append(block)
        count += len(plain_words(block))
        if count >= least:
            break
    return "\n".join(kept)
