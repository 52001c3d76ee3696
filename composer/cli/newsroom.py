"""``filigrane init``, ``new`` and ``schema``: files that an editor starts from."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import get_args

import click

from composer import locale
from composer.cli.configuration import load_newsroom
from composer.cli.say import say
from composer.errors import FiligraneError
from composer.issue.offers import FILE_KINDS, stock_of
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom import Newsroom
from composer.newsroom.schema_files import SCHEMAS, write_schemas
from composer.newsroom.starting import start
from composer.schedule.beginning import begin_issue, renew_schemas
from composer.source.schema import Offers, nothing

_LANGUAGES: tuple[Language, ...] = get_args(Language)


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--language", type=click.Choice(_LANGUAGES), default="fr", show_default=True, help="Of keys and messages."
)
@click.option("--git/--no-git", default=None, help="Put it under git, or not; without either, a terminal is asked.")
def init(folder: Path, language: Language, git: bool | None) -> None:
    """Make a new newsroom in FOLDER, which must be empty, with its database; under git, where that is wanted."""
    from composer.cli.git_offer import offer_git
    from composer.cli.secret import telling_of_address_key
    from composer.database import exists
    from composer.newsroom.environment import database_url
    from composer.subscribers.new_database import create_keyed

    locale.use(language)
    for path in start(folder, FILE_KINDS, language):
        say(path)
    newsroom = load_newsroom(folder)
    url = database_url(newsroom)
    if not exists(url, newsroom.root):  # FILIGRANE_DATABASE_URL may name one that is in use: left alone
        with telling_of_address_key(newsroom.root):
            engine = create_keyed(url, newsroom.root)
            say(engine.url.database)
            engine.dispose()
    offer_git(folder, git)
    publication = "lettre" if language == "fr" else "letter"
    message = _(
        "Next: put your own names in place of the models of {settings} and {house}, then\n"
        "    cd {folder}\n"
        "    filigrane new {publication}"
    )
    settings, house = "config/newsroom.yaml", f"config/publications/{publication}.yaml"
    told = message.format(settings=settings, house=house, folder=shlex.quote(str(folder)), publication=publication)
    for line in told.splitlines():
        say(line, err=True)


@click.command()
@click.argument("publication", metavar="PUBLICATION")
@click.option(
    "--date", "day", metavar="YYYY-MM-DD", help="Date of the issue; the next due one without an issue otherwise."
)
@click.pass_obj
def new(root: Path, publication: str, day: str | None) -> None:
    """Write the skeleton of PUBLICATION's next issue, or of the one named PUBLICATION/DATE or PUBLICATION/DATE-NAME."""
    newsroom = load_newsroom(root)
    publication, _slash, named = publication.removeprefix("issues/").removesuffix(".yaml").partition("/")
    path, remarks = begin_issue(newsroom, publication, day or named or None)
    say(path)
    for line in remarks:
        say(line, err=True)
    say_renewed(newsroom)


def say_renewed(newsroom: Newsroom) -> None:
    """Write the schemas that the skeleton names, and those there are; say so where they were missing or old."""
    if renew_schemas(newsroom):
        say(_("{folder}/ was written anew, for text editors").format(folder=SCHEMAS), err=True)


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder to write into; schema/ in the newsroom otherwise.",
)
@click.option("--language", type=click.Choice(_LANGUAGES), help="Of the keys; both otherwise.")
@click.pass_obj
def schema(root: Path, out: Path | None, language: Language | None) -> None:
    """Write the JSON Schema of each kind of file, for text editors.

    They offer the newsroom's own persons, slots, pictures and ids too. `filigrane lsp` needs none of them.
    """
    offers: Offers = nothing
    with suppress(FiligraneError):  # without a newsroom, the grammar alone
        offers = stock_of(load_newsroom(root)).offered
    for each in (language,) if language else _LANGUAGES:
        for path in write_schemas(out or root / SCHEMAS, FILE_KINDS, each, offers):
            say(path)
