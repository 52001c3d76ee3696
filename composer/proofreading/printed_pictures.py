"""The pictures that a letter prints, each with its twin for the dark, and where both are named.

Those of its figures, of the advertisements in its slots, and the nameplate's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from composer.errors import Refused
from composer.issue.blocks.sponsor import ResolvedSponsor
from composer.issue.edition import Edition
from composer.issue.marked import Beside, marked
from composer.issue.model import Issue
from composer.newsroom.model import Newsroom
from composer.rendering.cache import Cache
from composer.rendering.letter import CACHE
from composer.rendering.media import made_picture
from composer.rendering.picture import Made
from composer.source.document import Loc, Source
from composer.source.finding import Finding, Severity
from composer.source.paths import inside

#: Pixels on either side of an advertisement's picture; most height of a nameplate. The templates say so.
_GUTTER, _NAMEPLATE = 24, 96


@dataclass(frozen=True)
class Printed:
    """A picture, its twin where it has one, the ``file`` that names it, and where in ``source``, as ``Source.place``
    takes it; ``source`` is the issue's where the newsroom was not read from files.
    """

    kind: Literal["figure", "advertisement", "nameplate"]
    path: Path
    dark: Path | None
    file: str
    source: Source
    loc: Loc
    line: int | None = None

    def made(self, newsroom: Newsroom, width: int) -> tuple[Made, Made | None] | None:
        """It and its twin in a column of ``width`` pixels, as the letter's are; None where one is unusable."""
        if self.kind == "advertisement":
            width -= 2 * _GUTTER
        height = _NAMEPLATE if self.kind == "nameplate" else 10_000
        cache = Cache(newsroom.root / CACHE)
        try:
            made = made_picture(self.path, width, height, newsroom.root, cache)
            return made, made_picture(self.dark, width, height, newsroom.root, cache) if self.dark else None
        except Refused:  # reported when the letter was rendered
            return None

    def remark_on(self, code: str, message: str) -> Finding:
        return self.source.finding(code, message, self.loc, line=self.line, severity=Severity.WARNING)


def printed_pictures(issue: Issue, newsroom: Newsroom, editions: Iterable[Edition]) -> Iterator[Printed]:
    """Each once. A file that is not there was reported when the issue, or the newsroom, was read."""
    yield from _figures(issue, newsroom)
    yield from _nameplate(issue, newsroom)
    adverts = {
        each.creative: each for edition in editions for each in edition.blocks if isinstance(each, ResolvedSponsor)
    }
    for name, each in adverts.items():
        advertiser, _slash, creative = name.partition("/")
        file = f"config/sponsors/{advertiser}.yaml"
        source = newsroom.sources.get(file, issue.source)
        if each.image is not None and each.form != "small":
            loc = ("creatives", creative, "image", "src")
            yield Printed("advertisement", each.image, each.image_dark, file, source, loc)


def _figures(issue: Issue, newsroom: Newsroom) -> Iterator[Printed]:
    folder = (newsroom.root / issue.source.file).parent
    for each in marked(issue.front, Beside):
        if not each.mark.printed or each.value != getattr(each.owner, "src", None):
            continue
        path, dark = _found(newsroom, folder, each.value), _found(newsroom, folder, getattr(each.owner, "dark", None))
        if path is not None:
            yield Printed("figure", path, dark, issue.source.file, issue.source, each.loc, each.line)


def _nameplate(issue: Issue, newsroom: Newsroom) -> Iterator[Printed]:
    theme = newsroom.publications[issue.key.publication].theme
    folder = newsroom.root / "config" / "publications"
    path, dark = _found(newsroom, folder, theme.logo), _found(newsroom, folder, theme.logo_dark)
    if path is not None:
        file = f"config/publications/{issue.key.publication}.yaml"
        source = newsroom.sources.get(file, issue.source)
        yield Printed("nameplate", path, dark, file, source, ("theme", "logo"))


def _found(newsroom: Newsroom, folder: Path, name: str | None) -> Path | None:
    try:
        return inside(newsroom.root, folder, name) if name else None
    except Refused:
        return None
