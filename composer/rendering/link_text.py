"""Detect link texts that do not say where they lead (« cliquez ici »), and complete them for screen readers.

A screen reader lists the links of a letter out of their sentences: "here, here, here" (WCAG 2.2, 2.4.4 and 2.4.9).
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from composer.issue.inline import plain

#: Uninformative link texts, without capitals and marks; French and English.
VAGUE = frozenset(
    {
        "ici",
        "cliquer ici",
        "cliquez ici",
        "lire la suite",
        "en savoir plus",
        "here",
        "click here",
        "read more",
        "learn more",
    }
)

# Hidden, yet read aloud: one pixel, which every client keeps. Absolute positions are dropped by Gmail and
# Outlook; ``display: none`` is not read aloud.
_UNSEEN = (
    "display:inline-block;width:1px;height:1px;max-height:1px;overflow:hidden;opacity:0;"
    "font-size:1px;line-height:1px;white-space:nowrap;mso-hide:all"
)

#: Attributes that say what an object is about, best first.
_NAMED = ("headline", "title", "show", "alt")


def vague(words: str) -> bool:
    """True if these words, as a link text, do not say where the link leads."""
    return " ".join(words.split()).strip(" .…:!?«<>»›→").casefold() in VAGUE


def about(*things: object) -> str:
    """The headline of the first of ``things`` that has one, else ""."""
    for thing in things:
        for name in _NAMED:
            headline: Any = getattr(thing, name, None)
            if headline and not callable(headline):
                return plain(headline) if isinstance(headline, tuple) else str(headline)
    return ""


def unseen(words: str, headline: str, *, always: bool = False) -> Markup:
    """Hidden text to follow a link's ``words``: ``headline`` if it is given and the words are vague, or ``always``."""
    if not headline or not (always or vague(words)):
        return Markup()
    return Markup('<span style="{}"> : {}</span>').format(_UNSEEN, headline)
