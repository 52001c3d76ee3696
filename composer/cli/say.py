"""The only place where the command line prints: nothing printed can steer a terminal or pass for other text.

Names of files and publications, sources and replies come from elsewhere. Output of data is left as it is: the bytes of
a message (``say_bytes``), the CSV of an export.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from composer.printable import printable

if TYPE_CHECKING:
    from rich.console import Console


def say(text: object, *, err: bool = False, nl: bool = True, mark: str = "") -> None:
    """Print ``text`` on stdout, or on stderr. ``mark``, of ours, goes before it and may hold colours."""
    click.echo(mark + printable(str(text)), err=err, nl=nl)


def say_bytes(content: bytes) -> None:
    """Write ``content`` on stdout as it is."""
    click.echo(content, nl=False)


def ask(question: str) -> bool:
    """Ask on stderr; True where the answer is yes."""
    return click.confirm(printable(question), err=True)


def console(*, stderr: bool = False) -> Console:
    """Rich's console for tables and bars. Of a bar, the texts of its columns are the caller's to make printable."""
    from rich.console import Console
    from rich.text import Text

    class Printable(Console):
        def render_str(self, text: str, *arguments: object, **options: object) -> Text:
            return super().render_str(printable(text), *arguments, **options)  # type: ignore[arg-type] # reason: passed on

    return Printable(stderr=stderr)
