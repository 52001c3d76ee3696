"""What a letter weighs, against what mail clients take.

Gmail cuts a message near 102 KB of HTML (its foot, and with it the way out, disappears behind a link) and drops all
style sheets past 16,384 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from composer.locale import gettext as _
from composer.rendering.model import Rendering
from composer.rendering.picture import UnusablePicture
from composer.source.document import Source
from composer.source.finding import Finding, Place, Severity
from composer.source.quoting import split_lines

HTML_WARNING = 80_000
HTML_MOST = 100_000
STYLE_MOST = 16_384
#: Of pictures as they are published. On a telephone far from its mast, 300 KB are a second, 2 MB are most of ten.
PICTURE_WARNING, PICTURE_MOST = 300_000, 2_000_000
PICTURES_WARNING, PICTURES_MOST = 1_500_000, 6_000_000

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


def findings(rendering: Rendering, source: Source) -> tuple[Finding, ...]:
    """What is too heavy: a picture is placed where ``source``, the issue's file, names it, the letter at its top."""
    found: list[Finding] = []
    weighed = weight(rendering)
    if weighed.html > HTML_MOST:
        message = _("the letter weighs {size}: Gmail cuts it near 102 KB, and its foot with it; {most} at most")
        message = message.format(size=_kilobytes(weighed.html), most=_kilobytes(HTML_MOST))
        found.append(source.finding("too-heavy", message))
    elif weighed.html > HTML_WARNING:
        message = _("the letter weighs {size}: Gmail cuts letters near 102 KB")
        message = message.format(size=_kilobytes(weighed.html))
        found.append(source.finding("heavy", message, severity=Severity.WARNING))
    if weighed.style > STYLE_MOST:
        message = _("style sheets of {size}: past {most} Gmail drops them all")
        message = message.format(size=weighed.style, most=STYLE_MOST)
        found.append(source.finding("heavy-style", message))
    return (*found, *_pictures(rendering, weighed, source))


def _pictures(rendering: Rendering, weighed: Weight, source: Source) -> Iterator[Finding]:
    for medium in rendering.media:
        if (size := len(medium.content)) > PICTURE_WARNING:
            message = _("picture {name}: {size} as published, {most} at most; crop it, or draw it with fewer details")
            if medium.type == "image/png":
                message = _("picture {name}: {size} as published, {most} at most; export a photograph as JPEG")
            elif medium.type == "image/gif":
                message = _(
                    "picture {name}: {size} as published, {most} at most; it needs fewer frames, or smaller ones"
                )
            refused = size > PICTURE_MOST
            most = _kilobytes(PICTURE_MOST if refused else PICTURE_WARNING)
            message = message.format(name=medium.file, size=_kilobytes(size), most=most)
            yield _named(source, medium.file, "too-heavy-picture" if refused else "heavy-picture", message, refused)
    if weighed.media > PICTURES_WARNING:
        refused = weighed.media > PICTURES_MOST
        most = _kilobytes(PICTURES_MOST if refused else PICTURES_WARNING)
        message = _("the letter's pictures weigh {size} together, {most} at most: telephones will wait for them")
        message = message.format(size=_kilobytes(weighed.media), most=most)
        severity = Severity.ERROR if refused else Severity.WARNING
        yield source.finding("too-heavy-pictures" if refused else "heavy-pictures", message, severity=severity)


def unusable(refusal: UnusablePicture, source: Source) -> Finding:
    """A picture that cannot be published, where ``source``, the issue's file, names it."""
    return _named(source, refusal.file, "unusable-picture", str(refusal), True)


def _named(source: Source, file: str, code: str, message: str, refused: bool) -> Finding:
    """A finding on the line of ``source`` that names ``file``; at its top where an advertisement brought it."""
    severity = Severity.ERROR if refused else Severity.WARNING
    for number, line in enumerate(split_lines(source.text), 1):
        if (column := line.find(file)) >= 0 and not line.lstrip().startswith("#"):
            return Finding(code, severity, Place(source.file, number, column + 1), message, line)
    return source.finding(code, message, severity=severity)


def _kilobytes(size: int) -> str:
    return _("{size} KB").format(size=-(-size // 1000))
