"""deliveries: the ledger, reader by reader, and what a person decides about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine, Row

from composer.cli.number import mailing_number
from composer.cli.plain import plain
from composer.cli.word import Word
from composer.database import open_database, reading
from composer.delivery import doubts
from composer.delivery.editions import newest
from composer.delivery.letters import Written, letter, press
from composer.delivery.state import OPEN, State
from composer.delivery.words import state_word
from composer.errors import Refused, WrongUsage
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom import load_newsroom
from composer.newsroom.environment import database_url, dkim_key, secret_key
from composer.newsroom.model import Newsroom


@click.command()
@click.argument("number", metavar="MAILING")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option("--state", type=Word([state.value for state in State], state_word), help="Only those in this state.")
@click.option("--email", "emails", multiple=True, metavar="ADDRESS", help="Only this reader's; repeatable.")
@click.option("--in-doubt", is_flag=True, help="Only those that nobody knows about: --state in_doubt.")
@click.option("--resend", is_flag=True, help="Send again to the readers named, or to those in doubt.")
@click.option("--force", is_flag=True, help="With --resend and readers named: also to who was accepted.")
@click.option("--assume-accepted", is_flag=True, help="Take what is in doubt for accepted.")
@click.option("--yes", is_flag=True, help="Yes, where --resend or --assume-accepted would ask.")
@click.option("--eml", is_flag=True, help="The message of one delivery on stdout, byte for byte as it was sent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def deliveries(
    folder: Path,
    number: str,
    addresses: tuple[str, ...],
    state: str | None,
    emails: tuple[str, ...],
    in_doubt: bool,
    resend: bool,
    force: bool,
    assume_accepted: bool,
    yes: bool,
    eml: bool,
    as_json: bool,
) -> None:
    """Show the ledger of MAILING, reader by reader, or that of a few ADDRESSes; and decide.

    --resend sends again what is in doubt (the same bytes), what was rejected, and at once what was deferred. What was
    accepted is sent a second time only with --force; to who left or is suppressed, never.
    """
    newsroom = load_newsroom(folder)  # first: mistakes on the command line are told in its language, too
    mailing = mailing_number(number)
    if resend and assume_accepted:
        raise WrongUsage(_("--resend or --assume-accepted, not both"))
    named = (*addresses, *emails)
    if force and not (resend and named):
        raise WrongUsage(_("--force goes with --resend and the readers it is for: --resend --force ADDRESS"))
    if in_doubt or assume_accepted or (resend and not named):
        state = state or State.IN_DOUBT
    engine = open_database(database_url(newsroom), folder)
    with reading(engine).connect() as connection:
        rows = doubts.rows(connection, mailing, State(state) if state else None, named)
    if resend or assume_accepted:
        done = _resend(engine, mailing, rows, named, force, yes) if resend else _assume(engine, mailing, rows, yes)
        click.echo(done, err=as_json or eml)
        with reading(engine).connect() as connection:
            chosen = {row.id for row in rows}
            rows = [row for row in doubts.rows(connection, mailing, None, named) if row.id in chosen]
    if eml:
        click.echo(_bytes(engine, newsroom, rows), nl=False)
    elif as_json:
        click.echo(json.dumps([_delivery(row) for row in rows], ensure_ascii=False, indent=2, default=plain))
    else:
        for row in rows:
            reply = " ".join(str(part) for part in (row.reply_code, row.reply_status, row.reply_text) if part)
            click.echo(f"{row.id:>8}  {state_word(row.state):<14}  {row.email or '–'}  {reply}".rstrip())


def _resend(
    engine: Engine, mailing: int, rows: Sequence[Row[Any]], named: Sequence[str], force: bool, yes: bool
) -> str:
    with reading(engine).connect() as connection:
        choice = doubts.choose(connection, mailing, rows, force=force)
    if named and choice.left:  # who names readers is told of each; who names a state means those for whom it can be
        raise Refused("\n".join(_why_not(address, state, mailing) for address, state in choice.left))
    if not choice.ids:
        raise Refused(_("nothing here can be sent again"))
    if choice.doubled:
        twice = ngettext(
            "{n} message would be sent a second time to a reader who may have the first",
            "{n} messages would be sent a second time to readers who may have the first",
            choice.doubled,
        )
        _asked(yes, twice.format(n=choice.doubled))
    count = doubts.resend(engine, mailing, choice.ids, force=force)
    return ngettext("{n} message queued again", "{n} messages queued again", count).format(n=count)


def _why_not(address: str, state: str, mailing: int) -> str:
    sentences = {
        "gone": _("{address} left, or is suppressed: nothing is sent there"),
        State.ACCEPTED: _(
            "{address}: accepted, the relay has taken the message. To send the same one a second time: --force"
        ),
        State.QUEUED: _("{address}: queued, it leaves by itself"),
        State.CLAIMED: _("{address}: claimed, it is about to leave"),
        State.IN_FLIGHT: _("{address}: in flight, the relay has not answered yet"),
        State.EXPIRED: _("{address}: expired, the news of mailing {id} is stale"),
        State.CANCELLED: _("{address}: mailing {id} was cancelled, nothing of it is sent any more"),
    }
    return sentences[state].format(address=address, id=mailing)


def _assume(engine: Engine, mailing: int, rows: Sequence[Row[Any]], yes: bool) -> str:
    ids = [row.id for row in rows if row.state == State.IN_DOUBT]
    if not ids:
        raise Refused(_("nothing here is in doubt: there is nothing to decide"))
    served = ngettext(
        "{n} reader who may have received nothing would count as served",
        "{n} readers who may have received nothing would count as served",
        len(ids),
    )
    _asked(yes, served.format(n=len(ids)))
    count = doubts.assume_accepted(engine, mailing, ids)
    return ngettext("{n} message taken for accepted", "{n} messages taken for accepted", count).format(n=count)


def _asked(yes: bool, what: str) -> None:
    """Go on where somebody says so, on a terminal or by --yes. Raises ``Refused`` otherwise."""
    if yes:
        return
    if not (sys.stdin.isatty() and click.confirm(_("{what}. Do it?").format(what=what), err=True)):
        raise Refused(_("{what}; to do it: --yes").format(what=what))


def _delivery(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "subscriber_id", "email", "state", "attempt", "deferrals", "not_before", "changed_at", "canary")
    replies = ("reply_code", "reply_status", "reply_text")
    return {name: getattr(row, name) for name in (*names, *replies)}


def _bytes(engine: Engine, newsroom: Newsroom, rows: Sequence[Row[Any]]) -> bytes:
    if len(rows) != 1:
        wrong = ngettext(
            "--eml shows one message, and {n} is chosen: name the reader with --email",
            "--eml shows one message, and {n} are chosen: name the reader with --email",
            len(rows),
        )
        raise WrongUsage(wrong.format(n=len(rows)))
    (row,) = rows
    with reading(engine).connect() as connection:
        secret = secret_key(newsroom.root)
        printed_by = press(connection, row.mailing_id, partial(dkim_key, newsroom), secret)
        corrected = newest(connection, [row.mailing_id])
    # What waits leaves in the newest edition, unless it is a resend.
    edition = corrected.get(row.edition_id, row.edition_id) if row.state in OPEN and not row.pinned else row.edition_id
    written = Written(row.mailing_id, edition, row.subscriber_id, row.subscription_id, row.email)
    return letter(printed_by, written, secret).content
