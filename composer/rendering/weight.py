"""The size of a letter, against the limits of mail clients.

Gmail cuts a message near 102 KB of HTML (its footer with the unsubscribe link is then hidden) and drops all
style sheets past 16,384 characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from composer.locale import gettext as _
from composer.rendering.model import Medium, Rendering
from composer.source.document import Loc, Source
from composer.source.finding import Finding, Place, Severity
from composer.source.quoting import split_lines

HTML_WARNING = 80_000
HTML_MOST = 100_000
STYLE_MOST = 16_384
#: Of published pictures. On a weak mobile connection, 300 KB take about 1 s, 2 MB nearly 10 s.
PICTURE_WARNING, PICTURE_MOST = 300_000, 2_000_000
PICTURES_WARNING, PICTURES_MOST = 1_500_000, 6_000_000

#: Where a picture is named, as ``Source.place`` takes it; None where that is not known.
Naming = Callable[[Medium], tuple[Source, Loc, int | None] | None]

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


def findings(rendering: Rendering, source: Source, at: Naming = lambda _medium: None) -> tuple[Finding, ...]:
    """Findings on what is too heavy: on the letter at the top of ``source``, the issue's file; on a picture where
    ``at`` says that it is named, or else on its line in ``source``.
    """
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
    return (*found, *_pictures(rendering, weighed, source, at))


def _pictures(rendering: Rendering, weighed: Weight, source: Source, at: Naming) -> Iterator[Finding]:
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
            if (named := at(medium)) is not None:
                its_source, loc, line = named
                yield its_source.finding(code, message, loc, line=line, severity=severity)
            else:
                yield _at_file(source, medium, code, message, severity)
    if weighed.media > PICTURES_WARNING:
        refused = weighed.media > PICTURES_MOST
        most = _kilobytes(PICTURES_MOST if refused else PICTURES_WARNING)
        message = _("the letter's pictures weigh {size} together, {most} at most: telephones will wait for them")
        message = message.format(size=_kilobytes(weighed.media), most=most)
        severity = Severity.ERROR if refused else Severity.WARNING
        yield source.finding("too-heavy-pictures" if refused else "heavy-pictures", message, severity=severity)


def _at_file(source: Source, medium: Medium, code: str, message: str, severity: Severity) -> Finding:
    """A finding on the line of ``source`` that names the file of ``medium``; at its top if none does."""
    name = re.compile(rf"(?<![\w-]){re.escape(medium.file)}(?![\w-])")
    for number, line in enumerate(split_lines(source.text), 1):
        if (found := name.search(line)) and not line.lstrip().startswith("#"):
            return Finding(code, severity, Place(source.file, number, found.start() + 1), message, line)
    return source.finding(code, message, severity=severity)


def _kilobytes(size: int) -> str:
    return _("{size} KB").format(size=-(-size // 1000))
