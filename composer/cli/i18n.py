"""Help and usage errors in the newsroom's language: translated when shown, click's own messages included.

Texts of help stay English constants where commands are declared; they are message identifiers like any other.
"""

from __future__ import annotations

import locale as system_locale
import os
from collections.abc import Sequence
from copy import copy
from inspect import cleandoc
from typing import Any, Protocol, runtime_checkable

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from composer import locale
from composer.cli.say import say
from composer.locale import gettext as _


def _ngettext(one: str, many: str, count: int) -> str:
    if one.startswith("Got unexpected extra argument"):  # click does not say what to type
        return locale.ngettext(
            "one word too many: {args}. What has spaces goes between straight quotes, a value right after its option, "
            "and an issue is one word: publication/date",
            "words too many: {args}. What has spaces goes between straight quotes, a value right after its option, and "
            "an issue is one word: publication/date",
            count,
        )
    return locale.ngettext(one, many, count)


def _quoted(name: str) -> str:
    return _("“{name}”").format(name=name)


def _hints(hints: str | Sequence[str] | None) -> str | None:
    """The names of a parameter, which click puts between straight quotes."""
    each = [hints] if isinstance(hints, str) else list(hints or ())
    return " / ".join(_quoted(name.strip("'")) for hint in each for name in hint.split(" / ")) or None


def did_you_mean(names: Sequence[str]) -> str:
    return _("Did you mean {name}?").format(name=", ".join(map(_quoted, sorted(names))))


def _missing(error: exceptions.MissingParameter) -> str:
    """What to type, with what follows an option: « --by NOM »."""
    parameter, name = error.param, _hints(error.param_hint)
    if parameter is not None and error.ctx is not None:
        shown = parameter.make_metavar(error.ctx)
        name = _quoted(f"{max(parameter.opts, key=len)} {shown}" if isinstance(parameter, click.Option) else shown)
    return _("{name} is missing").format(name=name)


def _none_of(choice: types.Choice[Any], value: Any, ctx: click.Context | None) -> str:
    return _("“{value}” is none of: {known}").format(value=value, known=", ".join(map(str, choice.choices)))


def _range(values: types.IntRange) -> str:
    if values.max is None:
        return _("from {least}").format(least=values.min)
    return _("{least} to {most}").format(least=values.min, most=values.max)


# Under these names click calls the standard gettext, for which no catalogues of click are installed.
for _module in (core, decorators, exceptions, formatting, parser, termui, types):
    for _name, _ours in (("_", locale.gettext), ("ngettext", _ngettext)):
        if hasattr(_module, _name):
            setattr(_module, _name, _ours)

# What click says in signs of programs: straight quotes, 1<=x<=104. And usage errors quote what was typed, which may be
# the name of a file.
for _owner, _name, _said in (
    (exceptions, "echo", lambda message, **_options: say(message, err=True)),
    (exceptions, "_join_param_hints", _hints),
    (exceptions, "_format_possibilities", did_you_mean),
    (exceptions.MissingParameter, "format_message", _missing),
    (types.Choice, "get_invalid_choice_message", _none_of),
    (types.IntRange, "_describe_range", _range),
):
    assert hasattr(_owner, _name), _name
    setattr(_owner, _name, _said)


def system_language() -> locale.Language:
    """The language asked of programs, whether or not its locale is installed: a small system has none but C.

    Source: POSIX.1-2017, 8.2: the first variable that is set decides; else the system's own locale ("French_France").
    """
    asked = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), None)
    return "fr" if (asked or system_locale.getlocale()[0] or "").lower().startswith("fr") else "en"


def spoken(command: click.Command) -> click.Command:
    """A copy of ``command`` with its help in the current language."""
    translated = copy(command)
    translated.help = locale.gettext(cleandoc(command.help or ""))
    translated.params = [_parameter(each) for each in command.params]
    if isinstance(command, click.Group) and isinstance(translated, click.Group):
        translated.subcommand_metavar = locale.gettext("COMMAND [ARGS]...")
        translated.commands = {name: spoken(each) for name, each in command.commands.items()}
    return translated


@runtime_checkable
class Choices(Protocol):
    """A ``Word`` of params, which is not imported here: it is slow to load."""

    def shown(self, word: Any) -> str: ...

    def known(self) -> str: ...


def name_path(parameter: click.Parameter) -> None:
    """Name what ``parameter`` wants in the current language: click does when the command is imported."""
    if isinstance(parameter.type, click.Path):
        kind = copy(parameter.type)
        kind.name = _("directory") if not kind.file_okay else _("file") if not kind.dir_okay else _("path")
        parameter.type = kind


def _parameter(parameter: click.Parameter) -> click.Parameter:
    said = copy(parameter)
    said.metavar = locale.gettext(parameter.metavar) if parameter.metavar else None
    if isinstance(said.type, click.IntRange):
        said.type = copy(said.type)
        said.type.name = locale.gettext("whole number")  # click says "integer range", in every language
    name_path(said)
    if isinstance(said, click.Option):
        said.help = locale.gettext(said.help or "")
        if "{words}" in said.help and isinstance(said.type, Choices):
            said.help = said.help.format(words=said.type.known())
        if isinstance(said.show_default, str):
            said.show_default = locale.gettext(said.show_default)
        elif said.show_default and isinstance(said.type, Choices):
            said.show_default = said.type.shown(said.default)
    return said
