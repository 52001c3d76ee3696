"""A word of the ledger, as somebody types it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from composer.locale import gettext as _
from composer.source.keys import fold


class Word(click.ParamType[str, Any]):
    """One of ``words``, or what ``said`` calls it in the newsroom's language, whatever its accents and hyphens."""

    name = "word"

    def __init__(self, words: Sequence[str], said: Callable[[str], str]) -> None:
        self._words, self._said = tuple(words), said

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(self._words)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        for word in self._words:
            if fold(value) in (fold(word), fold(self._said(word))):
                return word
        known = ", ".join(dict.fromkeys(each for word in self._words for each in (word, self._said(word))))
        raise click.BadParameter(_("“{value}” is none of: {known}").format(value=value, known=known), ctx, param)
