"""What ``filigrane init`` wrote as a model, not replaced yet: no letter is approved with it.

Law wants the publisher's true name and address in every letter, and readers reply to its true address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date as Date
from functools import cache
from importlib import resources
from typing import Any, get_args

from pydantic import BaseModel

from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom.model import Newsroom, Publication, Settings, Sponsor
from composer.newsroom.unread import PUBLICATIONS, SPONSORS
from composer.source.document import Loc
from composer.source.finding import Finding
from composer.source.load import read

#: A value of the starter's files that is a model: it says so.
_MODEL = re.compile("exempl|exampl", re.IGNORECASE)

#: The readers of a rehearsal: ``init`` writes none, and the line is deleted rather than replaced.
_DELETED = "only_to"


def placeholders(
    newsroom: Newsroom, publication: str, dates: Collection[Date] = (), printed: Collection[str] = ()
) -> Iterator[Finding]:
    """An error for each file of ``publication`` that still holds values of the starter, at the first of them.

    Of advertisers, those booked for its issues of ``dates``, and those with a creative that an issue names itself:
    ``printed``, by identifier.
    """
    name = f"{PUBLICATIONS}/{publication}.yaml"
    files: list[tuple[str, BaseModel]] = [("config/newsroom.yaml", newsroom.settings)]
    if publication in newsroom.publications:
        files.append((name, newsroom.publications[publication]))
    for sponsor_id, sponsor in newsroom.sponsors.items():
        booked = any(each.publication == publication and each.date in dates for each in sponsor.bookings)
        if booked or sponsor_id in printed:
            files.append((f"{SPONSORS}/{sponsor_id}.yaml", sponsor))
    for file, value in files:
        source = newsroom.sources[file]
        models = _models(type(value))
        left = [loc for loc, text in _texts(value.model_dump(by_alias=True)) if text in models]
        places = sorted({source.place(loc) for loc in left})
        if not places:
            continue
        message = _(
            "what “filigrane init” wrote as a model is still here (lines: {lines}): put your own in its place. Nothing "
            "is approved before"
        )
        first = next(loc for loc in left if source.place(loc) == places[0])
        lines = ", ".join(str(place.line) for place in places)
        yield source.finding("placeholder", message.format(lines=lines), first)


@cache
def _models(kind: type[BaseModel]) -> frozenset[str]:
    """The values of the starter's files of this ``kind`` that are models, in either language."""
    found: set[str] = set()
    name = {Settings: "newsroom.yaml", Publication: "publication.yaml", Sponsor: "sponsor.yaml"}[kind]
    for language in get_args(Language):
        starter = resources.files("composer.newsroom") / "starter" / language / name
        value = read(starter.read_text(encoding="utf-8"), kind, file=name).require()
        found |= {text for _loc, text in _texts(value.model_dump(by_alias=True)) if _MODEL.search(text)}
    return frozenset(found)


def _texts(value: Any, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    if isinstance(value, str):
        yield loc, value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key != _DELETED:
                yield from _texts(each, (*loc, key))
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from _texts(each, (*loc, index))
