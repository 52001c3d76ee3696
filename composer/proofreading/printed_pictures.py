"""The pictures that a letter prints, each with its twin for the dark, and where both are named.

Those of its figures, of the advertisements in its slots, and the nameplate's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from composer.errors import Refused
from composer.issue.blocks.sponsor import ResolvedSponsor
from composer.issue.edition import Edition
from composer.issue.marked import Beside, marked
from composer.issue.model import Issue
from composer.newsroom.model import Newsroom
from composer.proofreading.picture_places import PicturePlace, place_of
from composer.rendering.cache import Cache
from composer.rendering.letter import CACHE
from composer.rendering.media import made_picture
from composer.rendering.picture import Made
from composer.source.document import Loc, Source
from composer.source.finding import Finding, Severity
from composer.source.paths import inside

#: Pixels on either side of an advertisement's picture; most height of a nameplate; width of a small picture; width and
#: most height of a card's. The templates say so.
_GUTTER, _NAMEPLATE, _SMALL, _CARD = 24, 96, 176, (120, 240)


@dataclass(frozen=True)
class Printed:
    """A picture, its twin where it has one, the ``file`` that names it, and where in ``source``, as ``Source.place``
    takes it; ``source`` is the issue's where the newsroom was not read from files.

    ``is_credited``: its credit names an AI; a figure's is compared where it is written.
    """

    kind: PicturePlace | Literal["advertisement", "nameplate"]
    path: Path
    dark: Path | None
    file: str
    source: Source
    loc: Loc
    line: int | None = None
    dark_loc: Loc | None = None
    is_credited: bool = True

    def made(self, newsroom: Newsroom, width: int) -> tuple[Made, Made | None] | None:
        """It and its twin in a column of ``width`` pixels, as the letter's are; None where one is unusable."""
        width, height = self._box(width)
        cache = Cache(newsroom.root / CACHE)
        try:
            made = made_picture(self.path, width, height, newsroom.root, cache)
            return made, made_picture(self.dark, width, height, newsroom.root, cache) if self.dark else None
        except Refused:  # reported when the letter was rendered
            return None

    def _box(self, width: int) -> tuple[int, int]:
        match self.kind:
            case "advertisement":
                return width - 2 * _GUTTER, 10_000
            case "nameplate":
                return width, _NAMEPLATE
            case "small":
                return _SMALL, 10_000
            case "card":
                return _CARD
            case "figure":
                return width, 10_000

    def remark_on(
        self, code: str, message: str, severity: Severity = Severity.WARNING, *, dark: bool = False
    ) -> Finding:
        loc = self.dark_loc if dark and self.dark_loc is not None else self.loc
        return self.source.finding(code, message, loc, line=self.line, severity=severity)


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
            image = ("creatives", creative, "image")
            loc, dark = (*image, "src"), (*image, "dark")
            yield Printed(
                "advertisement",
                each.image,
                each.image_dark,
                file,
                source,
                loc,
                dark_loc=dark,
                is_credited=bool(each.image_ai),
            )


def where_named(pictures: Sequence[Printed], path: Path | None) -> tuple[Source, Loc, int | None] | None:
    """Where the file ``path`` is named, as ``Source.place`` takes it; None where it is not among ``pictures``."""
    for each in pictures:
        if path is not None and path in (each.path, each.dark):
            dark = each.dark_loc if path != each.path else None
            return each.source, dark or each.loc, each.line
    return None


def at_picture(
    pictures: Sequence[Printed], path: Path, issue: Issue, code: str, message: str, severity: Severity
) -> Finding:
    """A finding where the file ``path`` is named; at the top of ``issue`` where it is not among ``pictures``."""
    source, loc, line = where_named(pictures, path) or (issue.source, (), None)
    return source.finding(code, message, loc, line=line, severity=severity)


def _figures(issue: Issue, newsroom: Newsroom) -> Iterator[Printed]:
    folder = (newsroom.root / issue.source.file).parent
    for each in marked(issue.front, Beside):
        if not each.mark.printed or each.value != getattr(each.owner, "src", None):
            continue
        path, dark = _found(newsroom, folder, each.value), _found(newsroom, folder, getattr(each.owner, "dark", None))
        if path is not None:
            place, dark_loc = place_of(issue, each), None if each.body is not None else (*each.loc[:-1], "dark")
            source = issue.source
            yield Printed(place, path, dark, source.file, source, each.loc, each.line, dark_loc)


def _nameplate(issue: Issue, newsroom: Newsroom) -> Iterator[Printed]:
    theme = newsroom.publications[issue.key.publication].theme
    folder = newsroom.root / "config" / "publications"
    path, dark = _found(newsroom, folder, theme.logo), _found(newsroom, folder, theme.logo_dark)
    if path is not None:
        file = f"config/publications/{issue.key.publication}.yaml"
        source = newsroom.sources.get(file, issue.source)
        yield Printed(
            "nameplate", path, dark, file, source, ("theme", "logo"), dark_loc=("theme", "logo_dark"), is_credited=False
        )


def _found(newsroom: Newsroom, folder: Path, name: str | None) -> Path | None:
    try:
        return inside(newsroom.root, folder, name) if name else None
    except Refused:
        return None
