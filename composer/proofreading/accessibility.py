"""Automatic accessibility checks of a letter, for blind and low-vision readers.

They are those of the Email Markup Consortium's yearly report, with WCAG 2.2's sizes (1.4.3, 2.5.5) besides. Each reads
the finished HTML without style sheets; tests check that dark mode and small screens keep it so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.colour import CONTRAST, contrast
from composer.proofreading.computed_style import colours, is_button, is_seen, lengths, size, styled_texts, underlined
from composer.proofreading.locate import whereabouts
from composer.rendering.link_text import vague
from composer.source.finding import Finding, Severity

#: Least size of text, and least height of a button, in pixels.
SMALLEST = 14
TARGET = 44

_ADDRESS = re.compile(
    r"(?:https?://|(?=www\.))(?P<host>[\w.-]{1,200})(?:[:/?#]\S{0,2000})?|(?:mailto:)?(?P<mail>[^\s@:/]{1,64}@[\w.-]{1,200})",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_INLINE = frozenset({"a", "span", "strong", "em", "code", "b", "i"})
_PRESENTATION = ("presentation", "none")


@dataclass(frozen=True)
class Defect:
    """``words``: the words of the letter that it is about, by which it is located in the issue."""

    code: str
    message: str
    words: str | None = None


def findings(letters: Iterable[etree._Element], issue: Issue) -> Iterator[Finding]:
    """A warning for each defect of ``letters``, located in the issue by its words, else at its beginning."""
    for defect in (each for letter in letters for each in defects(letter)):
        loc, line, column = whereabouts(issue, defect.words) if defect.words else ((), 0, 0)
        severity = Severity.WARNING
        yield issue.source.finding(defect.code, defect.message, loc, line=line, column=column, severity=severity)


def defects(document: etree._Element) -> Iterator[Defect]:
    """All defects found in a letter, in the order of the checks."""
    for check in _CHECKS:
        yield from check(document)


def _language(document: etree._Element) -> Iterator[Defect]:
    body = document.find("body")
    first = next((each for each in body if isinstance(each.tag, str)), None) if body is not None else None
    for name, element in (("<html>", document), (_("the first element of <body>"), first)):
        for attribute in ("lang", "dir"):
            if element is None or not element.get(attribute):
                message = _("{element} has no {attribute}: a screen reader reads it in the reader's own language")
                yield Defect("no-language", message.format(element=name, attribute=attribute))


def _title(document: etree._Element) -> Iterator[Defect]:
    if not (document.findtext("head/title") or "").strip():
        yield Defect("no-title", _("the letter has no <title>: a screen reader has nothing to announce"))


def _tables(document: etree._Element) -> Iterator[Defect]:
    for table in document.iter("table"):
        if table.get("role") not in _PRESENTATION and table.find(".//th") is None:
            message = _('a <table> without role="presentation": a screen reader counts its rows and columns aloud')
            yield Defect("table-role", message, _excerpt(_text(table)))
            return


def _images(document: etree._Element) -> Iterator[Defect]:
    for image in document.iter("img"):
        if image.get("alt") is None:
            message = _("the picture {name} has no alt: a screen reader reads the name of its file")
            yield Defect("no-alt", message.format(name=_file(image)))


def _links(document: etree._Element) -> Iterator[Defect]:
    for link in document.iter("a"):
        if not link.get("href"):
            continue
        words = _text(link)
        if not words and link.find(".//img") is not None:
            message = _("the picture {name} is a link and has no alt: nobody hears where it leads")
            yield Defect("empty-link", message.format(name=_file(link.find(".//img"))))
        elif not words:
            yield Defect("empty-link", _("the link to {url} has no words").format(url=link.get("href")))
        elif vague(words) or not any(map(str.isalnum, words)):
            message = _("the link “{words}” does not say where it leads; put the link on the words that do")
            yield Defect("vague-link", message.format(words=words), words)
        elif (said := _host(words)) and (meant := _host(str(link.get("href")))) and not _is_of(said, meant):
            message = _("the link says {words} and leads to {url}: readers take it for a trap, and so do filters")
            yield Defect("misleading-link", message.format(words=words, url=link.get("href")), words)


def _host(words: str) -> str:
    """The host or the email address that ``words`` name as a whole, without www.; empty where they are words."""
    match = _ADDRESS.fullmatch(words.strip())
    return (match["mail"] or match["host"]).casefold().removeprefix("www.") if match else ""


def _is_of(one: str, other: str) -> bool:
    """True if one of two hosts is the other, or a part of it."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _headings(document: etree._Element) -> Iterator[Defect]:
    headings = [each for each in document.iter(*_HEADINGS) if is_seen(each)]
    titles = [each for each in headings if each.tag == "h1"]
    if len(titles) != 1:
        yield Defect("one-h1", _("the letter has {count} <h1>: one is expected, its title").format(count=len(titles)))
    for before, after in pairwise(headings):
        if int(str(after.tag)[1]) > int(str(before.tag)[1]) + 1:
            words = _text(after)
            message = _("“{words}” is an <{tag}> under an <{above}>: a level is skipped")
            message = message.format(words=_excerpt(words), tag=after.tag, above=before.tag)
            yield Defect("skipped-heading", message, words)


def _sizes(document: etree._Element) -> Iterator[Defect]:
    for element, words in styled_texts(document):
        pixels = size(element)
        if pixels < SMALLEST:
            message = _("“{words}” is set in {size} pixels: {least} is the least that reads on a telephone")
            message = message.format(words=_excerpt(words), size=f"{pixels:g}", least=SMALLEST)
            yield Defect("small-text", message, words)


def _contrasts(document: etree._Element) -> Iterator[Defect]:
    """Contrast of texts in light mode; dark mode's colours are the theme's, checked when it is loaded."""
    seen: set[tuple[str, str]] = set()
    for element, words in styled_texts(document):
        pair = colours(element)
        if pair is None or pair in seen:
            continue
        seen.add(pair)
        ratio = contrast(*pair)
        if ratio < CONTRAST:
            message = _("“{words}”: {text} on {ground} has a contrast of {ratio}, and {least} is the least")
            message = message.format(
                words=_excerpt(words), text=pair[0], ground=pair[1], ratio=f"{ratio:.1f}", least=CONTRAST
            )
            yield Defect("low-contrast", message, words)


def _underlines(document: etree._Element) -> Iterator[Defect]:
    for link in document.iter("a"):
        words = _text(link)
        if link.get("href") and words and not is_button(link) and not underlined(link) and not _stands_alone(link):
            message = _("the link “{words}” is not underlined: its colour alone tells that it is one")
            yield Defect("no-underline", message.format(words=_excerpt(words)), words)


def _stands_alone(link: etree._Element) -> bool:
    """True for a link among no text: a headline, a line of a list. Its place says what it is (WCAG 2.2, 1.4.1)."""
    block = next(each for each in link.iterancestors() if each.tag not in _INLINE)
    return not any(letter.isalnum() for letter in _around(block))


def _around(element: etree._Element) -> str:
    """The words in ``element`` that are in no link and no label."""
    if element.tag == "a" or "label" in str(element.get("class", "")).split():
        return ""
    inner = "".join(_around(each) + (each.tail or "") for each in element if isinstance(each.tag, str))
    return (element.text or "") + inner


def _targets(document: etree._Element) -> Iterator[Defect]:
    for link in document.iter("a"):
        if is_button(link):
            height = sum(lengths(link, "line-height", "padding-top", "padding-bottom"))
            if height < TARGET:
                message = _("the button “{words}” is {height} pixels high: a finger needs {least}")
                message = message.format(words=_excerpt(_text(link)), height=f"{height:g}", least=TARGET)
                yield Defect("small-target", message, _text(link))


_CHECKS: tuple[Callable[[etree._Element], Iterator[Defect]], ...] = (
    _language,
    _title,
    _tables,
    _images,
    _links,
    _headings,
    _sizes,
    _contrasts,
    _underlines,
    _targets,
)


def _text(element: etree._Element) -> str:
    """What a screen reader reads of it: its words and the alternative texts of its pictures."""
    parts = [element.text or ""]
    for each in element:
        if isinstance(each.tag, str):
            parts.append(str(each.get("alt", "")) if each.tag == "img" else _text(each))
        parts.append(each.tail or "")
    return " ".join("".join(parts).split())


def _excerpt(words: str) -> str:
    return words if len(words) <= 60 else words[:59] + "…"


def _file(image: etree._Element | None) -> str:
    return str(image.get("src", "") if image is not None else "").rpartition("/")[2]
