"""Link texts that do not say where they lead (« cliquez ici »), and what is said besides to who cannot see the page.

A screen reader lists the links of a letter out of their sentences: "here, here, here" (WCAG 2.2, 2.4.4 and 2.4.9).
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from composer.issue.inline import plain

#: Link texts that say nothing, without capitals and marks; French and English.
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

# Not seen, yet read aloud: one pixel, which is what every client keeps of it. Absolute positions are dropped by Gmail
# and Outlook; what is not displayed at all is not read aloud either.
_UNSEEN = (
    "display:inline-block;width:1px;height:1px;max-height:1px;overflow:hidden;opacity:0;"
    "font-size:1px;line-height:1px;white-space:nowrap;mso-hide:all"
)

#: Where a thing in a letter says what it is about, best first.
_NAMED = ("headline", "title", "show", "alt")


def vague(words: str) -> bool:
    """Whether a link with these words alone leads nobody knows where."""
    return " ".join(words.split()).strip(" .…:!?«<>»›→").casefold() in VAGUE


def about(*things: object) -> str:
    """The headline of the first of ``things`` that has one; empty where none has."""
    for thing in things:
        for name in _NAMED:
            headline: Any = getattr(thing, name, None)
            if headline and not callable(headline):
                return plain(headline) if isinstance(headline, tuple) else str(headline)
    return ""


def unseen(words: str, headline: str) -> Markup:
    """What follows a link's ``words`` unseen: ``headline``, where the words are vague and there is one."""
    if not headline or not vague(words):
        return Markup()
    return Markup('<span style="{}"> : {}</span>').format(_UNSEEN, headline)
