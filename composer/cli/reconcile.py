"""reconcile: settle a mailing's doubts by its relay's own log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from typing import IO
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine

from composer.cli.configuration import load_newsroom
from composer.cli.confirm import confirm
from composer.cli.params import LinesFile, mailing_number, zone_named
from composer.cli.say import say
from composer.database import read_only
from composer.delivery.ledger import resend as decisions
from composer.delivery.ledger.mailings import find
from composer.delivery.ledger.workers import sweep_dead
from composer.delivery.state import MailingState
from composer.errors import WrongUsage
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.environment import database_url, former_keys, secret_key
from composer.newsroom.model import Newsroom
from composer.returns.reconcile import LogEvidence, merged, settle_by_log, weigh
from composer.returns.relay_logs.coverage import Missing, Why
from composer.returns.relay_logs.letters import FoundLetters
from composer.returns.relay_logs.read import read_logs
from composer.subscribers.address_key import open_keyed


@click.command()
@click.argument("number", metavar="MAILING")
@click.option(
    "--log",
    "logs",
    type=LinesFile(binary=True),
    multiple=True,
    required=True,
    metavar="FILE",
    help="A log of the relay, rotated and compressed ones too, in any order; repeatable; - reads a pipe.",
)
@click.argument("more", nargs=-1, type=LinesFile(binary=True), metavar="[FILE]...")
@click.option(
    "--relay",
    "relays",
    multiple=True,
    metavar="NAME",
    help="Whose log it is, where the newsroom has several relays; repeatable.",
)
@click.option("--timezone", metavar="ZONE", help="Of times that name none; the newsroom's otherwise.")
@click.option("--resend", is_flag=True, help="Also send again what the relay never saw.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_context
def reconcile(
    ctx: click.Context,
    number: str,
    logs: tuple[IO[bytes], ...],
    more: tuple[IO[bytes], ...],
    relays: tuple[str, ...],
    timezone: str | None,
    resend: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Settle the doubts of MAILING by its relay's own log, of Postfix or Exim.

    What the log says the relay kept counts as accepted, also what a restored mailing would send again. What the relay
    never saw is safe to send again, with --resend, where the log holds the letters of just before and just after it.
    Everything else stays in doubt, and the command says which log is missing. Exit code 1 while a doubt is left.
    """
    newsroom = load_newsroom(ctx.obj)
    mailing = mailing_number(number)
    given = {_relay(newsroom, name) for name in relays}
    zone = zone_named(timezone or newsroom.settings.timezone)
    engine = open_keyed(database_url(newsroom), newsroom.root)
    with engine.begin() as connection:
        opened = find(connection, mailing).opened_at
        sweep_dead(connection)  # what was in flight when its worker died is in doubt from now on
    files = [(str(getattr(file, "name", "-")), file) for file in (*logs, *more)]
    keys = (secret_key(newsroom.root), *former_keys())
    with closing(read_logs(files, keys, zone, opened)) as found:
        configured = [relay.key for relay in newsroom.settings.relays]
        evidence = weigh(engine, mailing, found, configured, given)
        for told in _told(evidence, found, mailing, zone, resend):
            say(told, err=as_json)
        resent, settled = _act(engine, mailing, evidence, found, resend=resend, yes=yes)
        with read_only(engine).connect() as connection:
            paused = find(connection, mailing).state == MailingState.PAUSED
        for told in _done(settled, resent, mailing if paused else None):
            say(told, err=as_json)
        left = len(evidence.unproven) + len(evidence.safe) - resent
        if as_json:
            say(json.dumps(_document(evidence, found, mailing, settled, resent, left), ensure_ascii=False, indent=2))
    ctx.exit(1 if left else 0)


def _relay(newsroom: Newsroom, name: str) -> str:
    """The key of the relay that ``name`` names: its name, its host, or host:port. Raises ``WrongUsage``."""
    known = newsroom.settings.relays
    found = [relay.key for relay in known if name in (relay.key, relay.host, f"{relay.host}:{relay.port}")]
    if len(found) != 1:
        said = _("“{name}” is none of the newsroom's relays: {known}")
        raise WrongUsage(said.format(name=name, known=", ".join(relay.key for relay in known)))
    return found[0]


def _act(
    engine: Engine, mailing: int, evidence: LogEvidence, found: FoundLetters, *, resend: bool, yes: bool
) -> tuple[int, int]:
    """Ask, then queue again what is safe, if ``resend``, and settle what was kept; how many of each."""
    kept = len(evidence.kept) + evidence.waiting
    choice = decisions.choose(engine, mailing, evidence.safe) if resend and evidence.safe else None
    again = len(choice.ids) if choice else 0
    if choice and choice.left_out:
        stay = ngettext(
            "{n} of them stays as it is: the reader left or is suppressed",
            "{n} of them stay as they are: the readers left or are suppressed",
            choice.left_out,
        )
        say(stay.format(n=choice.left_out), err=True)
    if not kept and not again:
        return 0, 0
    acts = []
    if kept:
        acts.append(ngettext("{n} message would count as accepted", "{n} messages would count as accepted", kept))
    if again:
        acts.append(ngettext("{n} message would be sent again", "{n} messages would be sent again", again))
    confirm(yes, ", ".join(act.format(n=n) for act, n in zip(acts, filter(None, (kept, again)), strict=True)))
    # First what may be refused (the mailing was cancelled meanwhile): then nothing was changed.
    resent = decisions.resend(engine, mailing, choice.ids) if choice and again else 0
    return resent, settle_by_log(engine, mailing, found)


def _told(evidence: LogEvidence, found: FoundLetters, mailing: int, zone: ZoneInfo, resend: bool) -> Iterable[str]:
    """What the logs are, and what they prove."""
    for host, log in sorted(found.hosts.items()):
        facts = {"host": host or "Exim", "since": _hour(log.first, zone), "until": _hour(log.last, zone)}
        yield _("log of {host}, from {since} to {until} by its clock").format(**facts)
        if log.disordered:
            yield "  " + _("its lines are not in the order of time: only those that name a letter themselves count")
    letters = found.count(mailing)
    named = ngettext(
        "{n} letter of mailing {id} is in it, kept by the relay",
        "{n} letters of mailing {id} are in it, kept by the relay",
        letters,
    )
    yield named.format(n=letters, id=mailing)
    if not (evidence.kept or evidence.waiting or evidence.safe or evidence.unproven):
        yield _("nothing is in doubt: there is nothing to settle")
    if evidence.kept:
        kept = ngettext(
            "{n} in doubt was kept by the relay: accepted",
            "{n} in doubt were kept by the relay: accepted",
            len(evidence.kept),
        )
        yield kept.format(n=len(evidence.kept))
    if evidence.waiting:
        waiting = ngettext(
            "{n} that waits was kept by the relay before the database went back: accepted",
            "{n} that wait were kept by the relay before the database went back: accepted",
            evidence.waiting,
        )
        yield waiting.format(n=evidence.waiting)
    if evidence.safe:
        safe = ngettext(
            "{n} in doubt never reached the relay: it is safe to send it again",
            "{n} in doubt never reached the relay: it is safe to send them again",
            len(evidence.safe),
        ).format(n=len(evidence.safe))
        yield safe if resend else safe + _(" (the same command with --resend)")
    if evidence.unproven:
        stays = ngettext("{n} stays in doubt:", "{n} stay in doubt:", len(evidence.unproven))
        yield stays.format(n=len(evidence.unproven))
        yield from (f"  {number}: {_why(one, mailing, zone)}" for one, number in merged(evidence.unproven))


def _why(missing: Missing, mailing: int, zone: ZoneInfo) -> str:
    """What the logs lack, and what to give."""
    sentences = {
        Why.BEFORE: _(
            "nothing of between {since} and {until}, just before it, is in these logs: add the log of that time"
        ),
        Why.AFTER: _(
            "no letter accepted between {since} and {until}, just after it, is in these logs: add the log of that "
            "time. If none was sent then, only a person can decide: filigrane deliveries {id} --in-doubt"
        ),
        Why.HOLE: _(
            "letters that were accepted between {since} and {until} are missing in these logs ({letters}): add the log "
            "of that time, or that of another host or relay"
        ),
        Why.ENDS: _("these logs end while the relay may still have been taking it: give them again after {until}"),
        Why.RELAY: _(
            "it may have gone by {relays}: add that log too, and say whose logs they are (--relay NAME for each)"
        ),
        Why.HALF: _("these logs show how it begins and not how it ends, about {until}: add the log that goes on"),
    }
    facts = {"since": _hour(missing.since, zone), "until": _hour(missing.until, zone), "letters": missing.letters}
    return sentences[missing.why].format(**facts, id=mailing, relays=", ".join(sorted(missing.relays)))


def _hour(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M:%S}"


def _done(settled: int, resent: int, paused: int | None) -> Iterable[str]:
    """What was done; ``paused`` is the mailing, if it is."""
    if settled:
        yield ngettext("{n} message taken for accepted", "{n} messages taken for accepted", settled).format(n=settled)
    if resent:
        yield ngettext("{n} message queued again", "{n} messages queued again", resent).format(n=resent)
    if paused is not None and (settled or resent):
        waits = _("mailing {id} is paused: nothing leaves before filigrane mailings resume {id}")
        yield waits.format(id=paused)


def _document(
    evidence: LogEvidence, found: FoundLetters, mailing: int, settled: int, resent: int, left: int
) -> dict[str, object]:
    return {
        "mailing": mailing,
        "logs": [
            {"host": host, "from": _iso(log.first), "until": _iso(log.last), "in_order": not log.disordered}
            for host, log in sorted(found.hosts.items())
        ],
        "letters": found.count(mailing),
        "accepted": settled,
        "resent": resent,
        "safe_to_resend": len(evidence.safe) - resent,
        "in_doubt": left,
        "why": dict(Counter(one.why for _id, one in evidence.unproven)),
        "missing": [
            {
                "why": one.why,
                "from": _iso(one.since),
                "until": _iso(one.until),
                "deliveries": number,
                "letters": one.letters,
                "relays": sorted(one.relays),
            }
            for one, number in merged(evidence.unproven)
        ],
        "deliveries": [
            *({"id": number, "is": "kept"} for number in evidence.kept),
            *({"id": number, "is": "safe"} for number in evidence.safe),
            *({"id": number, "is": "in_doubt", "why": one.why} for number, one in evidence.unproven),
        ],
    }


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
