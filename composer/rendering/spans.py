"""Spans → HTML. Everything is escaped here; a template never escapes a sentence itself."""

from __future__ import annotations

import re
from collections.abc import Set

from markupsafe import Markup, escape

from composer.issue.inline import Break, Code, Emphasis, Link, Span, Strong, Text, plain
from composer.rendering.link_text import unseen

#: Characters that neither XML nor mail clients can show; YAML refuses most of them already.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

# mrml drops white space that holds a newline between two tags, and glues the words.
_NEWLINE = re.compile(r"[ \t\r]*\n[ \t\r\n]*|\r")

_SCHEMES = ("https://", "http://", "mailto:", "tel:")


def clean(text: str) -> str:
    """``text`` on one line, without control characters. No-break spaces, joiners and emoji stay."""
    if text.isprintable():  # keeps no-break spaces and joiners
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
