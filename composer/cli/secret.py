"""secret: the key that every way out and return path depends on, and the one by which the forgotten are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from composer.cli.confirm import confirm
from composer.cli.say import say
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.environment import ADDRESS_KEY, ADDRESS_KEY_FILE, SECRET_FILE, database_url, key_in_environment


@click.group()
def secret() -> None:
    """The secret key, and the address key."""


@secret.command("new")
@click.option("--print", "shown", is_flag=True, help="Print a key, for a variable, and write no file.")
@click.option("--addresses", is_flag=True, help="An address key, in place of one that is lost everywhere.")
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.pass_obj
def make(folder: Path, shown: bool, addresses: bool, yes: bool) -> None:
    """Make a secret key, in var/secret.key, which only this account can read. Overwrites nothing.

    Keep a copy elsewhere, and not beside the backups: links already sent depend on it. The address key is made with the
    database, in var/address.key. It never changes: where it is lost, --addresses says who can no longer be recognised
    before it makes another.
    """
    from composer.cli.configuration import load_newsroom
    from composer.newsroom.making_keys import new_key_text, write_secret

    if shown:
        say(new_key_text())
        return
    if addresses:
        _replace_lost(folder, yes)
        return
    write_secret(load_newsroom(folder).root)
    told = _("The secret key is in {file}. Keep a copy elsewhere: links already sent depend on it.")
    say(told.format(file=SECRET_FILE), err=True)
    if key_in_environment():
        say(_("FILIGRANE_SECRET_KEY is set here and goes first: this file is not read."), err=True)


def _replace_lost(folder: Path, yes: bool) -> None:
    from composer.cli.configuration import load_newsroom
    from composer.database import open_database, read_only
    from composer.subscribers.lost_key import replace_lost, require_lost, unrecognisable

    newsroom = load_newsroom(folder)
    engine = open_database(database_url(newsroom), newsroom.root)
    require_lost(engine, newsroom.root)
    with read_only(engine).connect() as connection:
        number = unrecognisable(connection)
    what = ngettext(
        "{n} address that was forgotten or suppressed will never be recognised again: a list that holds it brings it "
        "back, and it is written to. Look first for the key (with the secrets, on another host of this newsroom, in "
        "each backup of theirs): once this is done the former one is of no use",
        "{n} addresses that were forgotten or suppressed will never be recognised again: a list that holds them brings "
        "them back, and they are written to. Look first for the key (with the secrets, on another host of this "
        "newsroom, in each backup of theirs): once this is done the former one is of no use",
        number,
    )
    confirm(yes, what.format(n=number))
    with telling_of_address_key(newsroom.root):
        known = replace_lost(engine, newsroom.root)
    told = ngettext("{n} row of an address has the new key.", "{n} rows of addresses have the new key.", known)
    say(told.format(n=known), err=True)


@contextmanager
def telling_of_address_key(root: Path) -> Iterator[Callable[[], bytes]]:
    """Say, where an address key was made meanwhile, where it is and what depends on it.

    Yields what gives the key of a database that is made or upgraded. One that was asked for is told also where its file
    was there: a command that was cut short may have made it, and said nothing.
    """
    from composer.newsroom.making_keys import address_key_or_new

    file, asked = root / ADDRESS_KEY_FILE, list[bytes]()
    before = file.exists()

    def key() -> bytes:
        asked.append(address_key_or_new(root))
        return asked[-1]

    yield key
    if file.exists() and (asked or not before):
        told = _(
            "The address key is in {file}. Keep a copy with the other secrets, and not beside the backups; every host "
            "of this newsroom needs the same one, in that file or in {variable}. Without it nobody who was forgotten "
            "or suppressed is recognised."
        )
        say(told.format(file=ADDRESS_KEY_FILE, variable=ADDRESS_KEY), err=True)
