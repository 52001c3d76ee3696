"""Count the words of anything printed, and the minutes to read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel

from composer.issue.inline import Code, Text
from composer.issue.prose import prose_fields
from composer.issue.resolved import Resolved
from composer.newsroom.model import Style
from composer.newsroom.values import Unprinted

WORDS_A_MINUTE = 300
_WORD = re.compile(r"\w[\w'’-]*")


def minutes(*printed: object) -> int:
    """Reading time in minutes, at least 1: the words printed, advertisements aside, at 300 a minute."""
    count = sum(map(count_words, printed_texts(printed)))
    return max(1, round(count / WORDS_A_MINUTE))


def count_words(text: str) -> int:
    """Number of words in ``text``; « l’aube » and « grand-père » are one each."""
    return len(_WORD.findall(text))


def printed_texts(value: object) -> Iterator[str]:
    """The words of anything printed, without advertisements: its sentences, and its prose without Markdown."""
    match value:
        case Text(text) | Code(text):
            yield text
        case None | str() | Resolved(advertisement=True) | Style():
            return
        case tuple():
            for each in value:
                yield from printed_texts(each)
        case BaseModel():
            yield from _texts(value)
        case _ if is_dataclass(value):
            yield from _texts(value)
        case _:
            return


def _texts(value: object) -> Iterator[str]:
    kind: Any = type(value)
    prose = prose_fields(kind)
    for name in _printed(kind):
        held = getattr(value, name)
        if name not in prose:
            yield from printed_texts(held)
            continue
        for each in held if isinstance(held, tuple) else (held,):
            if isinstance(each, str):
                yield each
            else:
                yield from printed_texts(each)


@cache
def _printed(kind: type[Any]) -> tuple[str, ...]:
    hints = get_type_hints(kind, include_extras=True)
    names = kind.model_fields if issubclass(kind, BaseModel) else [each.name for each in fields(kind)]
    return tuple(name for name in names if Unprinted() not in getattr(hints[name], "__metadata__", ()))
