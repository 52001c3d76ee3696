"""``filigrane db``: the database's schema."""

from __future__ import annotations

from pathlib import Path

import click

from composer.database import connect, revision
from composer.database import upgrade as upgrade_schema
from composer.locale import gettext as _
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@click.pass_obj
def upgrade(folder: Path) -> None:
    """Bring the database to what this version of Filigrane needs."""
    newsroom = load_newsroom(folder)
    engine = connect(database_url(newsroom), newsroom.root)
    before = revision(engine)
    upgrade_schema(engine)
    after = revision(engine)
    if before == after:
        told = _("The database is at revision {after} already.")
    else:
        told = _("The database went from revision {before} to {after}.")
    click.echo(told.format(before=before or "-", after=after), err=True)
