"""Apply house typography to an edition: to every text of the newsroom, and to none of its sponsors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import is_
from typing import Any, TypeVar

from pydantic import BaseModel

from composer.issue.edition import Edition
from composer.issue.inline import Break, Code, Emphasis, Inline, Link, Strong, Text
from composer.issue.prose import prose_fields
from composer.issue.resolved import Resolved
from composer.issue.typography.edit_buffer import NBSP, NNBSP
from composer.issue.typography.rules import set_text
from composer.issue.typography.ruleset import Ruleset
from composer.issue.typography.spans import set_spans
from composer.newsroom.model import Publication, Style

T = TypeVar("T")

_SPANS = (Text, Break, Code, Strong, Emphasis, Link)


def set_edition(edition: Edition, rules: Ruleset) -> Edition:
    """``edition`` with house typography applied."""
    if rules.profile is None:
        return edition
    publication = edition.publication
    standing = {name: words for name in ("tagline", "price", "trial") if (words := getattr(publication, name))}
    publication = publication.model_copy(update={name: set_text(words, rules) for name, words in standing.items()})
    return replace(_changed(edition, rules, replace), publication=publication)


def set_value(value: Any, rules: Ruleset) -> Any:
    match value:
        case None | str() | bool():
            return value
        case tuple() if value and isinstance(value[0], _SPANS):
            return set_spans(value, rules)
        case tuple():
            return _unless_same(tuple([set_value(each, rules) for each in value]), value)
        case Resolved(advertisement=True):
            return value
        case Publication() | Style() | Text() | Break() | Code() | Strong() | Emphasis() | Link():
            return value
        case Inline():
            return replace(value, spans=set_spans(value.spans, rules))
        case BaseModel():
            return _changed(value, rules, lambda model, **new: model.model_copy(update=new))
        case _ if is_dataclass(value):
            return _changed(value, rules, replace)
        case _:
            return value


def _unless_same(new: tuple[T, ...], old: tuple[T, ...]) -> tuple[T, ...]:
    """``old`` itself if nothing in it changed, so that its container can be kept too."""
    return old if all(map(is_, new, old)) else new


def _changed(value: T, rules: Ruleset, rebuild: Callable[..., T]) -> T:
    changes: dict[str, Any] = {}
    kind: Any = type(value)
    prose = prose_fields(kind)
    for name in _fields(kind):
        old, mark = getattr(value, name), prose.get(name)
        if mark is None:
            new = set_value(old, rules)
        elif mark.header and isinstance(old, str):
            new = set_text(old, rules.for_headers).replace(NNBSP, NBSP)
        else:
            new = _words(old, rules)
        if new is not old and new != old:
            changes[name] = new
    return rebuild(value, **changes) if changes else value


def _words(value: Any, rules: Ruleset) -> Any:
    if isinstance(value, str):
        return set_text(value, rules)
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return tuple(set_text(each, rules) for each in value)
    return set_value(value, rules)


@cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    if issubclass(kind, BaseModel):
        return tuple(kind.model_fields)
    return tuple(each.name for each in fields(kind))
