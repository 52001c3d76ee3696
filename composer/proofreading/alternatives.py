"""Descriptions of pictures that describe nothing to a screen reader (WCAG 2.2, failures F30 and F39)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from composer.issue.inline import Inline
from composer.issue.marked import Beside, Marked, marked
from composer.issue.model import Issue
from composer.locale import gettext as _
from composer.source.finding import Finding, Severity
from composer.source.legible import STAND_IN

#: A description of more characters is a text: a screen reader reads it in one go, without a way back into it.
LONGEST_ALT = 400

_FILE = re.compile(r"\S.{0,120}\.(?:png|jpe?g|gif|webp|svg|tiff?|heic|avif|bmp)", re.IGNORECASE)
_CAMERA = re.compile(
    r"(?:img|dsc|dscn|dscf|pxl|image|photo|screenshot|capture|whatsapp)[-_ ]?\d[\w -]{0,40}", re.IGNORECASE
)
_ARTICLE = re.compile(r"(?:une?|la|le|les|des|an?|the) |l['’]", re.IGNORECASE)

_FRENCH = "description, dessin, figure, graphique, icône, photo, photographie, schéma, texte, visuel, sans titre"
_ENGLISH = (
    "alt, chart, diagram, drawing, graph, graphic, icon, illustration, image, img, logo, pic, picture, screenshot"
)
_LATER = (
    "alt, null, n/a, placeholder, tbd, test, todo, untitled, xxx, à compléter, à faire, a completer, alternative text"
)
#: Words that stand for any picture, and those typed to be replaced later.
_SAYS_NOTHING = frozenset(", ".join((_FRENCH, _ENGLISH, _LATER)).split(", "))


def remarks(issue: Issue) -> Iterator[Finding]:
    """A finding for each description of a picture in ``issue`` that says nothing, or too much."""
    for picture in marked(issue.front, Beside):
        alt = getattr(picture.owner, "alt", None)
        described = (
            isinstance(alt, str)
            and alt not in (STAND_IN, "none")
            and picture.value == getattr(picture.owner, "src", None)
        )
        if picture.mark.printed and described:
            yield from _of_picture(issue, picture, str(alt))


def _of_picture(issue: Issue, picture: Marked[Beside], alt: str) -> Iterator[Finding]:
    caption = getattr(picture.owner, "caption", None)
    why = _why(alt, str(picture.value), caption.plain if isinstance(caption, Inline) else "")
    code, severity = "empty-alt", Severity.WARNING
    if why is None and len(alt) > LONGEST_ALT:
        why = _(
            "this description is too long ({count}): a sentence or two are heard to the end; put the rest in the text"
        )
        code, severity, why = "long-alt", Severity.NOTE, why.format(count=len(alt))
    if why is None:
        return
    if picture.body is None:
        yield issue.source.finding(code, why, (*picture.loc[:-1], "alt"), severity=severity)
        return
    lines = picture.body.source.split("\n")
    opening = picture.line or 0
    line = opening
    if not lines[opening].lstrip().startswith("!["):  # a box, which has its description in a line below
        line = next((n for n, each in enumerate(lines) if n > opening and alt in each), opening)
    column = max(lines[line].find(alt), 0)
    yield issue.source.finding(code, why, picture.loc, line=line, column=column, severity=severity)


def _why(alt: str, name: str, caption: str) -> str | None:
    words = " ".join(alt.split()).strip(" .!?…:;,-–—")
    bare = _ARTICLE.sub("", words, count=1).casefold()
    if _FILE.fullmatch(words) or _CAMERA.fullmatch(words) or words == PurePosixPath(name).stem:
        return _("this is the name of a file: say what the picture shows, for who cannot see it")
    if bare in _SAYS_NOTHING or sum(map(str.isalnum, words)) < 2:
        return _("“{words}” says nothing of this picture: say what it shows, for who cannot see it").format(words=alt)
    if caption and words.casefold() == " ".join(caption.split()).strip(" .!?…").casefold():
        return _("the description says the caption again, and is heard twice: say what the picture shows")
    return None
