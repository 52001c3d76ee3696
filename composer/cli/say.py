"""The only place where the command line prints: nothing printed can steer a terminal or pass for other text.

Names of files and publications, sources and replies come from elsewhere. Output of data is left as it is: the bytes of
a message (``say_bytes``), the CSV of an export.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from composer.locale import gettext as _
from composer.printable import printable

if TYPE_CHECKING:
    from rich.console import Console


def say(text: object, *, err: bool = False, nl: bool = True, mark: str = "") -> None:
    """Print ``text`` on stdout, or on stderr. ``mark``, of ours, goes before it and may hold colours."""
    click.echo(mark + printable(str(text)), err=err, nl=nl)


def say_bytes(content: bytes) -> None:
    """Write ``content`` on stdout as it is."""
    click.echo(content, nl=False)


#: How often an answer that is neither yes nor no is asked for again.
_ASKED = 3


def ask(question: str) -> bool:
    """Ask on stderr; True where the answer is yes, in either language. No answer is no."""
    for _time in range(_ASKED):
        answer = click.prompt(f"{printable(question)} [{_('y/N')}]", default="", show_default=False, err=True)
        match answer.strip().casefold():
            case "y" | "yes" | "o" | "oui":
                return True
            case "n" | "no" | "non" | "":
                return False
        say(_("answer y or n"), err=True)
    return False


def survive_any_terminal() -> None:
    """Let no sign that the terminal's encoding lacks end a command: it is replaced. A redirection on Windows is such a
    terminal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def console(*, stderr: bool = False) -> Console:
    """Rich's console for tables and bars. Of a bar, the texts of its columns are the caller's to make printable."""
    from rich.console import Console
    from rich.text import Text

    class Printable(Console):
        def render_str(self, text: str, *arguments: object, **options: object) -> Text:
            return super().render_str(printable(text), *arguments, **options)  # type: ignore[arg-type] # reason: passed on

    return Printable(stderr=stderr)
