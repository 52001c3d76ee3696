"""mailings: the progress of mailings, and the orders pause, resume, cancel, amend, release."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from sqlalchemy import Engine

from composer.cli.configuration import load_newsroom
from composer.cli.confirm import confirm
from composer.cli.json_output import plain
from composer.cli.other_words import order_meant
from composer.cli.packed import Packed
from composer.cli.params import mailing_number
from composer.cli.say import console, say
from composer.cli.welcome import welcome_lines
from composer.clock import now
from composer.database import open_database, read_only
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import find, how_many
from composer.delivery.ledger.progress import Follower, Progress, progress
from composer.delivery.ledger.readers import rehearsal_words
from composer.delivery.ledger.welcome import day_of_number
from composer.delivery.ledger.workers import any_alive
from composer.delivery.limits.connection_quota import nobody_answers
from composer.delivery.limits.rate_limits import RateLimits, quiet_rates
from composer.delivery.orders import ORDERS, page_goes_words, rolled_back_words
from composer.delivery.state import NOT_OVER, MailingState, State
from composer.errors import WrongUsage
from composer.locale import gettext as _
from composer.locale import language, ngettext
from composer.locale.dates import dated_hour
from composer.newsroom.environment import database_url, secret_key
from composer.newsroom.model import Newsroom
from composer.printable import printable
from composer.returns.answers import answers_to
from composer.schedule.progress_words import mailing_name, numbers_words, outcome_words
from composer.schedule.standstill import standstill
from composer.schedule.wording import short_hour

#: Seconds between two queries of the ledger.
_LOOK = 1.0

#: Mailings shown without an ID, --last or --all.
_LAST = 20


@click.command()
@click.argument("words", nargs=-1, metavar="[pause|resume|cancel|amend|release] [ID]")
@click.option("--follow", is_flag=True, help="Stay until it is over, with its rate and its end time (stderr).")
@click.option("--last", type=click.IntRange(1, 1_000_000), metavar="N", help="So many of the newest; 20 otherwise.")
@click.option("--all", "every", is_flag=True, help="Every mailing there ever was.")
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def mailings(
    folder: Path, words: tuple[str, ...], follow: bool, last: int | None, every: bool, yes: bool, as_json: bool
) -> None:
    """Show the last 20 mailings and all that are not over, or the one of number ID: how far it is, what became of its
    messages. The letters of a welcome path, a mailing a day each, have a line a letter; --all --json has each mailing.

    pause ID stops it at once, on every host: no message leaves any more, except those whose last line was already
    written. resume ID goes on. cancel ID ends it for good. amend ID stops it, and goes on with the issue as it was
    mended and approved again: who has the first edition keeps it, the others get the new one. release ID lets
    everybody's messages leave before the canaries' hold is over.
    """
    newsroom = load_newsroom(folder)
    if (every or last) and (words or (every and last)):
        raise WrongUsage(_("--last N, or --all, or the number of one mailing"))
    engine = open_database(database_url(newsroom), folder)
    if words and words[0] in (*ORDERS, "amend"):
        if len(words) != 2:
            raise WrongUsage(_("which mailing? For example: filigrane mailings {order} 3").format(order=words[0]))
        _order(words[0], mailing_number(words[1]), newsroom, engine, yes)
        words = words[1:]
    if len(words) == 2 and words[1] in (*ORDERS, "amend"):
        raise WrongUsage(
            _("the order comes first: filigrane mailings {order} {id}").format(order=words[1], id=words[0])
        )
    if len(words) > 1 and not words[0].isdecimal():
        message = _("“{word}” is none of the orders: {known}")
        message = message.format(word=words[0], known=", ".join((*ORDERS, "amend")))
        meant = order_meant(words[0])
        raise WrongUsage(message + (_("; did you mean {better}?").format(better=meant) if meant else ""))
    if len(words) > 1:
        raise WrongUsage(_("only one mailing at a time: filigrane mailings 3"))
    mailing = mailing_number(words[0]) if words else None
    if follow:
        if mailing is None:
            raise WrongUsage(_("which mailing? For example: filigrane mailings 3 --follow"))
        _follow(engine, mailing, ZoneInfo(newsroom.settings.timezone))
    with read_only(engine).connect() as connection:
        found, silent = progress(connection, mailing, None if every else last or _LAST), quiet_rates(connection)
        answered = answers_to(connection, [each.mailing.id for each in found])
        number = len(found) if mailing is not None else how_many(connection)
        welcome = [] if mailing is not None else progress(connection, welcome=True)
        used_up, away = RateLimits(newsroom).used_up(connection), nobody_answers(connection, 0)
        alive = any_alive(connection)
    hidden = _("{shown} of {number} mailings shown, the newest and those that are not over; the others: --all")
    partly = [hidden.format(shown=len(found), number=number)] if len(found) < number else []
    if as_json:
        days = [each for each in welcome if every or each.mailing.state in NOT_OVER]
        document = [
            _document(each) | {"answers": answered.get(each.mailing.id, 0)}
            for each in sorted([*found, *days], key=lambda each: each.mailing.id)
        ]
        say(json.dumps(document[0] if words else document, ensure_ascii=False, indent=2, default=plain))
        say("\n".join(partly), err=True, nl=bool(partly))
        return
    zone = ZoneInfo(newsroom.settings.timezone)
    if found:
        console().print(_table(found, answered, zone))
    elif not welcome:
        say(_("there is no mailing yet"))
    open_days = [each for each in welcome if each.mailing.state in NOT_OVER]
    for line in (*partly, *welcome_lines(welcome, zone), *_remarks([*found, *open_days], zone, alive=alive)):
        say(line)
    for rate in silent:
        until = short_hour(rate.until, ZoneInfo(newsroom.settings.timezone))
        line = _("nothing leaves through {relay} for {whom} before {until}, unless a mailing is resumed: {reason}")
        whom = rate.provider or _("everybody")
        say(line.format(relay=rate.relay, whom=whom, until=until, reason=rate.reason))
    for relay, cap in used_up:
        line = _("{relay} is at its cap of the day, {cap} (warm_up); it takes the next ones after midnight UTC")
        say(line.format(relay=relay, cap=cap))
    if away is not None:
        say(_("no relay takes anything: {why}").format(why=away))
    for line in standstill(engine, found, partial(short_hour, zone=ZoneInfo(newsroom.settings.timezone))):
        say(line)


def _ask_if_rolled_back(mailing: int, engine: Engine, yes: bool) -> None:
    """Before a mailing goes on that is paused because the database lost commits. Raises ``Refused``."""
    with read_only(engine).connect() as connection:
        known = rolled_back_words(connection, mailing)
    if known is not None:
        confirm(yes, known)


def _order(word: str, mailing: int, newsroom: Newsroom, engine: Engine, yes: bool) -> None:
    if word in ("resume", "release", "amend"):
        _ask_if_rolled_back(mailing, engine, yes)
    if word != "amend":
        ORDERS[word](engine, mailing)
        if word == "cancel":
            with read_only(engine).connect() as connection:
                if goes := page_goes_words(connection, mailing, newsroom):
                    say(goes, err=True)
        return
    from composer.schedule.amending import amend_now  # imports composing: 30 MB that no other order needs

    readers = amend_now(mailing, newsroom, engine, secret_key(newsroom.root))
    amended = ngettext(
        "mailing {id} goes on: {n} reader gets the corrected edition, the others keep theirs",
        "mailing {id} goes on: {n} readers get the corrected edition, the others keep theirs",
        readers,
    )
    say(amended.format(id=mailing, n=readers), err=True)


def _document(found: Progress) -> dict[str, Any]:
    """The JSON of a mailing: ``open`` counts deliveries that are not settled yet."""
    names = ("id", "publication", "date", "slug", "subject", "state", "reason", "opened_at", "closed_at")
    later = ("version", "amended_at", "canary_until", "readers")
    number: int = found.mailing.rehearsal
    return {name: getattr(found.mailing, name) for name in (*names, *later)} | {
        "rehearsal": max(number, 0),
        "welcome_day": day_of_number(number),
        "total": found.total,
        "open": found.open,
        "counts": dict(found.counts),
        "per_minute": found.per_minute,
        "ends_at": found.ends_at,
    }


def _follow(engine: Engine, mailing: int, zone: ZoneInfo) -> None:
    """Show the mailing's progress until none of it is under way, or Ctrl-C."""
    with read_only(engine).connect() as connection:
        find(connection, mailing)  # refused before a bar is drawn
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[numbers]}")
    with Bar(*columns, console=console(stderr=True), redirect_stdout=False) as bar:
        task, follower = bar.add_task("", total=None, numbers=""), Follower(mailing)
        while True:
            with read_only(engine).connect() as connection:
                found = follower.look(connection)
            numbers = numbers_words(found, zone)
            bar.update(
                task,
                description=printable(mailing_name(found)),
                total=found.total or 1,
                completed=found.served,
                numbers=numbers,
            )
            if not found.under_way:
                return
            try:
                time.sleep(_LOOK)
            except KeyboardInterrupt:
                return


def _table(found: list[Progress], answered: Mapping[int, int], zone: ZoneInfo) -> Table:
    """``answered``: number of a mailing → the number of its readers' answers, one each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("#", _("issue"), _("opened"), _("state"), _("progress"), _("outcomes")):
        table.add_column(
            heading,
            justify="right" if heading in ("#", _("progress")) else "left",
            no_wrap=heading not in (_("state"), _("outcomes")),
        )
    for each in found:
        outcomes = outcome_words(each.counts)
        count = answered.get(each.mailing.id)
        table.add_row(
            str(each.mailing.id),
            mailing_name(each),
            dated_hour(each.mailing.opened_at.astimezone(zone), "d MMM HH:mm", language()),
            state_word(each.mailing.state),
            f"{each.served * 100 // each.total} %" if each.total else _("no reader"),
            Packed([*outcomes, *([_("answered {count}").format(count=count)] if count else [])]),
        )
    return table


def _remarks(found: Iterable[Progress], zone: ZoneInfo, *, alive: bool) -> Iterable[str]:
    """What the table cannot say. ``alive``: a worker is, so that the rate of the last minute still holds."""
    for each in found:
        row = each.mailing
        if row.readers is not None:
            told = rehearsal_words(each.total, row.readers)
            yield _("mailing {id}: {reason}").format(id=row.id, reason=told)
        if row.reason:
            yield _("mailing {id}: {reason}").format(id=row.id, reason=row.reason)
        if row.state == MailingState.PAUSED and row.canary_until is None:
            told = _(
                "mailing {id} is paused; to go on: filigrane mailings resume {id}; to give it up: filigrane mailings "
                "cancel {id}"
            )
            yield told.format(id=row.id)
        if not each.total and row.state == MailingState.DONE:
            yield _("mailing {id} had no reader: nothing was sent").format(id=row.id)
        if alive and each.per_minute and each.under_way and each.held_until is None:
            yield f"{mailing_name(each)}: {numbers_words(each, zone)}"
        if row.version > 1:
            yield _("mailing {id} was amended: edition {version}").format(id=row.id, version=row.version)
        if each.held_until is not None:
            yield _(
                "mailing {id} holds everybody else back for its canaries until {hour}, "
                "and until each of them was tried; "
                "sooner: filigrane mailings release {id}; never: filigrane mailings cancel {id}"
            ).format(id=row.id, hour=short_hour(each.held_until, zone))
        elif row.canary_until is not None and row.state == MailingState.PAUSED:
            yield _(
                "mailing {id} is paused, and holds everybody else back for its canaries; to go on with these: "
                "filigrane mailings resume {id}; with everybody: filigrane mailings release {id}; to give it up: "
                "filigrane mailings cancel {id}"
            ).format(id=row.id)
        if late := each.counts.get(State.EXPIRED):
            expired = ngettext(
                "mailing {id}: {n} message expired, its news was stale before it could leave; to send it all the same: "
                "filigrane deliveries {id} --resend --state expired --force",
                "mailing {id}: {n} messages expired, its news was stale before they could leave; to send them all the "
                "same: filigrane deliveries {id} --resend --state expired --force",
                late,
            )
            yield expired.format(id=row.id, n=late)
        if row.state in NOT_OVER and row.expires_at is not None and row.expires_at <= now():
            yield _(
                "mailing {id}: its news is stale since {hour}, and nothing of it leaves; the next tick of filigrane "
                "run closes it"
            ).format(id=row.id, hour=short_hour(row.expires_at, zone))
        if each.counts.get(State.IN_DOUBT):
            yield _("mailing {id} has doubts; to see them: filigrane deliveries {id} --in-doubt").format(id=row.id)
