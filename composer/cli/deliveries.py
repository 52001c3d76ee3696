"""deliveries: show the ledger, reader by reader, and resend or settle deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine, Row

from composer.cli.configuration import load_newsroom
from composer.cli.confirm import confirm
from composer.cli.json_output import json_array
from composer.cli.params import LinesFile, Word, bare_address, mailing_number
from composer.cli.say import say, say_bytes
from composer.clock import now
from composer.database import read_only
from composer.delivery.ledger import resend as decisions
from composer.delivery.ledger.accepted_list import ListedDeliveries, read_accepted
from composer.delivery.ledger.editions import newest
from composer.delivery.ledger.folded import Taken, taken
from composer.delivery.ledger.labels import reply_words, state_word
from composer.delivery.ledger.listing import PAGE, by_id, ids, whole
from composer.delivery.ledger.mailings import find
from composer.delivery.ledger.messages import MessageInputs, build_message, mailing_templates
from composer.delivery.ledger.workers import sweep_dead
from composer.delivery.state import NOT_OVER, OPEN, MailingState, State
from composer.delivery.tables import deliveries as table
from composer.errors import Refused, WrongUsage
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.environment import database_url, dkim_key, former_keys, secret_key
from composer.newsroom.model import Newsroom
from composer.returns.came_back import CameBack, came_back
from composer.schedule.wording import short_hour
from composer.subscribers.address_key import open_keyed

#: The columns shown of a delivery, in this order.
_SHOWN = (
    *(table.c.id, table.c.subscriber_id, table.c.email, table.c.state, table.c.attempt, table.c.deferrals),
    *(table.c.not_before, table.c.changed_at, table.c.canary),
    *(table.c.reply_code, table.c.reply_status, table.c.reply_text),
)


#: A row, and what came back of it.
_Shown = tuple[Row[Any], Sequence[CameBack]]

#: Maximum number of characters of a line of --from; a longer one counts as several, which name nothing.
_LONGEST = 10_000


@click.command()
@click.argument("number", metavar="MAILING")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option(
    "--state",
    type=Word([state.value for state in State], state_word),
    metavar="STATE",
    help="Only those in this state: {words}.",
)
@click.option("--email", "emails", multiple=True, metavar="ADDRESS", help="Only this reader's; repeatable.")
@click.option("--in-doubt", is_flag=True, help="Only those that nobody knows about: --state in_doubt.")
@click.option("--resend", is_flag=True, help="Send again to the readers named, or to those in doubt.")
@click.option(
    "--force",
    is_flag=True,
    help="With --resend: also to readers named who were accepted, or with --state expired, to whom it was stale.",
)
@click.option("--assume-accepted", is_flag=True, help="Take what is in doubt for accepted.")
@click.option(
    "--from",
    "listed",
    type=LinesFile(),
    metavar="FILE",
    help="With --assume-accepted: those that FILE names, a Message-ID or address a line; - reads them from a pipe.",
)
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
    listed: IO[str] | None,
    yes: bool,
    eml: bool,
    as_json: bool,
) -> None:
    """Show the ledger of MAILING, reader by reader, or that of a few ADDRESSes; and decide.

    --resend sends again what is in doubt (the same bytes), what was rejected, and at once what was deferred. What was
    accepted is sent a second time only with --force, and what expired because its news was stale only with --state
    expired --force; to who left or is suppressed, never.

    --assume-accepted --from FILE takes for accepted what the relay's log says it took, also what a restored and paused
    mailing would send again.
    """
    newsroom = load_newsroom(folder)  # first: errors on the command line are in its language
    mailing = mailing_number(number)
    if resend and assume_accepted:
        raise WrongUsage(_("--resend or --assume-accepted, not both"))
    named = tuple(map(bare_address, (*addresses, *emails)))
    if listed is not None and (not assume_accepted or named or state or in_doubt):
        raise WrongUsage(_("--from goes with --assume-accepted alone: --assume-accepted --from FILE"))
    if force and not (resend and (named or state == State.EXPIRED)):
        raise WrongUsage(
            _(
                "--force goes with --resend and the readers it is for: --resend --force ADDRESS, or "
                "--resend --state expired --force"
            )
        )
    if in_doubt or assume_accepted or (resend and not named):
        state = state or State.IN_DOUBT
    engine = open_keyed(database_url(newsroom), folder)
    zone = ZoneInfo(newsroom.settings.timezone)

    def show(rows: Iterable[Row[Any]]) -> None:
        _print(_with_returns(engine, mailing, rows), zone, as_json)

    with read_only(engine).connect() as connection:
        gone = taken(connection, mailing)
    if gone is not None:  # before an address is reported as not in it
        say(_gone(gone, mailing), err=True)
    if not (state or named or eml):
        with read_only(engine).connect() as connection:
            find(connection, mailing)
        show(whole(engine, mailing, _SHOWN))
        return
    if listed is not None:
        ids_settled = _settle_listed(engine, newsroom, mailing, listed, yes, quiet=as_json)
        show(by_id(engine, ids_settled, _SHOWN))
        return
    only = State(state) if state else None
    chosen = ids(engine, mailing, only, named)
    if resend or assume_accepted:
        done = (
            _resend(engine, mailing, chosen, named, force, yes)
            if resend
            else _assume(engine, mailing, only, chosen, yes)
        )
        say(done, err=as_json or eml)
        only = None
    if eml:
        say_bytes(_bytes(engine, newsroom, chosen))
    else:
        show(by_id(engine, chosen, _SHOWN, only))


def _gone(gone: Taken, mailing: int) -> str:
    """Why retention has removed addresses or rows: an empty table would look as if nothing had been sent."""
    date = (gone.folded or gone.begun).date()
    if not gone.rows:
        told = _("addresses and replies of mailing {id} leave the ledger since {date} (`retention`)")
        return told.format(id=mailing, date=date)
    told = ngettext(
        "{n} row of mailing {id} was folded into counts, the last one on {date} (`retention`): filigrane mailings {id}",
        "{n} rows of mailing {id} were folded into counts, the last one on {date} (`retention`): "
        "filigrane mailings {id}",
        gone.rows,
    )
    return told.format(n=gone.rows, id=mailing, date=date)


def _with_returns(engine: Engine, mailing: int, rows: Iterable[Row[Any]]) -> Iterator[_Shown]:
    """Each row with what came back of it, looked up a page at a time."""
    left = iter(rows)
    while page := list(islice(left, PAGE)):
        gone = [row.subscriber_id for row in page if row.state in (State.BOUNCED, State.COMPLAINED)]
        found = came_back(engine, mailing, gone) if gone else {}
        yield from ((row, found.get(row.subscriber_id, [])) for row in page)


def _print(shown: Iterable[_Shown], zone: ZoneInfo, as_json: bool) -> None:
    """Print the rows while they are read. A JSON document that is cut short lacks its closing bracket."""
    pieces, empty = json_array(map(_delivery, shown)) if as_json else map(partial(_line, zone), shown), not as_json
    while some := "".join(islice(pieces, PAGE)):
        say(some, nl=False)
        empty = False
    if empty:
        say(_("no message of this mailing is so"), err=True)


def _line(zone: ZoneInfo, shown: _Shown) -> str:
    row, returns = shown
    words = row.reply_text and reply_words(row.reply_text)
    reply = " ".join(str(part) for part in (row.reply_code, row.reply_status, words) if part)
    if returns:  # the relay's 250 says nothing of a letter that came back
        reply = ", ".join(each.words for each in returns)
    if row.state == State.DEFERRED and row.not_before is not None:
        again = _("tried again from {hour} on").format(hour=short_hour(row.not_before, zone))
        reply = f"{reply} ({again})" if reply else again
    return f"{row.id:>8}  {state_word(row.state):<14}  {row.email or '–'}  {reply}".rstrip() + "\n"


def _resend(engine: Engine, mailing: int, chosen: Sequence[int], named: Sequence[str], force: bool, yes: bool) -> str:
    choice = decisions.choose(engine, mailing, chosen, force=force)
    if named and choice.left:  # an address given by name is refused with its reason; a state skips what cannot be
        reasons = [_why_not(address, state, mailing) for address, state in choice.left]
        if more := choice.left_out - len(choice.left):
            reasons.append(ngettext("and {n} other", "and {n} others", more).format(n=more))
        raise Refused("\n".join(reasons))
    if not choice.ids and any(state == State.EXPIRED for _address, state in choice.left):
        raise Refused(decisions.said_stale(mailing))
    if not choice.ids:
        raise Refused(_none_again(engine, mailing, choice))
    if choice.stale:
        old = ngettext(
            "{n} reader would get news that was stale for its publication",
            "{n} readers would get news that was stale for its publication",
            choice.stale,
        )
        confirm(yes, old.format(n=choice.stale))
    if choice.doubled:
        twice = ngettext(
            "{n} message would be sent a second time to a reader who may have the first",
            "{n} messages would be sent a second time to readers who may have the first",
            choice.doubled,
        )
        confirm(yes, twice.format(n=choice.doubled))
    count = decisions.resend(engine, mailing, choice.ids, force=force)
    done = ngettext("{n} message queued again", "{n} messages queued again", count).format(n=count)
    if stay := len(chosen) - count:
        kept = ngettext(
            "{n} stays as it is: it is under way or accepted, or its reader left or is suppressed",
            "{n} stay as they are: they are under way or accepted, or their readers left or are suppressed",
            stay,
        )
        done += "\n" + kept.format(n=stay)
    with read_only(engine).connect() as connection:
        paused = find(connection, mailing).state == MailingState.PAUSED
    if paused:
        done += "\n" + _("mailing {id} is paused: nothing leaves before filigrane mailings resume {id}").format(
            id=mailing
        )
    return done


def _none_again(engine: Engine, mailing: int, choice: decisions.ResendChoice) -> str:
    """Why nothing of what was chosen by its state can be sent again."""
    with read_only(engine).connect() as connection:
        row = find(connection, mailing)
    if row.state == MailingState.CANCELLED:
        return decisions.said_cancelled(mailing)
    if row.state in NOT_OVER and row.expired_at is None and row.expires_at is not None and row.expires_at <= now():
        waits = _(
            "nothing here can be sent again yet: the news of mailing {id} is stale, and the next tick of filigrane run "
            "says so of those who wait; then the same command sends it to them all the same"
        )
        return waits.format(id=mailing)
    if choice.left_out and all(state == "gone" for _address, state in choice.left):
        gone = ngettext(
            "nothing here can be sent again: {n} reader left, is suppressed or was forgotten",
            "nothing here can be sent again: {n} readers left, are suppressed or were forgotten",
            choice.left_out,
        )
        return gone.format(n=choice.left_out)
    return _("nothing here can be sent again")


def _why_not(address: str, state: str, mailing: int) -> str:
    sentences = {
        "gone": _("{address} left, or is suppressed: nothing is sent there"),
        State.ACCEPTED: _(
            "{address}: accepted, the relay has taken the message. To send the same one a second time: --force"
        ),
        State.BOUNCED: _("{address}: bounced, the message came back"),
        State.COMPLAINED: _("{address}: complained, its reader called the message spam"),
        State.QUEUED: _("{address}: queued, it leaves by itself"),
        State.CLAIMED: _("{address}: claimed, it is about to leave"),
        State.IN_FLIGHT: _("{address}: in flight, the relay has not answered yet"),
        State.EXPIRED: _("{address}: expired, the news of mailing {id} is stale. To send it all the same: --force"),
        State.CANCELLED: _("{address}: mailing {id} was cancelled, nothing of it is sent any more"),
    }
    return sentences[state].format(address=address, id=mailing)


def _assume(engine: Engine, mailing: int, state: State | None, chosen: Sequence[int], yes: bool) -> str:
    if state != State.IN_DOUBT or not chosen:
        raise Refused(_("nothing here is in doubt: there is nothing to decide"))
    served = ngettext(
        "{n} reader who may have received nothing would count as served",
        "{n} readers who may have received nothing would count as served",
        len(chosen),
    )
    confirm(yes, served.format(n=len(chosen)))
    count = decisions.assume_accepted(engine, mailing, chosen)
    return ngettext("{n} message taken for accepted", "{n} messages taken for accepted", count).format(n=count)


def _settle_listed(
    engine: Engine, newsroom: Newsroom, mailing: int, lines: IO[str], yes: bool, *, quiet: bool
) -> Sequence[int]:
    """Take for accepted what ``lines`` name; say what they do not settle, then ask. Returns the ids."""
    with engine.begin() as connection:
        sweep_dead(connection)  # what dead workers had claimed before a restore is settled as queued, or in doubt
    pieces = iter(partial(lines.readline, _LONGEST), "")
    found = read_accepted(engine, mailing, pieces, (secret_key(newsroom.root), *former_keys()))
    for told in _unsettled(found, mailing):
        say(told, err=True)
    if not found.ids:
        raise Refused(_("nothing that is listed is in doubt, or waits in a paused mailing: there is nothing to decide"))
    served = ngettext(
        "{n} reader whom the list names would count as served, and is not written to any more",
        "{n} readers whom the list names would count as served, and are not written to any more",
        len(found.ids),
    )
    confirm(yes, served.format(n=len(found.ids)))
    count = decisions.assume_accepted(engine, mailing, found.ids, waiting=True)
    done = ngettext("{n} message taken for accepted", "{n} messages taken for accepted", count)
    say(done.format(n=count), err=quiet)
    return found.ids


def _unsettled(found: ListedDeliveries, mailing: int) -> Iterable[str]:
    if found.unknown:
        unknown = ngettext(
            "{n} line names no delivery of mailing {id}:", "{n} lines name no delivery of mailing {id}:", found.unknown
        )
        yield unknown.format(n=found.unknown, id=mailing)
        yield from (f"  {line}" for line in found.first_unknown)
        if more := found.unknown - len(found.first_unknown):
            yield "  " + ngettext("and {n} other", "and {n} others", more).format(n=more)
    if found.accepted:
        already = ngettext("{n} is accepted already", "{n} are accepted already", found.accepted)
        yield already.format(n=found.accepted)
    if found.waiting:
        waits = ngettext(
            "{n} is still to be sent: stop the mailing first (filigrane mailings pause {id})",
            "{n} are still to be sent: stop the mailing first (filigrane mailings pause {id})",
            found.waiting,
        )
        yield waits.format(n=found.waiting, id=mailing)
    if found.others:
        others = ngettext(
            "{n} stays as it is: rejected, suppressed, expired, cancelled or in flight",
            "{n} stay as they are: rejected, suppressed, expired, cancelled or in flight",
            found.others,
        )
        yield others.format(n=found.others)


def _delivery(shown: _Shown) -> dict[str, Any]:
    row, returns = shown
    held = {column.name: value for column, value in zip(_SHOWN, row, strict=False)}
    return held | {"returned": [asdict(each) for each in returns]}


def _bytes(engine: Engine, newsroom: Newsroom, chosen: Sequence[int]) -> bytes:
    if len(chosen) != 1:
        wrong = ngettext(
            "--eml shows one message, and {n} is chosen: name the reader with --email",
            "--eml shows one message, and {n} are chosen: name the reader with --email",
            len(chosen),
        )
        raise WrongUsage(wrong.format(n=len(chosen)))
    (row,) = by_id(engine, chosen, [*table.columns])
    with read_only(engine).connect() as connection:
        secret = secret_key(newsroom.root)
        templates = mailing_templates(connection, row.mailing_id, partial(dkim_key, newsroom), secret)
        corrected = newest(connection, [row.mailing_id])
    # A delivery not sent yet gets the newest edition, unless it is a resend.
    edition = corrected.get(row.edition_id, row.edition_id) if row.state in OPEN and not row.pinned else row.edition_id
    written = MessageInputs(row.mailing_id, edition, row.subscriber_id, row.subscription_id, row.email, row.dated)
    return build_message(templates, written, secret).content
