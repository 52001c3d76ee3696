"""Spans → HTML. Everything is escaped here; a template never escapes a sentence itself."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import replace

from markupsafe import Markup, escape

from composer.issue.inline import Break, Code, Emphasis, Link, Span, Spans, Strong, Text, plain
from composer.rendering.link_text import unseen

#: Characters that neither XML nor mail clients can show; YAML refuses most of them already.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

#: A text without any of these stays as it is: what cannot be shown, and line ends.
_ODD = re.compile("[\n\r" + _UNPRINTABLE.pattern[1:])

# mrml drops white space that holds a newline between two tags, and glues the words.
_NEWLINE = re.compile(r"(?<![ \t\r])[ \t\r]*\n[ \t\r\n]*|\r")

#: A name with hyphens, Notre-Dame: in a title it is not broken at one of them.
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ]\w{0,11}(?:-\w{1,12}){0,2}-[A-ZÀ-ÖØ-Þ]\w{0,11}\b")

_TAG = re.compile(r"(<[^<>]*>)")

#: A longer name may be wider than a telephone in the largest type.
_NAME_MOST = 16

#: Letters of the longest last word that does not stand on a line of its own under a title or a caption.
_WIDOW = 7

_SCHEMES = ("https://", "http://", "mailto:", "tel:")


def clean(text: str) -> str:
    """``text`` on one line, without control characters. No-break spaces, joiners and emoji stay."""
    if not _ODD.search(text):
        return text
    return _NEWLINE.sub(" ", _UNPRINTABLE.sub("", text))


def html(spans: tuple[Span, ...], anchors: Set[str] = frozenset(), *, links: bool = True, headline: str = "") -> Markup:
    """The sentence as HTML with the text ``plain(spans)``; without ``links`` where it is inside a link already.

    A link that does not say where it leads (« cliquez ici ») is followed by ``headline``, hidden.

    A link is written if it is http(s), mailto, tel, or ``#id`` with ``id`` among ``anchors``, the blocks that this
    edition holds. Of any other, only the words.
    """
    return Markup(_html(spans, anchors, links, headline))  # noqa: S704 # reason: each word is escaped below


def _html(spans: tuple[Span, ...], anchors: Set[str], links: bool, headline: str) -> str:
    return "".join([_span(span, anchors, links, headline) for span in spans])


def _span(span: Span, anchors: Set[str], links: bool, headline: str) -> str:
    match span:
        case Text(text):
            return escape(clean(text))
        case Break():
            return "<br/>"
        case Code(text):
            return f"<code>{escape(clean(text))}</code>"
        case Strong(children):
            return f"<strong>{_html(children, anchors, links, headline)}</strong>"
        case Emphasis(children):
            return f"<em>{_html(children, anchors, links, headline)}</em>"
        case Link(url, children):
            words = _html(children, anchors, False, headline)
            if links and leads_somewhere(url, anchors) and (said := plain(children)).strip():
                return f'<a href="{escape(clean(url))}">{words}{unseen(said, clean(headline))}</a>'
            return words


def leads_somewhere(url: str, anchors: Set[str]) -> bool:
    return url.lower().startswith(_SCHEMES) or (url.startswith("#") and url[1:] in anchors)


def title(words: Spans | str, anchors: Set[str] = frozenset(), *, links: bool = True) -> Markup:
    """``words`` as the HTML of a title, standfirst or caption: no short word ends it alone, no name is broken.

    The browser balances titles where it can; a no-break space before a last word works everywhere.
    """
    sentence = (Text(words),) if isinstance(words, str) else words
    if len(plain(sentence).split()) > 3:
        sentence = _held(sentence)
    parts = _TAG.split(_html(sentence, anchors, links, ""))
    made = "".join(part if at % 2 else _NAME.sub(_unbroken, part) for at, part in enumerate(parts))
    return Markup(made)  # noqa: S704 # reason: ``_html`` escaped each word


def name(words: str) -> Markup:
    """A person's name as HTML, not broken at one of its hyphens."""
    return Markup(_NAME.sub(_unbroken, escape(clean(words))))  # noqa: S704 # reason: escaped, and a tag of our own


def _unbroken(name: re.Match[str]) -> str:
    return f'<span style="white-space:nowrap">{name[0]}</span>' if len(name[0]) <= _NAME_MOST else name[0]


def _held(sentence: Spans) -> Spans:
    """``sentence`` with a no-break space before its last word where that is short."""
    *before, last = sentence
    if isinstance(last, Text):
        start, space, end = last.text.rstrip().rpartition(" ")
        if start and space and len(end) <= _WIDOW:
            return (*before, Text(f"{start}\u00a0{end}"))
    elif isinstance(last, (Strong, Emphasis, Link)):
        return (*before, replace(last, children=_held(last.children)) if last.children else last)
    return sentence


def paragraphs(sentence: Spans) -> list[Spans]:
    """``sentence`` in the paragraphs that two breaks make; none of an empty one."""
    found: list[list[Span]] = [[]]
    breaks = 0
    for span in sentence:
        breaks = breaks + 1 if isinstance(span, Break) else 0
        if breaks == 2:
            found[-1].pop()
            found.append([])
        else:
            found[-1].append(span)
    return [tuple(each) for each in found if each] if len(found) > 1 or not sentence else [sentence]
