"""Click types and readers of what is typed: words of the ledger, lines of a file, addresses, a mailing's id, a zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from composer.errors import WrongUsage
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason
from composer.source.vocabulary import fold_key


class Word(click.ParamType[str, Any]):
    """click type: one of ``words``, in English or as ``said`` translates it; accents and hyphens do not matter."""

    name = "word"

    def __init__(self, words: Sequence[str], said: Callable[[str], str]) -> None:
        self._words, self._said = tuple(words), said

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(map(self.shown, self._words))}]"

    def known(self) -> str:
        """All the words in the newsroom's language, so that each can be typed without quotes."""
        return ", ".join(self._said(word).replace(" ", "-") for word in self._words)

    def shown(self, word: str) -> str:
        """``word`` in the newsroom's language, as it may be typed."""
        return fold_key(self._said(word))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        for word in self._words:
            if fold_key(value) in (fold_key(word), fold_key(self._said(word))):
                return word
        message = _("“{value}” is none of: {known}")
        raise click.BadParameter(message.format(value=value, known=self.known()), ctx, param)


class LinesFile(click.File):
    """click type: a file to read, of text in UTF-8 or with ``binary`` of octets, or - for a pipe. Why it cannot be is
    said as of any other file."""

    def __init__(self, *, binary: bool = False) -> None:
        super().__init__("rb" if binary else "r", encoding=None if binary else "utf-8", errors="replace")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            if not isinstance(error.__context__, OSError):
                raise
            message = _("{file} cannot be read: {why}").format(file=value, why=os_reason(error.__context__))
            raise click.BadParameter(message, ctx, param) from error


#: The greatest id: the column is an INTEGER, and PostgreSQL raises an error for more than 32 bits.
_GREATEST = 2**31 - 1


#: Between addresses that are given at once, as in a mail program.
_SEPARATORS = re.compile(r"[,;]")


def bare_address(typed: str) -> str:
    """The address of ``Zoé <zoe@example.org>``, as mail programs copy it; ``typed`` where it has no such form."""
    _name, opened, address = typed.strip().rpartition("<")
    return address.removesuffix(">") if opened and address.endswith(">") else typed


def several_addresses(typed: str) -> Iterator[str]:
    """The addresses that commas or semicolons part in ``typed``, bare; a comma in a name parts nothing."""
    held = ""
    for part in _SEPARATORS.split(typed):
        held += part
        if "@" in part or not held.strip():
            yield from filter(None, [bare_address(held).strip()])
            held = ""
    if held.strip():
        yield held


def mailing_number(word: str) -> int:
    """The id of a mailing. Raises ``WrongUsage`` for what cannot be one."""
    if not (word.isdecimal() and len(word) <= 10 and int(word) <= _GREATEST):
        raise WrongUsage(_("“{word}” is no mailing's number; `filigrane mailings` lists them").format(word=word))
    return int(word)


def zone_named(name: str) -> ZoneInfo:
    """The time zone called ``name``. Raises ``WrongUsage`` for none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WrongUsage(_("“{name}” is no time zone; write one such as Europe/Paris").format(name=name)) from error
