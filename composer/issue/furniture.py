"""What surrounds the blocks: dateline, greeting, reading time, preheader."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_date

from composer.issue.context import Context
from composer.issue.inline import Code, Text, plain
from composer.issue.printed import Printed, PrintedArticle, PrintedEdito, PrintedSponsor, Reference

WORDS_A_MINUTE = 300
_WORD = re.compile(r"\w[\w'’-]*")
_PLACEHOLDER = re.compile(r"\{(date|title)\}")


def written_date(day: date, language: str, form: str | None, *, weekday: bool = True) -> str:
    """``samedi 28 novembre 2026`` or ``28/11/2026``, day first in English too; a French month begins on its « 1er »."""
    if form == "short":
        return format_date(day, "dd/MM/yyyy", locale=language)
    number = "'1er'" if language == "fr" and day.day == 1 else "d"
    return format_date(day, f"{'EEEE ' * weekday}{number} MMMM y", locale=language)


def date_line(context: Context) -> str:
    """The dateline, which begins with a capital."""
    words = written_date(context.issue.key.date, context.language, context.style.dates)
    return words[:1].upper() + words[1:]


def greeting(context: Context) -> str | None:
    """The publication's greeting with its date and title; any other brace is text."""
    if context.publication.greeting is None:
        return None
    values = {
        "date": written_date(context.issue.key.date, context.language, context.style.dates),
        "title": context.publication.title,
    }
    return _PLACEHOLDER.sub(lambda match: values[match[1]], context.publication.greeting)


def minutes(*printed: object) -> int:
    """Reading time in minutes, at least 1: the words printed, advertisements aside, at 300 a minute."""
    count = sum(len(_WORD.findall(text)) for text in texts(printed))
    return max(1, round(count / WORDS_A_MINUTE))


def preheader(
    context: Context, also: Iterable[Reference], summary: Iterable[Reference], blocks: Iterable[Printed]
) -> str:
    """The editor's, or the first words that say what is inside."""
    if context.issue.front.preheader is not None:
        return context.issue.front.preheader
    separator = context.style.separator or " • "
    for items in (also, summary):
        words = separator.join(plain(item.spans) for item in items)
        if words:
            return words
    for block in blocks:
        if isinstance(block, (PrintedEdito, PrintedArticle)):
            return plain(block.standfirst) or plain(block.headline)
    return ""


def texts(value: object) -> list[str]:
    """The words of anything printed, advertisements aside."""
    found: list[str] = []
    _gather(value, found)
    return found


def _gather(value: object, found: list[str]) -> None:
    """Add the words of ``value`` to ``found``: a letter is thousands of little things, and one list is soon filled."""
    if isinstance(value, tuple):
        for each in value:
            _gather(each, found)
    elif isinstance(value, (Text, Code)):
        found.append(value.text)
    elif value is not None and not isinstance(value, (str, PrintedSponsor)):
        kind: Any = type(value)
        for name in _fields(kind):
            _gather(getattr(value, name), found)


@cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()
