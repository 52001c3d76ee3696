"""``filigrane subscribers list`` and ``count``: readers, and what they read."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from click.decorators import FC
from rich import box
from rich.table import Table

from composer.cli.json_output import json_array
from composer.cli.list_words import FILE, STATUS, TIER, json_option, open_for, shown_instant
from composer.cli.params import Word
from composer.cli.say import console, say
from composer.database import read_only
from composer.errors import WrongUsage
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.subscribers.csv_reader import safe
from composer.subscribers.exporting import GROUPS, Chosen, Status, chosen_rows, count_by, export_list, is_export
from composer.subscribers.labels import group_word, subscription_word
from composer.subscribers.list_files import replacing
from composer.subscribers.reasons import REASONS, counted_reasons
from composer.subscribers.record import Tier
from composer.subscribers.signups import count_signups
from composer.subscribers.values import read_language

_csv = click.option("--csv", "as_csv", is_flag=True, help="CSV on stdout; no cell is a formula.")


def _which(command: FC) -> FC:
    options: tuple[Callable[[FC], FC], ...] = (
        click.option("--publication", metavar="ID", help="One letter only."),
        click.option("--status", type=STATUS, help="One status only."),
        click.option("--tier", type=TIER, help="Who reads this edition now; a payment that ended is free."),
        click.option("--language", metavar="fr|en", help="Of the subscription; most have the letter's own."),
        click.option("--source", metavar="TEXT", help="Where they consented last."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _chosen(
    publication: str | None, status: Status | None, tier: Tier | None, language: str | None, source: str | None
) -> Chosen:
    return Chosen(publication, status, tier, read_language(language) if language else None, source)


@click.command("list")
@_which
@click.option(
    "--out", type=FILE, metavar="FILE", help="With --csv: file to write, over an earlier one; stdout otherwise."
)
@_csv
@json_option
@click.pass_obj
def list_(
    folder: Path,
    publication: str | None,
    status: Status | None,
    tier: Tier | None,
    language: str | None,
    source: str | None,
    out: Path | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """The readers, one subscription a line."""
    if as_csv and as_json:
        raise WrongUsage(_("--csv or --json, not both"))
    if out is not None and not as_csv:
        raise WrongUsage(_("--out goes with --csv"))
    newsroom, engine = open_for(folder, publication)
    chosen = _chosen(publication, status, tier, language, source)
    if out is not None:
        with replacing(out, is_export) as file:
            export_list(engine, file, chosen)
    elif as_csv:
        export_list(engine, sys.stdout, chosen)
    elif as_json:
        for piece in json_array(chosen_rows(engine, chosen, by_address=True)):
            say(piece, nl=False)
    else:
        zone = ZoneInfo(newsroom.settings.timezone)
        number = 0
        for row in chosen_rows(engine, chosen, by_address=True):
            number += 1
            until = f" → {shown_instant(row['paid_until'], zone)}" if row["paid_until"] else ""
            cells = (
                *(row["email"], row["name"] or "–", row["publication"], subscription_word(row["status"])),
                *(subscription_word(row["tier"]) + until, row["language"] or "–", row["source"] or "–"),
            )
            say(" · ".join(cells))
        say(ngettext("{n} subscription", "{n} subscriptions", number).format(n=number), err=True)


@click.command("count")
@_which
@click.option("--by", multiple=True, type=Word(GROUPS, group_word), help="What to count by.")
@_csv
@json_option
@click.pass_obj
def count_(
    folder: Path,
    publication: str | None,
    status: Status | None,
    tier: Tier | None,
    language: str | None,
    source: str | None,
    by: tuple[str, ...],
    as_csv: bool,
    as_json: bool,
) -> None:
    """How many readers, by letter, status and edition, or as --by says; sign-ups that wait, and why readers left."""
    if as_csv and as_json:
        raise WrongUsage(_("--csv or --json, not both"))
    newsroom, engine = open_for(folder, publication)
    groups = tuple(dict.fromkeys(by)) or ("publication", "status", "tier")
    found = count_by(engine, _chosen(publication, status, tier, language, source), groups)
    total = sum(row["number"] for row in found)
    with read_only(engine).connect() as connection:
        letters = [publication] if publication else list(newsroom.publications)
        joining = count_signups(connection, letters)
        leaving = counted_reasons(connection, letters)
    if as_json:
        told = {"total": total, "by": groups, "groups": found, "signups": joining, "leaving": leaving}
        say(json.dumps(told, ensure_ascii=False))
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow((*groups, "number"))
        writer.writerows([safe("" if value is None else str(value)) for value in row.values()] for row in found)
    else:
        table = Table(*map(group_word, groups), box=box.SIMPLE_HEAD)
        table.add_column(_("number"), justify="right")
        for row in found:
            table.add_row(*(_word(name, row[name]) for name in groups), str(row["number"]))
        console().print(table)
        say(ngettext("{n} subscription", "{n} subscriptions", total).format(n=total), err=True)
        for name, numbers in joining.items():
            if any(numbers.values()):
                text = _("{letter}: {pending} sign-ups wait for their reader’s confirmation, {waiting} for our message")
                say(text.format(letter=name, **numbers), err=True)
        for (letter, month), each in groupby(leaving, lambda row: (row["publication"], row["month"])):
            said = " · ".join(f"{_(REASONS.get(row['reason'], row['reason']))}: {row['number']}" for row in each)
            text = _("{letter}, why readers left in {month}: {reasons}")
            say(text.format(letter=letter, month=month, reasons=said), err=True)


def _word(group: str, value: Any) -> str:
    if value is None:
        return _("the letter’s own") if group == "language" else "–"
    return subscription_word(value) if group in ("status", "tier") else str(value)
