"""``filigrane subscribers``: import, export and change the lists of readers."""

from __future__ import annotations

import json
import re
import shlex
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

from composer import subscribers as people
from composer.cli.configuration import load_newsroom
from composer.cli.confirm import confirm
from composer.cli.params import Word
from composer.clock import now
from composer.database import open_database, read_only
from composer.delivery.ledger.erasure import erase_address
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom import Newsroom
from composer.newsroom.environment import database_url
from composer.newsroom.unread import publication_named, unread_publications
from composer.subscribers.csv_row import Terms
from composer.subscribers.exporting import Status, export_list
from composer.subscribers.importing import Counts, import_list
from composer.subscribers.labels import subscription_word
from composer.subscribers.leaving import UnreadColumns
from composer.subscribers.person import StoredPerson
from composer.subscribers.record import Tier, read_line
from composer.subscribers.values import read_instant, read_language

_publication = click.option("--publication", required=True, metavar="ID", help="Which letter.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
_file = click.Path(dir_okay=False, path_type=Path)
_tier = Word(("free", "paid"), subscription_word)
_status = Word(("active", "unsubscribed", "suppressed"), subscription_word)


@click.group()
def subscribers() -> None:
    """Import, export and look after the subscribers."""


@subscribers.command("import")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_publication
@click.option("--source", metavar="TEXT", help="Where these readers consented; needed unless a column says it.")
@click.option("--tier", type=_tier, help="Their tier, where no column says it; free otherwise.")
@click.option("--map", "mapping", metavar="FIELD=COLUMN", multiple=True, help="A column, where its name does not tell.")
@click.option("--ignore", metavar="COLUMN", multiple=True, help="A column that says nothing of who left.")
@click.option("--report", type=_file, metavar="FILE", help="CSV of the rows left out, and why.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@_json
@click.pass_obj
def import_(
    folder: Path,
    file: Path,
    publication: str,
    source: str | None,
    tier: Tier | None,
    mapping: tuple[str, ...],
    ignore: tuple[str, ...],
    report: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import a CSV file of subscribers. Nobody who left is brought back."""
    newsroom, engine = _open(folder, publication)
    if report is not None and report.resolve() == file.resolve():
        raise WrongUsage(_("--report would overwrite the list itself; name another file"))
    terms = Terms(publication, source, tier, ZoneInfo(newsroom.settings.timezone), now())
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]} · {task.fields[rate]}/s"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(file.name, rows=0, rate=0)

        def show(rows: int, done: int, size: int) -> None:
            elapsed = bar.tasks[task].elapsed or 1
            bar.update(task, completed=done, total=size, rows=rows, rate=round(rows / elapsed))

        written = (0, 0)

        def keep(rows: int, total: int) -> None:
            nonlocal written
            written = rows, total

        try:
            counts = import_list(
                engine,
                file,
                terms,
                mapping=_mapping(mapping),
                ignore=ignore,
                dry_run=dry_run,
                report=report,
                progress=show,
                kept=keep,
            )
        except (KeyboardInterrupt, OutsideWorld):
            console.print(_cut_short(*written), highlight=False, soft_wrap=True)
            raise
        except UnreadColumns as unread:
            example = " ".join([_typed(click.get_current_context()), *(one.option for one in unread.suspects)])
            raise Refused(f"{unread}\n" + _("For example: {command}").format(command=example)) from unread
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **asdict(counts)}))
    else:
        click.echo(_sentence(counts, dry_run, report), err=True)
    if counts.read and counts.refused == counts.read:
        raise Refused(_("no row of {file} can be imported").format(file=file.name))


@subscribers.command()
@click.option("--publication", metavar="ID", help="One letter only.")
@click.option("--status", type=_status, help="One status only.")
@click.option("--out", type=_file, metavar="FILE", help="File to write; stdout otherwise.")
@click.pass_obj
def export(folder: Path, publication: str | None, status: Status | None, out: Path | None) -> None:
    """Write the subscribers as CSV, which `import` reads back."""
    _newsroom, engine = _open(folder, publication)
    if out is None:
        export_list(engine, sys.stdout, publication=publication, status=status)
        return
    try:
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            count = export_list(engine, file, publication=publication, status=status)
    except OSError as error:
        raise OutsideWorld(_("{file} cannot be written: {why}").format(file=out, why=error.strerror)) from error
    told = ngettext("{count} subscription written to {path}.", "{count} subscriptions written to {path}.", count)
    click.echo(told.format(count=count, path=out), err=True)


@subscribers.command()
@click.argument("email", metavar="ADDRESS")
@_publication
@click.option("--source", required=True, metavar="TEXT", help="Where this reader consented.")
@click.option("--tier", type=_tier, default="free", show_default=True)
@click.option("--paid-until", metavar="DATE", help="Last day paid for, 2026-12-31 or 31/12/2026.")
@click.option("--language", metavar="fr|en", help="Where it is not the letter's own.")
@click.option("--name", metavar="TEXT")
@click.option("--again", is_flag=True, help="This reader had left, and asked anew.")
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
    """Subscribe one reader."""
    newsroom, engine = _open(folder, publication)
    address = people.read_address(email)
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
    click.echo(_("{email} receives {publication}.").format(email=address.email, publication=publication), err=True)


@subscribers.command()
@click.argument("email", metavar="ADDRESS")
@_json
@click.pass_obj
def show(folder: Path, email: str, as_json: bool) -> None:
    """What is known of one reader, with the proof of consent."""
    _newsroom, engine = _open(folder)
    person = _find(engine, email)
    if as_json:
        click.echo(json.dumps(person.as_dict(), default=datetime.isoformat, ensure_ascii=False))
        return
    click.echo(person.email or _("(forgotten)"))
    if person.suppressed:
        click.echo(_("  suppressed: {reason}").format(reason=person.suppressed))
    for subscription in person.subscriptions:
        status, tier = subscription_word(subscription.status), subscription_word(subscription.details["tier"])
        click.echo(
            _("  {publication}: {state}").format(publication=subscription.publication, state=f"{status}, {tier}")
        )
        for consent in subscription.consents:
            click.echo(
                _("    consent: {source}, {at}").format(source=consent.source, at=f"{consent.at:%Y-%m-%d %H:%M} UTC")
            )


@subscribers.command()
@click.argument("email", metavar="ADDRESS")
@click.option("--publication", metavar="ID", help="One letter only; all of them otherwise.")
@click.pass_obj
def unsubscribe(folder: Path, email: str, publication: str | None) -> None:
    """End a reader's subscriptions. It takes effect at once, also on a letter being sent."""
    _newsroom, engine = _open(folder, publication)
    person = _find(engine, email)
    ending = [one for one in person.subscriptions if publication in (None, one.publication)]
    if not ending:
        raise Refused(_("{email} has no subscription to {publication}").format(email=email, publication=publication))
    with engine.begin() as connection:
        ended = [one.publication for one in ending if people.unsubscribe(connection, one.id, "cli")]
    if ended:
        click.echo(_("{email} no longer receives: {letters}.").format(email=email, letters=", ".join(ended)), err=True)
    else:
        click.echo(_("{email} had left already.").format(email=email), err=True)


@subscribers.command()
@click.argument("email", metavar="ADDRESS")
@click.option("--yes", is_flag=True, help="Yes, where it would ask.")
@click.pass_obj
def forget(folder: Path, email: str, yes: bool) -> None:
    """Erase a reader (GDPR). A hash remains, so that no import brings the address back."""
    _newsroom, engine = _open(folder)
    confirm(yes, _erased(engine, email))
    with engine.begin() as connection:
        subscriber_id = people.forget(connection, people.read_address(email))
    if subscriber_id is None:
        click.echo(_("Nobody had this address; no import will add it."), err=True)
    else:
        _erase(engine, subscriber_id)


def _cut_short(rows: int, total: int) -> str:
    """What an import that was interrupted has written."""
    if not rows:
        return _("Interrupted: nothing was imported.")
    told = ngettext(
        "Interrupted: {n} row of {total} is imported. Give the same command again: it imports the others, and nothing "
        "twice.",
        "Interrupted: {n} rows of {total} are imported. Give the same command again: it imports the others, and "
        "nothing twice.",
        rows,
    )
    return told.format(n=rows, total=total)


def _erase(engine: Engine, subscriber_id: int) -> None:
    """Erase a forgotten reader from the ledger too; where that is cut short, say how to go on."""
    try:
        erased = erase_address(engine, subscriber_id)
    except (OutsideWorld, KeyboardInterrupt):
        unfinished = _(
            "Forgotten, and no letter leaves there any more; but the ledger may still hold the address: "
            "give the same command again."
        )
        click.echo(unfinished, err=True)
        raise
    click.echo(_("Forgotten: nothing personal is kept, and no import will add it."), err=True)
    held = ngettext(
        "{n} delivery in the ledger held the address: erased there, too.",
        "{n} deliveries in the ledger held the address: erased there, too.",
        erased,
    )
    click.echo(held.format(n=erased), err=True)


def _open(folder: Path, publication: str | None = None) -> tuple[Newsroom, Engine]:
    newsroom = load_newsroom(folder)
    if publication is not None and publication not in unread_publications(newsroom):  # can be unsubscribed from, too
        publication_named(newsroom, publication)
    return newsroom, open_database(database_url(newsroom), newsroom.root)


def _find(engine: Engine, email: str) -> StoredPerson:
    with read_only(engine).connect() as connection:
        person = people.find_person(connection, people.read_address(email))
    if person is None:
        raise Refused(_("{email} is not known here").format(email=email))
    return person


def _erased(engine: Engine, email: str) -> str:
    """The question before a reader is erased: what is erased, and that it is for good."""
    address = people.read_address(email)
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


def _mapping(texts: tuple[str, ...]) -> dict[str, list[str]]:
    """Field → columns. A comma separates pairs only before ``FIELD=``: names of columns may hold commas."""
    pairs: dict[str, list[str]] = {}
    for part in (part for text in texts for part in re.split(r",(?=\s*\w+\s*=)", text) if part):
        field, equals, column = part.partition("=")
        if not equals:
            raise WrongUsage(_("--map is written FIELD=COLUMN,FIELD=COLUMN; “{part}” is not").format(part=part))
        pairs.setdefault(field.strip(), []).append(column.strip())
    return pairs


def _typed(context: click.Context) -> str:
    """The command line as typed, quoted for a shell: every option that was given."""
    words = [_typed(context.parent)] if context.parent else []
    words.append(context.info_name or "")
    for parameter in context.command.params:
        name = parameter.name or ""
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        value = context.params[name]
        for each in value if isinstance(value, tuple) else [value]:
            option = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
            words.append(shlex.join(option if each is True else [*option, str(each)]))
    return " ".join(words)


def _sentence(counts: Counts, dry_run: bool, report: Path | None) -> str:
    read = (
        ngettext(
            "Nothing was changed; this is what would become of the {count} row:",
            "Nothing was changed; this is what would become of the {count} rows:",
            counts.read,
        )
        if dry_run
        else ngettext("{count} row read:", "{count} rows read:", counts.read)
    )
    parts = [
        [(ngettext("{count} row added", "{count} rows added", counts.added), counts.added)],
        [
            (ngettext("{count} row updated", "{count} rows updated", counts.updated), counts.updated),
            (ngettext("{count} as it was", "{count} as they were", counts.unchanged), counts.unchanged),
        ],
        [
            (ngettext("{count} row marked as gone", "{count} rows marked as gone", counts.left), counts.left),
            (ngettext("{count} reader had left", "{count} readers had left", counts.opted_out), counts.opted_out),
            (ngettext("{count} reader suppressed", "{count} readers suppressed", counts.suppressed), counts.suppressed),
        ],
        [
            (ngettext("{count} duplicate", "{count} duplicates", counts.duplicates), counts.duplicates),
            (ngettext("{count} row refused", "{count} rows refused", counts.refused), counts.refused),
        ],
    ]
    lines = [read.format(count=counts.read)]
    lines += ["  " + ", ".join(words.format(count=count) for words, count in line) for line in parts]
    lines += [f"    {number} × {reason}" for reason, number in counts.reasons]
    if counts.understood:
        read_as = ", ".join(f"{column} ({field})" for field, column in counts.understood)
        lines.append(_("Columns read: {columns}").format(columns=read_as))
    if counts.ignored:
        lines.append(_("Columns not read: {columns}").format(columns=", ".join(counts.ignored)))
    if counts.refused and report is None:
        lines.append(_("To see which rows and why: --report FILE"))
    return "\n".join(lines)
