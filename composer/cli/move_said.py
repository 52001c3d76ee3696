"""What is typed of one file of several: ``--state 2:unsubscribed`` is of the second; a column, of each that has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import click

from composer.cli.list_import import mapping_typed
from composer.cli.list_words import STATE, codes_typed
from composer.errors import WrongUsage
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.subscribers.move_files import MovedFile, SaidOfFile
from composer.subscribers.standing import STATES, Stance
from composer.subscribers.values import fold

#: The number of a file, before what is said of it.
_NUMBERED = re.compile(r"([0-9]{1,4}):(.+)", re.DOTALL)
#: A column told by its place.
_PLACE = re.compile(r"(?:\w+=)?#[0-9]+(?::.*)?", re.DOTALL)


def said_of_files(
    files: Sequence[MovedFile],
    mapping: Sequence[str],
    ignore: Sequence[str],
    states: Sequence[str],
    delimiter: str | None,
    codes: Sequence[str] = (),
) -> list[SaidOfFile]:
    """What was typed, of each file. Raises ``WrongUsage`` where it must say of which, and does not."""
    numbered = [list(_numbered(texts, len(files))) for texts in (mapping, ignore, states, codes)]
    for option, texts in zip(("--map", "--ignore", "--state", "--code"), numbered, strict=True):
        for number, text in texts:
            if len(files) > 1 and number is None and (option == "--state" or _PLACE.fullmatch(text)):
                message = _("{option} {text}: say of which file; {option} 2:{text} is of the second")
                raise WrongUsage(message.format(option=option, text=text))
    found = []
    for place, file in enumerate(files, 1):
        said = [tuple(text for number, text in texts if number in (None, place)) for texts in numbered]
        maps, ignores, words, meant = said
        # What another file has, and this one has not, is of the other one alone.
        others = {fold(cell) for other in files for cell in other.header} - {fold(cell) for cell in file.header} - {""}
        columns, dropped = mapping_typed(maps)
        mine = {field: [one for one in named if fold(one) not in others] for field, named in columns.items()}
        found.append(
            SaidOfFile(
                {field: named for field, named in mine.items() if named},
                [one for one in (*ignores, *dropped) if fold(one) not in others],
                _state(words),
                [one for one in codes_typed(meant) if fold(one.column) not in others],
                delimiter,
            )
        )
    return found


def _numbered(texts: Sequence[str], files: int) -> Iterator[tuple[int | None, str]]:
    """Number of the file, or None for all of them, and value of each option. Raises ``WrongUsage``."""
    for text in texts:
        numbered = _NUMBERED.fullmatch(text) if files > 1 else None
        if numbered is None:
            yield None, text
        elif 1 <= int(numbered[1]) <= files:
            yield int(numbered[1]), numbered[2]
        else:
            message = ngettext("“{text}”: there is {n} file", "“{text}”: there are {n} files", files)
            raise WrongUsage(message.format(text=text, n=files))


def _state(typed: Sequence[str]) -> Stance | None:
    """What ``--state`` says; the last one counts."""
    words = [STATE.convert(word, None, click.get_current_context()) for word in typed]
    return next((stance for stance, word in STATES.items() if words and word == words[-1]), None)
