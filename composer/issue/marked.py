"""Find values of an issue by the type of their field, in any block and any box: no list names the blocks that have one.

A type carries a mark, ``Annotated[str, Beside()]``; ``field_types`` and ``people`` define the types.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from composer.issue.block import Audience, Block
from composer.issue.body import Body, Element, readable
from composer.issue.inline import Inline, Spans
from composer.source.document import Loc
from composer.source.field_spec import FileName


@dataclass(frozen=True)
class Anchor:
    """Marks an id that links may lead to. Its words are the first sentence of the model that has it, a headline."""


@dataclass(frozen=True)
class Refers:
    """Marks a reference to a block of the same issue: an id, or a sentence that may be one."""


@dataclass(frozen=True)
class Beside(FileName):
    """Marks the name of a file beside the issue: it must exist, and its digest is part of an approval.

    ``printed``: the letter shows it, so composing reports what is wrong with it.
    """

    printed: bool = False


@dataclass(frozen=True)
class Signs:
    """Marks a person: an identifier of the publication's directory, or where the type allows it a name as printed."""


@dataclass(frozen=True)
class Embargo:
    """Marks an instant before which an issue may not be sent."""


M = TypeVar("M")


@dataclass(frozen=True)
class Marked(Generic[M]):
    """``value`` is a field of ``owner``, at ``loc``; or in a box, at ``line`` of ``body``, which stands at ``loc``."""

    value: Any
    mark: M
    owner: object
    loc: Loc
    line: int | None = None
    body: Body | None = None


@dataclass(frozen=True)
class _Position:
    owner: object
    loc: Loc
    line: int | None = None
    body: Body | None = None

    def at(self, step: str | int, owner: object = None) -> _Position:
        loc = (*self.loc, step) if self.body is None else self.loc
        return _Position(self.owner if owner is None else owner, loc, self.line, self.body)


#: A type and its marks; a union has several.
_Arm = tuple[Any, tuple[Any, ...]]


def marked(value: object, kind: type[M], loc: Loc = ()) -> Iterator[Marked[M]]:
    """The values below ``value``, which stands at ``loc``, whose type has a mark of ``kind``; None is left out.

    ``value`` is a model, a resolved block, or a tuple of them.
    """
    yield from _marked(value, (), kind, _Position(value, loc))


def _marked(value: object, arms: tuple[_Arm, ...], kind: type[M], at: _Position) -> Iterator[Marked[M]]:
    if isinstance(value, Body):
        for line, element in value.by_line():
            if isinstance(element, Block):
                yield from _marked(element, (), kind, _Position(element, at.loc, line, value))
    elif isinstance(value, tuple):
        items = _below(arms, tuple)
        for index, each in enumerate(value):
            if _holds(each, items, kind):
                yield from _marked(each, items, kind, at.at(index))
    elif isinstance(value, dict):
        items = _below(arms, dict)
        for key, each in value.items():
            if _holds(each, items, kind):
                yield from _marked(each, items, kind, at.at(key))
    elif _is_record(_type(value)):
        for name, below in _fields(_type(value)).items():
            if _holds(held := getattr(value, name), below, kind):
                yield from _marked(held, below, kind, at.at(name, value))
    elif not any(_is_choice(value, base) for base, _marks in arms):
        for mark in (mark for _base, marks in arms for mark in marks if isinstance(mark, kind)):
            yield Marked(value, mark, at.owner, at.loc, at.line, at.body)


def _holds(value: object, arms: tuple[_Arm, ...], kind: type[Any]) -> bool:
    """False for a value without a mark of ``kind`` and with no other in it: most are, and are not looked into."""
    if value is None or value == ():
        return False
    if isinstance(value, (tuple, dict, Body)) or _is_record(_type(value)):
        return True
    return any(isinstance(mark, kind) for _base, marks in arms for mark in marks)


def _type(value: object) -> Any:
    """The type of ``value``, for a cache: mypy takes the types of dataclasses for unhashable."""
    return type(value)


@cache
def _is_record(kind: Any) -> bool:
    return issubclass(kind, BaseModel) or (is_dataclass(kind) and kind not in (Inline, Body))


def _below(arms: tuple[_Arm, ...], container: type) -> tuple[_Arm, ...]:
    """The types of the values in a ``container``: a tuple, or a dictionary."""
    origins: list[tuple[Any, Any]] = [(get_origin(base), base) for base, _marks in arms]
    held = (get_args(base) for origin, base in origins if origin is container)
    return tuple(arm for each in held for arm in _arms(each[1] if container is dict else each[0]))


def _is_choice(value: object, base: Any) -> bool:
    origin: Any = get_origin(base)
    return origin is Literal and value in get_args(base)


@cache
def _fields(kind: Any) -> Mapping[str, tuple[_Arm, ...]]:
    hints = get_type_hints(kind, include_extras=True)
    names = kind.model_fields if issubclass(kind, BaseModel) else [each.name for each in fields(kind)]
    return {name: tuple(_arms(hints[name])) for name in names}


def _arms(hint: Any) -> Iterator[_Arm]:
    """The types that ``hint`` is a union of, or itself, each with its marks."""
    if get_origin(hint) is Annotated:
        yield from ((base, (*marks, *hint.__metadata__)) for base, marks in _arms(get_args(hint)[0]))
    elif get_origin(hint) in (Union, types.UnionType):
        for each in get_args(hint):
            yield from _arms(each)
    else:
        yield hint, ()


def shown(block: Block, body: Body, audience: Audience) -> tuple[tuple[int, Element], ...]:
    """The elements of a body of ``block`` that ``audience``, which gets the block, may read; each with its line."""
    return () if block.withholds(audience) else readable(body, audience)


def anchors(block: Block, audience: Audience) -> Iterator[tuple[str, Spans]]:
    """The ids in ``block`` that ``audience`` may link to, each with the words that name it."""
    for each in marked(block, Anchor):
        if each.body is None or each.line in {line for line, _element in shown(block, each.body, audience)}:
            yield each.value, words_of(each.owner)


def words_of(owner: object) -> Spans:
    """The words that name the id of ``owner``: those of its first sentence."""
    held = (getattr(owner, name) for name in _fields(_type(owner)))
    return next((each.spans for each in held if isinstance(each, Inline)), ())
