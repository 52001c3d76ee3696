"""What there is to read: the words of anything that is printed, and the minutes they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from composer.issue.inline import Code, Text
from composer.issue.resolved import Resolved

WORDS_A_MINUTE = 300
_WORD = re.compile(r"\w[\w'’-]*")


def minutes(*printed: object) -> int:
    """Reading time in minutes, at least 1: the words printed, advertisements aside, at 300 a minute."""
    count = sum(len(_WORD.findall(text)) for text in texts(printed))
    return max(1, round(count / WORDS_A_MINUTE))


def texts(value: object) -> Iterator[str]:
    """The words of anything printed, advertisements aside."""
    match value:
        case Text(text) | Code(text):
            yield text
        case None | str():
            return
        case Resolved(advertisement=True):
            return
        case tuple():
            for each in value:
                yield from texts(each)
        case _ if is_dataclass(value):
            kind: Any = type(value)
            for name in _fields(kind):
                yield from texts(getattr(value, name))
        case _:
            return


@cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))
