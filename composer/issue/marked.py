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


@dataclass(frozen=True)
class _Way:
    """What the type of a field says of marks of one kind: ``marks`` on a value, ``items`` of a tuple, ``values`` of a
    dictionary. ``choices`` are values of its own, which no mark is about: ``none``.
    """

    marks: tuple[Any, ...] = ()
    choices: tuple[Any, ...] = ()
    items: _Way | None = None
    values: _Way | None = None


_NOWHERE = _Way()


def marked(value: object, kind: type[M], loc: Loc = ()) -> Iterator[Marked[M]]:
    """The values below ``value``, which stands at ``loc``, whose type has a mark of ``kind``; None is left out.

    ``value`` is a model, a resolved block, or a tuple of them.
    """
    return _marked(value, _NOWHERE, kind, _Position(value, loc))


def _marked(value: object, way: _Way, kind: Any, at: _Position) -> Iterator[Marked[Any]]:
    if isinstance(value, Body):
        for line, element in value.by_line():
            if isinstance(element, Block):
                yield from _marked(element, _NOWHERE, kind, _Position(element, at.loc, line, value))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _marked(each, way.items or _NOWHERE, kind, at.at(index))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _marked(each, way.values or _NOWHERE, kind, at.at(key))
    elif _is_record(_type(value)):
        for name, below in _ways(_type(value), kind):
            if (held := getattr(value, name)) is not None:
                yield from _marked(held, below, kind, at.at(name, value))
    elif way.marks and value is not None and value not in way.choices:
        for mark in way.marks:
            yield Marked(value, mark, at.owner, at.loc, at.line, at.body)


@cache
def _ways(record: Any, kind: Any) -> tuple[tuple[str, _Way], ...]:
    """The fields of ``record`` that lead to marks of ``kind``, or may: most lead to none, and are not looked into."""
    fields = _fields(record)
    kinds = _kinds_below(record)
    leading = (
        name for name in fields if (below := kinds[name]) is None or any(issubclass(each, kind) for each in below)
    )
    return tuple((name, _way(fields[name], kind)) for name in leading)


def _way(arms: tuple[_Arm, ...], kind: type[Any]) -> _Way:
    marks = tuple(mark for _base, marks in arms for mark in marks if isinstance(mark, kind))
    choices = tuple(choice for base, _marks in arms if _origin(base) is Literal for choice in get_args(base))
    items, values = _below(arms, tuple), _below(arms, dict)
    return _Way(marks, choices, _way(items, kind) if items else None, _way(values, kind) if values else None)


@cache
def _kinds_below(record: Any) -> Mapping[str, frozenset[type[Any]] | None]:
    """By field of ``record``: the kinds of marks that its type leads to; None where only a value says it.

    That is so of a body, which may hold any box, and of a class that has others below it.
    """
    return {name: _kinds(arms) for name, arms in _fields(record).items()}


def _kinds(arms: tuple[_Arm, ...]) -> frozenset[type[Any]] | None:
    found: set[type[Any]] = set()
    seen: set[Any] = set()
    waiting = [*arms]
    while waiting:
        base, marks = waiting.pop()
        found.update(map(_type, marks))
        container = _origin(base)
        if container in (tuple, dict):
            waiting += _below(((base, ()),), container)
        elif container is Literal:
            continue
        elif _holds_anything(base):
            return None
        elif _is_record(base) and base not in seen:
            if base.__subclasses__():
                return None
            seen.add(base)
            waiting += (arm for each in _fields(base).values() for arm in each)
    return frozenset(found)


def _holds_anything(base: Any) -> bool:
    return not isinstance(base, type) or base in (Body, object) or issubclass(base, (tuple, dict))


def _origin(base: Any) -> Any:
    return get_origin(base)


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
