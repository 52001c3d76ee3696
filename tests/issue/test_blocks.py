"""What every block of ``BLOCK_TYPES`` is held to: an example, typography, reading time, editorial words, boxes.

Each test runs on each block; a block declared wrongly fails here, and the message says what to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel

from composer.approval.word_count import editorial_words
from composer.issue import body as elements
from composer.issue import compose, find_issues, inline, load_issue
from composer.issue.blocks import BLOCK_TYPES, DIRECTIVES
from composer.issue.directives import option
from composer.issue.edition import Edition
from composer.issue.inline import Inline
from composer.issue.marked import Anchor
from composer.issue.prose import prose_fields
from composer.issue.reading import minutes, printed_texts
from composer.issue.resolved import Resolved
from composer.issue.resolving import BlockType
from composer.issue.typography.apply_edition import set_value
from composer.issue.typography.ruleset import ruleset
from composer.newsroom import load_newsroom
from composer.newsroom.model import Style
from composer.newsroom.values import Prose

ROOT = Path(__file__).parents[2]
every_block = pytest.mark.parametrize("block", BLOCK_TYPES, ids=lambda each: each.name)


@cache
def _editions() -> list[Edition]:
    newsroom = load_newsroom(ROOT)
    issues = [
        load_issue(file.path, newsroom).require()
        for name in newsroom.publications
        for file in find_issues(newsroom, name)
    ]
    return [compose(issue, newsroom, audience) for issue in issues for audience in ("free", "paid")]


def _resolved(value: Any) -> Iterator[Resolved]:
    if isinstance(value, Resolved):
        yield value
    if isinstance(value, tuple):
        for each in value:
            yield from _resolved(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _resolved(getattr(value, each.name))


def _example(block: BlockType[Any]) -> Resolved:
    """The block as the example newsroom prints it."""
    found = [each for edition in _editions() for each in _resolved(edition.blocks) if isinstance(each, block.resolved)]
    assert found, f"no issue of the example prints a {block.name}: write one"
    return max(found, key=lambda each: len(list(printed_texts(each))))


def _bare(kind: Any, way: str = "", seen: tuple[Any, ...] = ()) -> Iterator[str]:
    """The fields below ``kind`` that are a ``str`` and do not say what it is: prose, as typed, a name, an address."""
    if kind is str:
        yield way
    elif get_origin(kind) is Annotated:
        if get_args(kind)[0] is not str:
            yield from _bare(get_args(kind)[0], way, seen)
    elif get_origin(kind) is not Literal and get_args(kind):
        for each in get_args(kind):
            yield from _bare(each, way, seen)
    elif isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, BaseModel)):
        parsed = kind.__module__ in (inline.__name__, elements.__name__)
        if kind in seen or kind is Style or parsed or getattr(kind, "advertisement", False):
            return
        names = kind.model_fields if issubclass(kind, BaseModel) else [each.name for each in fields(kind)]
        hints = get_type_hints(kind, include_extras=True)
        for name in names:
            yield from _bare(hints[name], f"{way}.{name}" if way else f"{kind.__name__}.{name}", (*seen, kind))


def _parts(hint: Any) -> list[Any]:
    """The types in a hint: of a union, a tuple, a dictionary."""
    below = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
    return [hint, *(part for each in below for part in _parts(each))]


def _marks(hint: Any) -> list[Any]:
    return [mark for part in _parts(hint) if get_origin(part) is Annotated for mark in part.__metadata__]


def _kinds(kind: Any, seen: tuple[Any, ...] = ()) -> Iterator[tuple[type[Any], dict[str, Any]]]:
    """The models and resolved types below ``kind``, itself first, each with the types of its fields."""
    if kind in seen or not isinstance(kind, type) or not (is_dataclass(kind) or issubclass(kind, BaseModel)):
        return
    names = kind.model_fields if issubclass(kind, BaseModel) else [each.name for each in fields(kind)]
    hints = get_type_hints(kind, include_extras=True)
    yield kind, {name: hints[name] for name in names}
    for name in names:
        for part in _parts(hints[name]):
            yield from _kinds(part, (*seen, kind))


@every_block
def test_the_example_prints_the_block_for_a_reader(block: BlockType[Any]) -> None:
    assert isinstance(_example(block), block.resolved)


@every_block
def test_every_text_of_a_block_says_whether_it_is_prose(block: BlockType[Any]) -> None:
    """A bare ``str`` would be neither set by house typography nor counted, and no other test would tell."""
    assert [*_bare(block.resolved)] == [], "write Prose, or what else it is (composer/newsroom/values.py)"


@every_block
def test_every_text_of_a_model_says_what_it_is(block: BlockType[Any]) -> None:
    """A bare ``str`` may name a file, a person or a block: it would not be checked, and no other test would tell."""
    assert [*_bare(block.model)] == [], "write Prose, or what else it is (composer/issue/field_types.py)"


@every_block
def test_an_id_is_an_anchor_and_has_words(block: BlockType[Any]) -> None:
    """In the resolved block too: a link leads only to the anchors of its letter."""
    for kind in (block.model, block.resolved):
        for owner, hints in _kinds(kind):
            anchors = [name for name, hint in hints.items() if Anchor() in _marks(hint)]
            assert ("id" in hints) == ("id" in anchors), f"{owner.__name__}.id is an AnchorId"
            if anchors and issubclass(owner, BaseModel):
                assert any(Inline in _parts(hint) for hint in hints.values()), f"{owner.__name__} has no sentence"


@every_block
def test_prose_is_set_and_an_advertisement_is_left_as_typed(block: BlockType[Any]) -> None:
    example = _example(block)
    kind: Any = block.resolved
    names = [name for name in prose_fields(kind) if isinstance(getattr(example, name), str)]
    typed = replace(example, **dict.fromkeys(names, "Salle : 3 %"))
    how = ruleset(load_newsroom(ROOT).publications["samedi"], "fr", ())
    found = {getattr(set_value(typed, how), name) for name in names}
    assert found <= {"Salle\u00a0: 3\u00a0%"}
    if block.resolved.advertisement:
        assert not names
        assert set_value(example, how) is example


@every_block
def test_a_block_has_words_of_its_own_unless_it_says_that_it_is_not_editorial(block: BlockType[Any]) -> None:
    example = _example(block)
    alone = replace(_editions()[0], blocks=(example,))
    assert bool(editorial_words(alone)) is block.resolved.editorial
    assert bool([*printed_texts(example)]) is not block.resolved.advertisement


def test_what_is_not_editorial_is_known() -> None:
    """A letter made of these alone is not sent. What a block that was added is not, it says itself."""
    assert {each.name for each in BLOCK_TYPES if not each.resolved.editorial} == {
        "links",
        "notice",
        "sponsor",
        "teasers",
        "masthead",
    }


def test_the_boxes_are_the_blocks_that_say_how_they_are_written_in_a_text() -> None:
    assert [*DIRECTIVES] == [each.name for each in BLOCK_TYPES if each.model.boxed]
    for model in DIRECTIVES.values():
        assert model.boxed is not None
        for key in (model.boxed.argument, model.boxed.text, *model.boxed.options):
            assert option(model, key)


@dataclass(frozen=True)
class _Misdeclared(Resolved):
    """``place`` is a bare ``str``."""

    template = "misdeclared"

    title: Prose
    place: str


@dataclass(frozen=True)
class _Declared(Resolved):
    template = "declared"

    title: Prose
    places: tuple[Prose, ...]


def test_a_block_that_was_added_wrongly_is_noticed() -> None:
    assert [*_bare(_Misdeclared)] == ["_Misdeclared.place"]
    assert [*_bare(_Declared)] == []


def test_a_block_of_prose_alone_is_set_counted_and_editorial_without_a_list_that_knows_it() -> None:
    how = ruleset(load_newsroom(ROOT).publications["samedi"], "fr", ())
    declared = _Declared("Fête : samedi", ("Hôtel de ville : salle 3",) * 150)
    made = set_value(declared, how)
    assert made.places[0] == "Hôtel de ville\u00a0: salle 3"
    assert editorial_words(replace(_editions()[0], blocks=(declared,))) > 600
    assert minutes(declared) == 3
