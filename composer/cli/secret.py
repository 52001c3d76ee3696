"""secret: the key that every way out and return path depends on."""

from __future__ import annotations

from pathlib import Path

import click

from composer.cli.say import say
from composer.locale import gettext as _


@click.group()
def secret() -> None:
    """The secret key."""


@secret.command("new")
@click.option("--print", "shown", is_flag=True, help="Print a key, for FILIGRANE_SECRET_KEY, and write no file.")
@click.pass_obj
def make(folder: Path, shown: bool) -> None:
    """Make a secret key, in var/secret.key, which only this account can read. Overwrites nothing.

    Keep a copy elsewhere, and not beside the backups: links already sent depend on it.
    """
    from composer.cli.configuration import load_newsroom
    from composer.newsroom.environment import SECRET_FILE, key_in_environment
    from composer.newsroom.making_keys import new_key_text, write_secret

    if shown:
        say(new_key_text())
        return
    write_secret(load_newsroom(folder).root)
    told = _("The secret key is in {file}. Keep a copy elsewhere: links already sent depend on it.")
    say(told.format(file=SECRET_FILE), err=True)
    if key_in_environment():
        say(_("FILIGRANE_SECRET_KEY is set here and goes first: this file is not read."), err=True)
