"""What a letter weighs, against what mail clients take.

Gmail cuts a message near 102 KB of HTML (its foot, and with it the way out, disappears behind a link) and drops all
style sheets past 16,384 characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from composer.locale import gettext as _
from composer.rendering.model import Rendering
from composer.source.finding import Finding, Place, Severity

HTML_WARNING = 80_000
HTML_MOST = 100_000
STYLE_MOST = 16_384
PICTURE_WARNING = 1_000_000

_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class Weight:
    """Bytes: of the HTML part decoded, of all its ``<style>`` together, of the text part, of all pictures."""

    html: int
    style: int
    text: int
    media: int


def weight(rendering: Rendering) -> Weight:
    return Weight(
        html=len(rendering.html.encode()),
        style=sum(len(sheet.encode()) for sheet in _STYLE.findall(rendering.html)),
        text=len(rendering.text.encode()),
        media=sum(len(medium.content) for medium in rendering.media),
    )


def findings(rendering: Rendering, place_file: str) -> tuple[Finding, ...]:
    """What is too heavy, placed at the beginning of ``place_file``, the issue's file relative to the newsroom."""
    found: list[Finding] = []

    def add(code: str, severity: Severity, message: str) -> None:
        found.append(Finding(code, severity, Place(place_file, 1, 1), message))

    weighed = weight(rendering)
    if weighed.html > HTML_MOST:
        message = _("the letter weighs {size}: Gmail cuts it near 102 KB, and its foot with it; {most} at most")
        add("too-heavy", Severity.ERROR, message.format(size=_kilobytes(weighed.html), most=_kilobytes(HTML_MOST)))
    elif weighed.html > HTML_WARNING:
        message = _("the letter weighs {size}: Gmail cuts letters near 102 KB")
        add("heavy", Severity.WARNING, message.format(size=_kilobytes(weighed.html)))
    if weighed.style > STYLE_MOST:
        message = _("style sheets of {size}: past {most} Gmail drops them all")
        add("heavy-style", Severity.ERROR, message.format(size=weighed.style, most=STYLE_MOST))
    for medium in rendering.media:
        if len(medium.content) > PICTURE_WARNING:
            message = _("a picture weighs {size} ({name}): telephones will wait for it; export it 1280 pixels wide")
            size = _kilobytes(len(medium.content))
            add("heavy-picture", Severity.WARNING, message.format(size=size, name=medium.name))
    return tuple(found)


def _kilobytes(size: int) -> str:
    return _("{size} KB").format(size=-(-size // 1000))
