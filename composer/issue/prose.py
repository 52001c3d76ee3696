"""Which fields hold words for house typography: those with the type ``Prose``, whatever their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from composer.newsroom.values import Typeset


@cache
def prose_fields(kind: type[Any]) -> Mapping[str, Typeset]:
    """The fields of a model or a dataclass that hold prose, alone or in a tuple, each with its marker."""
    hints = get_type_hints(kind, include_extras=True)
    found = {name: next(_marks(hint), None) for name, hint in hints.items()}
    return {name: mark for name, mark in found.items() if mark is not None}


def _marks(hint: Any) -> Iterator[Typeset]:
    if get_origin(hint) is Annotated:
        yield from (each for each in hint.__metadata__ if isinstance(each, Typeset))
    for below in get_args(hint):
        if not isinstance(below, Typeset):
            yield from _marks(below)
