"""Marks around the sentences of a letter that is shown in the studio. They weigh nothing.

A mark is made of characters that no text holds, that stand for no letter and have no direction (unassigned, default
ignorable: Unicode 15.0, DerivedCoreProperties.txt, U+E0080 to U+E00FF). They go through MJML and premailer as part of
the text, and become ``<span>`` only in the finished page: taken out, it is the letter that is sent, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from markupsafe import Markup

_START, _OPENED, _END = "\U000e0080", "\U000e0081", "\U000e0082"
_DIGIT = 0xE0090
_DIGITS = str.maketrans({chr(_DIGIT + digit): str(digit) for digit in range(10)})
_MARK = re.compile(f"{_START}([{chr(_DIGIT)}-{chr(_DIGIT + 9)}]{{1,6}}){_OPENED}|{_END}")
_ANY = re.compile("[\U000e0080-\U000e00ff]")


def between_marks(html: Markup, number: int) -> Markup:
    """``html``, one sentence, between the marks of sentence ``number``; as it is where it holds such a character."""
    if _ANY.search(html) is not None:
        return html
    digits = "".join(chr(_DIGIT + int(digit)) for digit in str(number))
    return Markup(f"{_START}{digits}{_OPENED}{html}{_END}")  # noqa: S704 # reason: marks around what is HTML already


def without_marks(text: str) -> str:
    """``text`` without its marks."""
    return _MARK.sub("", text) if _START in text or _END in text else text


def with_spans(html: str, places: Sequence[dict[str, str]]) -> str:
    """The finished page with a ``<span>`` around each marked sentence; ``places[n]``: the attributes of sentence n."""

    def tag(match: re.Match[str]) -> str:
        if match[1] is None:
            return "</span>"
        attributes = places[int(match[1].translate(_DIGITS))].items()
        return "<span{}>".format("".join(f' {name}="{escape(value)}"' for name, value in attributes))

    return _MARK.sub(tag, html)
