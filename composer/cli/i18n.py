"""Help and usage errors in the newsroom's language: translated when shown, click's own messages included.

Texts of help stay English constants where commands are declared; they are message identifiers like any other.
"""

from __future__ import annotations

import locale as system_locale
import os
from copy import copy
from inspect import cleandoc

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from composer import locale
from composer.cli.say import say

# Under these names click calls the standard gettext, for which no catalogues of click are installed.
for _module in (core, decorators, exceptions, formatting, parser, termui, types):
    for _name, _ours in (("_", locale.gettext), ("ngettext", locale.ngettext)):
        if hasattr(_module, _name):
            setattr(_module, _name, _ours)

# Usage errors quote what was typed, which may be the name of a file.
setattr(exceptions, "echo", lambda message, **_options: say(message, err=True))  # noqa: B010 # reason: click prints by this name


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


def _parameter(parameter: click.Parameter) -> click.Parameter:
    said = copy(parameter)
    said.metavar = locale.gettext(parameter.metavar) if parameter.metavar else None
    if isinstance(said.type, click.IntRange):
        said.type = copy(said.type)
        said.type.name = locale.gettext("whole number")  # click says "integer range", in every language
    if isinstance(said, click.Option):
        said.help = locale.gettext(said.help or "")
        if isinstance(said.show_default, str):
            said.show_default = locale.gettext(said.show_default)
        elif said.show_default and hasattr(said.type, "shown"):  # a ``Word`` of params, not imported here: slow to load
            said.show_default = said.type.shown(said.default)
    return said
