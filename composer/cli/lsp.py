"""``filigrane lsp``: findings, completion and hover in the editor's own text editor."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

from composer.cli.explain import entries
from composer.cli.say import say
from composer.errors import Refused
from composer.locale import gettext as _


@click.command()
@click.option("--stdio", is_flag=True, hidden=True, expose_value=False, help="The only way there is; clients say it.")
def lsp() -> None:
    """Serve a text editor, over stdin and stdout: what `check` finds, as one types, and completion.

    The text editor starts it: docs/text-editors.md has its lines of configuration. The newsroom is the one that the
    open file is in.
    """
    if find_spec("pygls") is None:
        raise Refused(_("the language server needs one more package: pip install 'filigrane[lsp]'"))
    if sys.stdin.isatty():
        say(_("a text editor starts this, and speaks to it; nothing is to be typed here (Ctrl-C ends it)"), err=True)
    from composer.lsp.server import serve_editor

    serve_editor(entries)
