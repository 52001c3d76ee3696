"""mailings, deliveries, test: what is being sent, to whom, with what outcome."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, Row, select

from composer.approval import FrozenEdition, Seal
from composer.cli.issue import issue_named
from composer.clock import now
from composer.database import open_database, reading
from composer.delivery import cancel, doubts, pause, resume
from composer.delivery.letters import Written, letter, press, signer
from composer.delivery.mailings import counts, find
from composer.delivery.opening import messages
from composer.delivery.reply import Outcome
from composer.delivery.session import send_now
from composer.delivery.staging import allows
from composer.delivery.state import OPEN, State
from composer.delivery.tables import mailings as mailings_table
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.issue import compose, load_issue
from composer.issue.blocks import Audience
from composer.locale import gettext as _
from composer.message import Envelope, Message
from composer.message.address import ascii_address
from composer.message.trial import trial_subject, trial_values
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url, dkim_key, secret_key, smtp_password
from composer.newsroom.model import Newsroom
from composer.rendering import render


@click.command()
@click.argument("words", nargs=-1, metavar="[pause|resume|cancel] [ID]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def mailings(folder: Path, words: tuple[str, ...], as_json: bool) -> None:
    """Show every mailing, or the one of number ID: how far it is, what became of its messages.

    pause ID stops it at once: no message leaves any more, except those whose last line was already written.
    resume ID goes on. cancel ID ends it for good.
    """
    newsroom = load_newsroom(folder)
    engine = open_database(database_url(newsroom), folder)
    orders = {"pause": pause, "resume": resume, "cancel": cancel}
    if words and words[0] in orders:
        if len(words) != 2:
            raise WrongUsage(_("which mailing? For example: filigrane mailings {order} 3").format(order=words[0]))
        orders[words[0]](engine, _number(words[1]))
        words = words[1:]
    if len(words) > 1:
        raise WrongUsage(_("only one mailing at a time: filigrane mailings 3"))
    found = [_progress(row, found) for row, found in _listed(engine, _number(words[0]) if words else None)]
    if as_json:
        click.echo(json.dumps(found[0] if words else found, ensure_ascii=False, indent=2, default=_plain))
        return
    zone = ZoneInfo(newsroom.settings.timezone)
    Console().print(_table(found, zone))
    for progress in found:
        if progress["reason"]:
            click.echo(_("mailing {id}: {reason}").format(id=progress["id"], reason=progress["reason"]))
        if progress["counts"].get(State.IN_DOUBT):
            click.echo(
                _("mailing {id} has doubts; to see them: filigrane deliveries {id} --in-doubt").format(
                    id=progress["id"]
                )
            )


def _number(word: str) -> int:
    if not word.isdecimal():
        raise WrongUsage(_("“{word}” is no mailing's number; `filigrane mailings` lists them").format(word=word))
    return int(word)


def _listed(engine: Engine, mailing_id: int | None) -> list[tuple[Row[Any], dict[str, int]]]:
    with reading(engine).connect() as connection:
        if mailing_id is not None:
            rows = [find(connection, mailing_id)]
        else:
            rows = list(connection.execute(select(mailings_table).order_by(mailings_table.c.id)))
        by_mailing = counts(connection, [row.id for row in rows])
        return [(row, by_mailing.get(row.id, {})) for row in rows]


def _progress(row: Row[Any], found: dict[str, int]) -> dict[str, Any]:
    """What scripts read: ``open`` deliveries still have something before them."""
    names = ("id", "publication", "date", "slug", "subject", "state", "reason", "opened_at", "closed_at")
    return {name: getattr(row, name) for name in names} | {
        "total": sum(found.values()),
        "open": sum(found.get(state, 0) for state in OPEN),
        "counts": found,
    }


def _table(found: list[dict[str, Any]], zone: ZoneInfo) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("#", _("issue"), _("opened"), _("state"), _("done"), _("outcomes")):
        table.add_column(heading, justify="right" if heading in ("#", _("done")) else "left")
    for progress in found:
        total = progress["total"]
        name = f"{progress['publication']}/{progress['date']}" + (f"-{progress['slug']}" if progress["slug"] else "")
        table.add_row(
            str(progress["id"]),
            name,
            f"{progress['opened_at'].astimezone(zone):%Y-%m-%d %H:%M}",
            progress["state"],
            f"{(total - progress['open']) * 100 // total} %" if total else "–",
            "  ".join(f"{state} {progress['counts'][state]}" for state in State if state in progress["counts"]),
        )
    return table


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date


@click.command()
@click.argument("mailing", type=int)
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only those in this state.")
@click.option("--email", metavar="ADDRESS", help="Only this reader's.")
@click.option("--in-doubt", is_flag=True, help="Only those that nobody knows about: --state in_doubt.")
@click.option("--resend", is_flag=True, help="Send what is in doubt once more, the same bytes; needs --yes.")
@click.option("--assume-accepted", is_flag=True, help="Take what is in doubt for accepted; needs --yes.")
@click.option("--yes", is_flag=True, help="Yes, for all deliveries in doubt that the other options choose.")
@click.option("--eml", is_flag=True, help="The message of one delivery on stdout, byte for byte as it was sent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def deliveries(
    folder: Path,
    mailing: int,
    state: str | None,
    email: str | None,
    in_doubt: bool,
    resend: bool,
    assume_accepted: bool,
    yes: bool,
    eml: bool,
    as_json: bool,
) -> None:
    """Show the ledger of MAILING, reader by reader, and decide about deliveries in doubt."""
    if resend and assume_accepted:
        raise WrongUsage(_("--resend or --assume-accepted, not both"))
    if in_doubt or resend or assume_accepted:
        state = state or State.IN_DOUBT
    newsroom = load_newsroom(folder)
    engine = open_database(database_url(newsroom), folder)
    with reading(engine).connect() as connection:
        rows = doubts.rows(connection, mailing, State(state) if state else None, email)
    if resend or assume_accepted:
        click.echo(_decide(engine, mailing, rows, resend, yes), err=as_json)
        with reading(engine).connect() as connection:
            chosen = {row.id for row in rows}
            rows = [row for row in doubts.rows(connection, mailing, None, email) if row.id in chosen]
    if eml:
        click.echo(_bytes(engine, newsroom, rows), nl=False)
    elif as_json:
        click.echo(json.dumps([_delivery(row) for row in rows], ensure_ascii=False, indent=2, default=_plain))
    else:
        for row in rows:
            reply = " ".join(str(part) for part in (row.reply_code, row.reply_status, row.reply_text) if part)
            click.echo(f"{row.id:>8}  {row.state:<10}  {row.email or '–'}  {reply}".rstrip())


def _decide(engine: Engine, mailing: int, rows: Any, resend: bool, yes: bool) -> str:
    ids = [row.id for row in rows if row.state == State.IN_DOUBT]
    if not ids:
        raise Refused(_("nothing here is in doubt: there is nothing to decide"))
    if not yes:
        if resend:
            message = _("{n} messages would be sent a second time to readers who may have the first; to do it: --yes")
        else:
            message = _("{n} readers who may have received nothing would count as served; to do it: --yes")
        raise Refused(message.format(n=len(ids)))
    if resend:
        return _("{n} queued again").format(n=doubts.resend(engine, mailing, ids))
    return _("{n} taken for accepted").format(n=doubts.assume_accepted(engine, mailing, ids))


def _delivery(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "subscriber_id", "email", "state", "attempt", "deferrals", "not_before", "changed_at")
    replies = ("reply_code", "reply_status", "reply_text")
    return {name: getattr(row, name) for name in (*names, *replies)}


def _bytes(engine: Engine, newsroom: Newsroom, rows: Any) -> bytes:
    if len(rows) != 1:
        raise WrongUsage(
            _("--eml shows one message, and {n} are chosen: name the reader with --email").format(n=len(rows))
        )
    (row,) = rows
    with reading(engine).connect() as connection:
        printed_by = press(connection, row.mailing_id, partial(dkim_key, newsroom))
    written = Written(row.mailing_id, row.edition_id, row.subscriber_id, row.subscription_id, row.email)
    return letter(printed_by, written, secret_key(newsroom.root)).content


@click.command()
@click.argument("issue")
@click.option("--to", "addresses", required=True, multiple=True, metavar="ADDRESS", help="Who gets it; repeatable.")
@click.pass_obj
def test(folder: Path, issue: str, addresses: tuple[str, ...]) -> None:
    """Send ISSUE as it stands to a few addresses, marked [test]: the free and the paid edition.

    Nothing is written in the ledger, and the unsubscribe link leads nowhere. Pictures show once the issue is approved
    and `filigrane web` answers.
    """
    newsroom = load_newsroom(folder)
    refused = [address for address in addresses if not allows(newsroom.settings.only_to, address)]
    if refused:
        raise Refused(_("only_to does not let {address} be written to").format(address=", ".join(refused)))
    letters = _trials(newsroom, issue_named(newsroom, issue), addresses, now())
    outcomes = asyncio.run(send_now(newsroom.settings.relays[0], smtp_password(), letters))
    failed: list[Outcome] = []
    for message, outcome in zip(letters, outcomes, strict=True):
        click.echo(f"{message.envelope.rcpt_to}  {outcome.state}  {outcome}")
        failed += [] if outcome.state is State.ACCEPTED else [outcome]
    if failed:
        raise OutsideWorld(_("the relay did not accept every test message"))


def _trials(newsroom: Newsroom, path: Path, addresses: tuple[str, ...], at: datetime) -> list[Message]:
    issue = load_issue(path, newsroom).require()
    publication, dkim = newsroom.publications[issue.key.publication], newsroom.settings.dkim
    signs = signer(dkim.domain, dkim.selector, dkim_key(newsroom)) if dkim else None
    words: dict[Audience, str] = {"free": _("free edition"), "paid": _("paid edition")}
    letters = []
    for position, (audience, word) in enumerate(words.items()):
        edition = compose(issue, newsroom, audience)
        rendering = render(edition, newsroom)
        subject = f"{trial_subject(rendering.subject)} ({word})"
        frozen = FrozenEdition(subject, rendering.html, rendering.text, rendering.slots)
        editions = {(audience, edition.language): frozen}
        unsealed = Seal(issue.key, "", "", at, subject, rendering.preheader, editions, {})
        (template,) = messages(unsealed, newsroom, issue.key.publication, issue.key, at).values()
        for address in map(ascii_address, addresses):
            # A moment later for the second edition: the Message-ID comes from address and time.
            content = template.fill(trial_values(address, at + timedelta(microseconds=position)))
            envelope = Envelope(ascii_address(publication.from_), address)
            letters.append(Message(envelope, signs.sign(content) if signs else content))
    return letters
