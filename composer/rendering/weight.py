"""The size of a letter, against the limits of mail clients.

Gmail cuts a message near 102 KB of HTML (its footer with the unsubscribe link is then hidden) and drops all
style sheets past 16,384 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.rendering.model import Rendering
from composer.rendering.picture import UnusablePicture
from composer.source.document import Source
from composer.source.finding import Finding, Place, Severity
from composer.source.quoting import split_lines

HTML_WARNING = 80_000
HTML_MOST = 100_000
STYLE_MOST = 16_384
#: Of published pictures. On a weak mobile connection, 300 KB take about 1 s, 2 MB nearly 10 s.
PICTURE_WARNING, PICTURE_MOST = 300_000, 2_000_000
PICTURES_WARNING, PICTURES_MOST = 1_500_000, 6_000_000

_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class Weight:
    """Sizes in bytes: the HTML part decoded, all its ``<style>`` together, the text part, all pictures."""

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
    """Findings on what is too heavy: on a picture's line in ``source``, the issue's file; on the letter at its top."""
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
            severity = Severity.ERROR if refused else Severity.WARNING
            code = "too-heavy-picture" if refused else "heavy-picture"
            yield at_file(source, medium.file, code, message, severity)
    if weighed.media > PICTURES_WARNING:
        refused = weighed.media > PICTURES_MOST
        most = _kilobytes(PICTURES_MOST if refused else PICTURES_WARNING)
        message = _("the letter's pictures weigh {size} together, {most} at most: telephones will wait for them")
        message = message.format(size=_kilobytes(weighed.media), most=most)
        severity = Severity.ERROR if refused else Severity.WARNING
        yield source.finding("too-heavy-pictures" if refused else "heavy-pictures", message, severity=severity)


def unusable(refusal: UnusablePicture, source: Source, newsroom: Newsroom) -> Finding:
    """A finding on a picture that cannot be published, where ``source``, the issue's file, names it, or the file beside
    the picture: an advertiser's, or the publication's for its nameplate.
    """
    path, code = refusal.path, "unusable-picture"
    for each in (source, *newsroom.sources.values()):
        if (newsroom.root / each.file).parent == path.parent and path.name in each.text:
            return at_file(each, path.name, code, str(refusal), Severity.ERROR)
    return at_file(source, path.name, code, str(refusal), Severity.ERROR)


def at_file(source: Source, file: str, code: str, message: str, severity: Severity = Severity.WARNING) -> Finding:
    """A finding on the line of ``source`` that names ``file``; at its top if an advertisement brought it."""
    for number, line in enumerate(split_lines(source.text), 1):
        if (column := line.find(file)) >= 0 and not line.lstrip().startswith("#"):
            return Finding(code, severity, Place(source.file, number, column + 1), message, line)
    return source.finding(code, message, severity=severity)


def _kilobytes(size: int) -> str:
    return _("{size} KB").format(size=-(-size // 1000))
