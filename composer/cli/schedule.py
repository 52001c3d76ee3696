"""calendar, send, skip: what is due when, and exceptions to it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.table import Table
from sqlalchemy import Engine

from composer import clock
from composer.cli.configuration import load_newsroom
from composer.cli.confirm import confirm
from composer.cli.issue import issue_named
from composer.cli.say import console, say
from composer.cli.welcome import path_lines
from composer.database import open_database, read_only
from composer.delivery.ledger.place import unsettled_copy
from composer.delivery.ledger.readers import count_readers, readers_words
from composer.errors import WrongUsage
from composer.issue.files import day_of, example_name
from composer.locale import Language, language, ngettext
from composer.locale import gettext as _
from composer.locale.dates import dated_hour
from composer.newsroom.environment import database_url, secret_key
from composer.newsroom.model import Newsroom
from composer.newsroom.unread import consequences
from composer.schedule import gone
from composer.schedule.calendar_words import due_name, due_state, due_to_do
from composer.schedule.ledger_here import ledger_here
from composer.schedule.manual import open_later, open_now, sendable
from composer.schedule.manual import skip as skip_issue
from composer.schedule.manual_words import (
    held_then_words,
    instant_typed,
    leaving_words,
    planned_words,
    skipped_words,
)
from composer.schedule.rolled_back import copy_words
from composer.schedule.upcoming import Upcoming, upcoming
from composer.subscribers.address_key import open_keyed


@click.command()
@click.option("--weeks", type=click.IntRange(1, 104), metavar="N", default=6, show_default=True, help="How far ahead.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def calendar(folder: Path, weeks: int, as_json: bool) -> None:
    """Show what is due when, from a week ago on: its issue, its state, its sponsors."""
    newsroom = load_newsroom(folder)
    here = ledger_here(newsroom)
    if here.unknown is not None:
        say(here.unknown, err=True)
    _show(newsroom, here.engine, weeks, as_json)
    if here.trouble is not None:  # once the dates are shown
        raise here.trouble


def _show(newsroom: Newsroom, engine: Engine | None, weeks: int, as_json: bool) -> None:
    entries = upcoming(newsroom, engine, clock.now(), weeks)
    if as_json:
        say(json.dumps([_plain(entry) for entry in entries], ensure_ascii=False, indent=2))
        return
    unknown = [each for each in consequences(newsroom) if not entries]
    if entries:
        console().print(_table(entries, newsroom.settings.keys))
        for line in filter(None, map(due_to_do, entries)):
            say(line)
    elif unknown:
        for line in unknown:
            say(line)
    else:
        nothing = ngettext("nothing is due in the coming week", "nothing is due in the coming {n} weeks", weeks)
        say(nothing.format(n=weeks))
    if engine is None:
        for line in path_lines(newsroom, None, clock.now()):
            say(line)
    else:
        _say_if_a_copy(newsroom, engine)
        with read_only(engine).connect() as connection:
            for line in path_lines(newsroom, connection, clock.now()):
                say(line)
            for each in gone.waiting_for_gone(connection, newsroom):
                say(each.sentence)


def _say_if_a_copy(newsroom: Newsroom, engine: Engine) -> None:
    with read_only(engine).connect() as connection:
        if unsettled_copy(connection) and not newsroom.settings.only_to:
            say(copy_words(), err=True)


def _plain(entry: Upcoming) -> dict[str, object]:
    plain = {"date": entry.date.isoformat(), "at": entry.at.isoformat()}
    return asdict(entry) | plain | {"readers": None if entry.readers is None else entry.readers.as_json()}


def _table(entries: Iterable[Upcoming], keys: Language) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, whole in ((_("leaves"), True), (_("issue"), True), (_("state, readers, advertisements"), False)):
        table.add_column(heading, no_wrap=whole, overflow="fold")
    for entry in entries:
        lines = [due_state(entry, keys)]
        if entry.readers is not None and entry.readers.subscribed:
            lines.append(readers_words(entry.readers))
        lines += [f"{booked.slot} : {booked.advertiser}" for booked in entry.sponsors]
        when = dated_hour(entry.at, "EEE d MMM HH:mm", language())
        table.add_row(when, _issue(entry), "\n".join(lines))
    return table


def _issue(entry: Upcoming) -> str:
    """publication/date, as commands take it, and the language of each translation: « samedi/2026-11-28 + en »."""
    return " + ".join([due_name(entry), *entry.translations])


@click.command()
@click.argument("issue", metavar="ISSUE")
@click.option("--at", "at", metavar="TIME", help='Later: "15:00", or "2026-11-27 15:00", by the newsroom’s clocks.')
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.pass_obj
def send(folder: Path, issue: str, at: str | None, yes: bool) -> None:
    """Send ISSUE now, off schedule, or at TIME. It must be approved and have a reader; it is sent at most once.

    ISSUE is a file, or publication/date. It says to how many readers, and asks; in a script --yes answers. A running
    daemon or worker sends it. At TIME, which is not asked about, the daemon sends it as it is approved then; filigrane
    calendar shows it, filigrane skip takes it back.
    """
    newsroom = load_newsroom(folder)
    engine = open_keyed(database_url(newsroom), folder)
    path = issue_named(newsroom, issue)
    _say_if_a_copy(newsroom, engine)
    if at is not None:
        later = instant_typed(at, ZoneInfo(newsroom.settings.timezone))
        held = open_later(clock.now(), path, newsroom, engine, later)
        say(planned_words(issue, later, newsroom))
        if held is not None:
            say(held_then_words(held), err=True)
        else:
            with read_only(engine).connect() as connection:
                say(readers_words(count_readers(connection, newsroom, path.parent.name)), err=True)
        return
    secret, seal = secret_key(folder), sendable(path, newsroom, engine)
    languages = sorted({spoken for _audience, spoken in seal.editions})
    with read_only(engine).connect() as connection:
        readers = readers_words(count_readers(connection, newsroom, seal.key.publication, languages))
    leaving = leaving_words(seal.key, readers, newsroom)
    if yes:
        say(leaving, err=True)
    confirm(yes, leaving)
    mailing = open_now(clock.now(), path, newsroom, engine, secret)
    say(_("mailing {id} is open: “filigrane run” or “filigrane worker” sends it").format(id=mailing))
    say(_("to follow it: filigrane mailings {id}").format(id=mailing))


@click.command()
@click.argument("issue", metavar="PUBLICATION/DATE")
@click.pass_obj
def skip(folder: Path, issue: str) -> None:
    """Say that the letter of PUBLICATION due on DATE is not to be sent: its readers have had it, or never will.

    What is held and asks is settled by this, or by filigrane send.
    """
    newsroom = load_newsroom(folder)
    publication, _slash, written = issue.removesuffix(".yaml").rpartition("/")
    publication = publication.removeprefix("issues/")
    date, slug = day_of(written[:10]), written[11:]
    if date is None or not publication or written[10:11] not in ("", "-"):
        message = _("a due date is named as publication/date: {example}")
        raise WrongUsage(message.format(example=example_name(folder)))
    skip_issue(clock.now(), newsroom, open_database(database_url(newsroom), folder), publication, date, slug)
    say(skipped_words(issue))
