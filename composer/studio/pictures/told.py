"""What is told of a picture that arrived: what it is, what its file says and where, what will be kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from composer.locale import gettext as _
from composer.newsroom.model import Newsroom
from composer.rendering.xmp import RightsField
from composer.studio.pictures.arriving import ArrivedPicture

_KILO = 1000


def told_of(picture: ArrivedPicture, newsroom: Newsroom, path: Path) -> Mapping[str, Any]:
    """``picture``, its digest, by which acts name it; ``name`` and ``found``, lines about what came; ``done``, lines
    about what is kept; ``prefilled``: ``alt``, ``caption`` and ``credit``, each with ``from``, where it stands in the
    file; ``dark``, why a version for the dark would serve, or nothing; and ``clear``, whether paper is seen through it.
    """
    dark = newsroom.publications[path.parent.name].theme.paper_dark if path.parent.name in newsroom.publications else ""
    return {
        "picture": picture.digest,
        "name": picture.name,
        "found": list(_found(picture)),
        "done": list(_done(picture)),
        "prefilled": dict(_prefilled(picture)),
        "dark": _dark(picture, dark),
        "clear": picture.made.medium.is_clear,
        "width": picture.pixels[0],
        "height": picture.pixels[1],
    }


def _found(picture: ArrivedPicture) -> Iterator[str]:
    width, height = picture.size
    yield f"{picture.form} · {width} × {height} · {_weight(picture.weight)}"
    said, origins = picture.made.rights.said, picture.origins
    labels: dict[RightsField, str] = {
        "creators": _("Creator"),
        "credit": _("Credit line"),
        "copyright": _("Copyright"),
        "terms": _("Terms of use"),
    }
    for field, label in labels.items():
        if values := said.get(field):
            words = ", ".join(values)
            yield _("{label}: {words} ({container})").format(
                label=label, words=words[:200], container=origins.get(field, "XMP")
            )
    if (concept := picture.made.rights.ai) is not None:
        yield _("An AI made it, or a part of it, says its file ({concept})").format(concept=concept)
    if any(field in said for field in ("data_mining", "constraints", "reservation", "policy")):
        yield _("Its rights are reserved against data mining, and stay so")
    if picture.made.rights.lost:
        yield _("Its rights could not be read whole, and are not kept whole: see the remark of check")
    if not said and not picture.made.rights.lost:
        yield _("Its file says nothing of its rights")


def _done(picture: ArrivedPicture) -> Iterator[str]:
    if picture.has_position:
        yield _("The place where it was taken is left out")
    if picture.is_turned:
        yield _("Turned upright")
    if picture.pixels != picture.size:
        yield _("Made smaller: {width} × {height} pixels").format(width=picture.pixels[0], height=picture.pixels[1])
    kept = {"jpg": "JPEG", "png": "PNG", "gif": "GIF"}[picture.extension]
    if kept != picture.form:
        yield _("Kept as {kind}, which every mail client shows").format(kind=kept)
    if picture.made.is_guessed:
        yield _("It is in CMYK without its profile: its colours are guessed; better export it in sRGB")
    if picture.made.rights.said:
        yield _("Its rights stay; its camera, dates and other data go")
    else:
        yield _("Camera, dates and other data are left out")
    yield _("{weight} beside the issue").format(weight=_weight(len(picture.content)))


def _prefilled(picture: ArrivedPicture) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, found in picture.words.items():
        yield name, {"words": found.words, "from": _("From the file ({container})").format(container=found.container)}
    said, origins = picture.made.rights.said, picture.origins
    creators, line = ", ".join(said.get("creators", ())), ", ".join(said.get("credit", ()))
    names = creators if line in creators else f"{creators} / {line}" if creators else line
    origin = origins.get("creators" if creators else "credit", "XMP")
    credit: dict[str, str] = {}
    if picture.made.rights.ai is not None:
        credit = {"ai": "", "by": names}
        origin = origins.get("source_type", "XMP")
    elif names:
        credit = {"photo" if picture.form in ("JPEG", "WEBP") else "by": names}
    elif notice := ", ".join(said.get("copyright", ())):
        credit, origin = {"credit": notice.removeprefix("©").removeprefix("(c)").strip()}, origins["copyright"]
    if credit:
        yield "credit", {"words": credit, "from": _("From the file ({container})").format(container=origin)}


def _dark(picture: ArrivedPicture, paper: str) -> str:
    return {
        "faint": _("It is drawn in dark lines on a clear ground: at night they are hardly seen"),
        "bright": _("It is drawn on white: at night it glows"),
    }.get(picture.in_the_dark(paper) if paper else "", "")


def _weight(size: int) -> str:
    if size < _KILO * _KILO:
        return _("{kb} KB").format(kb=max(1, round(size / _KILO)))
    return _("{mb} MB").format(mb=f"{size / _KILO / _KILO:.1f}")
