"""``filigrane init``, ``new`` and ``schema``: files that an editor starts from."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import click

from composer import clock, locale
from composer.cli.configuration import load_newsroom
from composer.cli.say import say
from composer.errors import FiligraneError, Refused, WrongUsage
from composer.issue import find_issues, issue_path
from composer.issue.files import date_and_name, day_of
from composer.issue.model import IssueKey
from composer.issue.offers import FILE_KINDS, stock_of
from composer.issue.skeleton import errata_before, skeleton
from composer.locale import Language
from composer.locale import gettext as _
from composer.newsroom import Newsroom
from composer.newsroom.schema_files import SCHEMAS, old_schemas, write_schemas
from composer.newsroom.starting import start, write_new
from composer.newsroom.unread import publication_named
from composer.newsroom.weekdays import comes_out
from composer.schedule.calendar import due_between, instant
from composer.source.scalars import guessed_date
from composer.source.schema import Offers, nothing
from composer.source.vocabulary import key_name

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
    day = day or named or None
    publication_named(newsroom, publication)
    date, slug = (_next(newsroom, publication), "") if day is None else _date(day)
    path = issue_path(newsroom, IssueKey(publication, date, slug))
    write_new(path, skeleton(newsroom, publication, date, errata_before(newsroom, publication, date)))
    say(path)
    for line in _not_leaving(newsroom, publication, date):
        say(line, err=True)
    renew_schemas(newsroom)


def _not_leaving(newsroom: Newsroom, publication: str, date: Date) -> Iterator[str]:
    """Why an issue of ``date`` would not leave by itself."""
    schedule, zone = newsroom.publications[publication].schedule, ZoneInfo(newsroom.settings.timezone)
    if instant(date, schedule.at, zone) <= clock.now():
        yield _("its hour is past: it does not leave by itself any more")
    elif not comes_out(schedule, date):
        yield _("{publication} does not come out on that day: it leaves by filigrane send alone").format(
            publication=publication
        )
    elif date in schedule.skip:
        message = _("{date} is under “{key}” of the publication's schedule: nothing leaves by itself that day")
        yield message.format(date=date, key=key_name("skip", newsroom.settings.keys))


def renew_schemas(newsroom: Newsroom) -> None:
    """Write the schemas that the skeleton names, and those there are; say so where they were missing or old."""
    folder, keys = newsroom.root / SCHEMAS, newsroom.settings.keys
    told = not (folder / f"issue.{keys}.json").is_file() or bool(old_schemas(folder, FILE_KINDS))
    offers = stock_of(newsroom).offered
    for language in _LANGUAGES:
        if language == keys or (folder / f"issue.{language}.json").is_file():
            write_schemas(folder, FILE_KINDS, language, offers)
    if told:
        say(_("{folder}/ was written anew, for text editors").format(folder=SCHEMAS), err=True)


def _date(text: str) -> tuple[Date, str]:
    """The date, and the name after it where there is one."""
    if (found := date_and_name(text)) is not None:
        return found
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise WrongUsage(_("there is no day {date} in the calendar").format(date=text))
    if day_of(text[:10]) is not None:
        message = _(
            "after the date may stand a name, in small letters, digits and hyphens: 2026-12-15-special. A translation "
            "begins as a copy of its original, named 2026-12-15.en.yaml"
        )
        raise WrongUsage(message)
    guessed = guessed_date(text) or "2026-12-15"
    raise WrongUsage(_("a date is written year-month-day: {date}").format(date=guessed))


def _next(newsroom: Newsroom, publication: str) -> Date:
    schedule, zone = newsroom.publications[publication].schedule, ZoneInfo(newsroom.settings.timezone)
    written = {file.key.date for file in find_issues(newsroom, publication)}
    now = clock.now()
    for due in due_between(schedule, zone, now, now + timedelta(days=731)):
        if not due.skipped and due.date not in written:
            return due.date
    raise Refused(_("no date of the next two years is free: give one with --date"))


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
