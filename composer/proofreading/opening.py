"""Findings on the top of the letter, which decides how high its first text stands on a telephone."""

from __future__ import annotations

from collections.abc import Iterator

from composer.issue.edition import Edition
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.rendering.media import made_picture
from composer.source.finding import Finding, Severity

#: Lines of a summary that leave the first text on a telephone's first screen.
SUMMARY = 3

#: Width of a cover for one of height; a pixel of height more is what rounding adds.
COVER = 3


def opening_findings(issue: Issue, edition: Edition | None, newsroom: Newsroom) -> Iterator[Finding]:
    """Remarks on a long summary and a tall or narrow cover; ``edition`` is one of ``issue`` that was rendered, if any
    was."""
    front, source = issue.front, issue.source
    above = front.summary.items if front.summary is not None and front.cover is None else ()
    if len(above) > SUMMARY:
        message = _("more than three lines of summary push the first text off a telephone's first screen")
        yield source.finding("long-summary", message, ("summary",), severity=Severity.NOTE)
    if edition is not None and edition.cover is not None:
        width = edition.publication.theme.width
        cover = made_picture(edition.cover.path, width, root=newsroom.root)
        if cover.height * COVER > cover.width + COVER:
            message = _(
                "the cover is {width} × {height} pixels: at most a third as high as it is wide, "
                "it leaves the text in sight"
            )
            message = message.format(width=cover.width, height=cover.height)
            yield source.finding("tall-cover", message, ("cover",), severity=Severity.NOTE)
        if cover.width < width:
            message = _("the cover is {width} pixels wide, and the column {column}: export it 1280 pixels wide")
            message = message.format(width=cover.width, column=width)
            yield source.finding("picture-shape", message, ("cover",), severity=Severity.WARNING)
