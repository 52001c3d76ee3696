"""The letter as a client that forces dark mode shows it: an emulation, for no browser has such a client's rules.

Gmail's apps and Outlook's do not ask for the letter's own rules for the dark: they change its colours. None of them
says how. Here every colour of the day is changed as ``colour.inverted`` does, by which the palette is chosen too:
lightness mirrored about 50, a fifth less chroma. Pictures stay. Gmail's app for iPhone changes all colours so;
Outlook's apps and Gmail's for Android leave a dark ground as it is.
"""

from __future__ import annotations

import re

from composer.newsroom.colour import inverted

_STYLED = re.compile(r"""\b(?:style|bgcolor)=(?:"[^"]*"|'[^']*')""")
_SHEET = re.compile(r"<style[^>]*>[^<]*")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9a-zA-Z_-])")
#: The ground of a client's own page, around the letter's.
_AROUND = "<style>html{background-color:#1f1f1f;color:#e8e8e8}</style></head>"


def with_forced_dark(html: str) -> str:
    """``html``, in which the rules for the dark are off, with the colours of its styles changed."""
    html = _SHEET.sub(_changed, _STYLED.sub(_changed, html))
    return html.replace("</head>", _AROUND, 1)


def _changed(styled: re.Match[str]) -> str:
    return _COLOUR.sub(lambda found: inverted(_long(found[0])), styled[0])


def _long(colour: str) -> str:
    """``colour`` with six digits, in small letters."""
    digits = colour[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))
