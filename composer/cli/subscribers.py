"""``filigrane subscribers``: export, add, show, unsubscribe, forget."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection, Engine

from composer import subscribers as people
from composer.cli.confirm import confirm
from composer.cli.held import held_document, read_held, write_private
from composer.cli.json_output import plain
from composer.cli.list_import import import_
from composer.cli.list_readers import count_, list_
from composer.cli.list_words import FILE, STATUS, TIER, json_option, open_for, publication_option, shown_instant
from composer.cli.params import bare_address
from composer.cli.say import say
from composer.clock import now
from composer.database import read_only
from composer.delivery.ledger.erasure import erase_address
from composer.delivery.ledger.last_letter import last_letter
from composer.doors.forgetting import forget_reader
from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.returns.purging import blank_provider
from composer.subscribers.exporting import Chosen, Status, export_list, is_export
from composer.subscribers.held_lines import held_lines
from composer.subscribers.instants import read_instant
from composer.subscribers.labels import subscription_word, suppression_word, way_out
from composer.subscribers.list_files import replacing
from composer.subscribers.person import StoredPerson, Subscription
from composer.subscribers.record import Tier, read_line
from composer.subscribers.values import read_language


@click.group()
def subscribers() -> None:
    """Import, export and look after the subscribers."""


for _command in (import_, list_, count_):
    subscribers.add_command(_command)


@subscribers.command()
@click.option("--publication", metavar="ID", help="One letter only.")
@click.option("--status", type=STATUS, help="One status only.")
@click.option("--person", metavar="ADDRESS", help="All that is held of one reader, as JSON, in place of the list.")
@click.option("--out", type=FILE, metavar="FILE", help="File to write, over an earlier one; stdout otherwise.")
@click.pass_obj
def export(folder: Path, publication: str | None, status: Status | None, person: str | None, out: Path | None) -> None:
    """Write the subscribers as CSV, which `import` reads back; or all that is held of one of them.

    `--person` is what a reader may ask for (GDPR, articles 15 and 20): a file that they, and machines, can read.
    """
    if person is not None and (publication or status):
        raise click.UsageError(_("--person is of one reader, in every letter: leave --publication and --status out"))
    _newsroom, engine = open_for(folder, publication)
    if person is not None:
        address = people.read_address(bare_address(person))
        document = held_document(address, read_held(engine, address))
        if out is None:
            say(document.removesuffix("\n"))
        else:
            write_private(out, document)
            say(_("All that is held of {email} is in {path}.").format(email=address.email, path=out), err=True)
        return
    if out is None:
        export_list(engine, sys.stdout, Chosen(publication, status))
        return
    with replacing(out, is_export) as file:
        written = export_list(engine, file, Chosen(publication, status))
    told = ngettext("{count} subscription written to {path}.", "{count} subscriptions written to {path}.", written)
    say(told.format(count=written, path=out), err=True)


@subscribers.command()
@click.argument("email", metavar="ADDRESS")
@publication_option
@click.option("--source", required=True, metavar="TEXT", help="Where this reader consented.")
@click.option("--tier", type=TIER, default="free", show_default=True)
@click.option("--paid-until", metavar="DATE", help="Last day paid for, 2026-12-31 or 31/12/2026.")
@click.option("--language", metavar="fr|en", help="Where it is not the letter's own.")
@click.option("--name", metavar="TEXT")
@click.option("--again", is_flag=True, help="This reader had left or was suppressed, and asked anew.")
@click.pass_obj
def add(
    folder: Path,
    email: str,
    publication: str,
    source: str,
    tier: Tier,
    paid_until: str | None,
    language: str | None,
    name: str | None,
    again: bool,
) -> None:
    """Subscribe one reader. Refused for who is here already, or left: see --again."""
    newsroom, engine = open_for(folder, publication)
    address = people.read_address(bare_address(email))
    zone = ZoneInfo(newsroom.settings.timezone)
    with engine.begin() as connection:
        people.subscribe(
            connection,
            address,
            publication,
            source=source,
            tier=tier,
            paid_until=read_instant(paid_until, zone, end=True) if paid_until else None,
            language=read_language(language) if language else None,
            name=read_line(name) if name else None,
            again=again,
        )
    say(_("{email} receives {publication}.").format(email=address.email, publication=publication), err=True)


@subscribers.command()
@click.argument("email", metavar="ADDRESS")
@json_option
@click.pass_obj
def show(folder: Path, email: str, as_json: bool) -> None:
    """All that is held of one reader: subscriptions, proofs of consent, and every letter in the ledger."""
    newsroom, engine = open_for(folder)
    address = people.read_address(bare_address(email))
    held = read_held(engine, address)
    with read_only(engine).connect() as connection:
        person = people.find_person(connection, address)
    if as_json:
        summary = person.as_dict() if person else {}
        say(json.dumps(summary | {"held": held}, default=plain, ensure_ascii=False))
        return
    zone = ZoneInfo(newsroom.settings.timezone)
    if person is None:
        say(address.email)
        say(_("  is no reader yet"))
    else:
        _show_summary(engine, person, zone)
    say("")
    say(_("All that is held, in the time of {zone}:").format(zone=zone.key))
    for line in held_lines(held, zone):
        say(line)


def _show_summary(engine: Engine, person: StoredPerson, zone: ZoneInfo) -> None:
    say(person.email or _("(forgotten)"))
    if person.suppressed:
        when = shown_instant(person.suppressed_at, zone)
        say(_("  suppressed: {reason}, {at}").format(reason=suppression_word(person.suppressed), at=when))
    with read_only(engine).connect() as connection:
        for subscription in person.subscriptions:
            for line in _shown(connection, person, subscription, zone):
                say(line)


def _shown(connection: Connection, person: StoredPerson, one: Subscription, zone: ZoneInfo) -> Iterator[str]:
    status, tier = subscription_word(one.status), subscription_word(one.details["tier"])
    yield _("  {publication}: {state}").format(publication=one.publication, state=f"{status}, {tier}")
    if one.details["paid_until"]:
        yield _("    paid until {at}").format(at=shown_instant(one.details["paid_until"], zone))
    if one.paused_until and one.status == "active" and one.paused_until > now():
        yield _("    pauses until {at}").format(at=shown_instant(one.paused_until, zone))
    if one.unsubscribed_at and person.id is not None:
        yield _("    left: {at}, {way}").format(
            at=shown_instant(one.unsubscribed_at, zone), way=way_out(one.unsubscribed_by)
        )
        if letter := last_letter(connection, person.id, one.publication, one.unsubscribed_at):
            yield _("    the last letter before that: {letter}").format(letter=letter)
    for consent in one.consents:
        yield _("    consent: {source}, {at}").format(source=consent.source, at=shown_instant(consent.at, zone))


@subscribers.command()
@click.argument("email", metavar="ADDRESS")
@click.option("--publication", metavar="ID", help="One letter only; all of them otherwise.")
@click.pass_obj
def unsubscribe(folder: Path, email: str, publication: str | None) -> None:
    """End a reader's subscriptions, without asking; `add --again` brings one back.

    It takes effect at once, also on a letter being sent. The reader stays known, as one who left.
    """
    _newsroom, engine = open_for(folder, publication)
    person = _find(engine, email)
    ending = [one for one in person.subscriptions if publication in (None, one.publication)]
    if not ending:
        raise Refused(_("{email} has no subscription to {publication}").format(email=email, publication=publication))
    with engine.begin() as connection:
        ended = [one.publication for one in ending if people.unsubscribe(connection, one.id, "cli")]
    if ended:
        say(_("{email} no longer receives: {letters}.").format(email=email, letters=", ".join(ended)), err=True)
    else:
        say(_("{email} had left already.").format(email=email), err=True)


@subscribers.command()
@click.argument("email", metavar="ADDRESS")
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.pass_obj
def forget(folder: Path, email: str, yes: bool) -> None:
    """Erase a reader (GDPR), for good; asks first. A hash remains, so that no import brings the address back."""
    _newsroom, engine = open_for(folder)
    confirm(yes, _erased(engine, email))
    address = people.read_address(bare_address(email))
    with engine.begin() as connection:
        subscriber_id = forget_reader(connection, address)
    if subscriber_id is None:
        say(_("Nobody had this address; no import will add it."), err=True)
    else:
        _erase(engine, subscriber_id)


def _erase(engine: Engine, subscriber_id: int) -> None:
    """Erase a forgotten reader from the ledger too; where that is cut short, say how to go on."""
    try:
        blank_provider(engine, subscriber_id)
        erased = erase_address(engine, subscriber_id)
    except (OutsideWorld, KeyboardInterrupt):
        unfinished = _(
            "Forgotten, and no letter leaves there any more; but the ledger may still hold the address: "
            "give the same command again."
        )
        say(unfinished, err=True)
        raise
    say(_("Forgotten: nothing personal is kept, and no import will add it."), err=True)
    held = ngettext(
        "{n} delivery in the ledger held the address: erased there, too.",
        "{n} deliveries in the ledger held the address: erased there, too.",
        erased,
    )
    say(held.format(n=erased), err=True)


def _find(engine: Engine, email: str) -> StoredPerson:
    with read_only(engine).connect() as connection:
        person = people.find_person(connection, people.read_address(bare_address(email)))
    if person is None:
        raise Refused(_("{email} is not known here").format(email=email))
    return person


def _erased(engine: Engine, email: str) -> str:
    """The question before a reader is erased: what is erased, and that it is for good."""
    address = people.read_address(bare_address(email))
    with read_only(engine).connect() as connection:
        person = people.find_person(connection, address)
    if person is None or person.email is None:
        return _("{email}: no reader has this address now; no import will ever add it").format(email=address.email)
    count = len(person.subscriptions)
    message = ngettext(
        "{email}: all that is known of this reader, {count} subscription ({letters}) and the address in the record of "
        "what was sent are erased for good; nothing brings them back",
        "{email}: all that is known of this reader, {count} subscriptions ({letters}) and the address in the record of "
        "what was sent are erased for good; nothing brings them back",
        count,
    )
    letters = ", ".join(one.publication for one in person.subscriptions) or "–"
    return message.format(email=person.email, count=count, letters=letters)
