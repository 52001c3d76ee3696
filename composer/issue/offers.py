"""What the newsroom has that an issue may name: persons, slots, creatives, pictures, ids.

Text editors complete these values, through ``filigrane schema`` or ``filigrane lsp``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from composer.errors import FiligraneError
from composer.issue.blocks.a_surveiller import ASurveiller
from composer.issue.files import find_issues
from composer.issue.inline import plain
from composer.issue.load import load_issue
from composer.issue.marked import Anchor, Beside, Refers, Signs, marked, words_of
from composer.issue.model import Front, Issue
from composer.newsroom.model import Newsroom
from composer.newsroom.starting import KINDS
from composer.newsroom.values import Named

#: Kind of file → its model.
FILE_KINDS: dict[str, type[BaseModel]] = {"issue": Front, **KINDS}

#: Issues of each publication, the latest: their ids are offered; each is read whole.
_ISSUES = 4

#: Most pictures offered.
_PICTURES = 500

#: How names of pictures end.
_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")


@dataclass(frozen=True)
class Stock:
    """Each is name → words that tell what it is."""

    persons: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  #: by ``Named.what``

    def of(self, annotation: Any) -> Mapping[str, str]:
        """The values that a field of this type may have."""
        for mark in get_args(annotation)[1:]:
            match mark:
                case Named(what):
                    return self.named.get(what, {})
                case Signs():
                    return self.persons
                case Refers():
                    return self.ids
                case Beside(printed=True):
                    return self.pictures
        return {}

    def offered(self, annotation: Any) -> Sequence[str]:
        return tuple(self.of(annotation))


def stock_of(newsroom: Newsroom, publication: str | None = None) -> Stock:
    """What the newsroom has, or one of its publications. The latest issues are read for their ids."""
    kept = {name: each for name, each in newsroom.publications.items() if publication in (None, name)}
    creatives = {
        f"{sponsor}/{name}": creative.headline
        for sponsor, each in newsroom.sponsors.items()
        for name, creative in each.creatives.items()
    }
    issues = [issue for name in kept for issue in _latest(newsroom, name)]
    return Stock(
        persons={id: person.name for each in kept.values() for id, person in each.people.items()},
        pictures={name: "" for each in kept for name in pictures_in(newsroom.root / "issues" / each)},
        ids=dict(chain.from_iterable(map(ids_in, issues))),
        named={
            "slot": {id: slot.label or "" for each in kept.values() for id, slot in each.slots.items()},
            "creative": creatives,
            "publication": {name: each.title for name, each in newsroom.publications.items()},
            "promise": dict(chain.from_iterable(map(promises_in, issues))),
            "name": dict.fromkeys(newsroom.lexicon.names, ""),
        },
    )


def pictures_in(folder: Path) -> list[str]:
    """The names of the pictures in a folder of issues, the latest first as issues are named by date."""
    there = sorted((each.name for each in folder.iterdir()), reverse=True) if folder.is_dir() else []
    return list(islice((name for name in there if name.lower().endswith(_ENDINGS) and name[0] != "."), _PICTURES))


def ids_in(issue: Issue) -> Iterator[tuple[str, str]]:
    """The ids that links in this issue may lead to, each with its words."""
    for each in marked(issue.front.blocks, Anchor):
        yield each.value, plain(words_of(each.owner))


def promises_in(issue: Issue) -> Iterator[tuple[str, str]]:
    """The ids of what this issue announces, which a later one may follow."""
    for each in marked(issue.front.blocks, Anchor):
        if isinstance(each.owner, ASurveiller):
            yield each.value, plain(words_of(each.owner))


def _latest(newsroom: Newsroom, publication: str) -> Iterator[Issue]:
    files = sorted(find_issues(newsroom, publication), key=lambda file: file.key.date, reverse=True)
    for file in files[:_ISSUES]:
        try:
            document = load_issue(file.path, newsroom)
        except FiligraneError:
            continue
        if document.value is not None:
            yield document.value
        elif document.partial is not None:
            yield document.partial.remains
