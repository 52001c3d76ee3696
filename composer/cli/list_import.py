"""``filigrane subscribers import``: its options, and what it says at the end."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Unpack

import click
from click.core import ParameterSource
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from composer.cli.list_words import FILE, STATE, codes_typed, json_option, open_for, publication_option
from composer.cli.say import console, say
from composer.cli.terms_typed import Typed, delimiter_option, delimiter_typed, of_the_list, terms_typed
from composer.errors import OutsideWorld, Refused, WrongUsage
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.printable import printable
from composer.subscribers.csv_columns import FIELDS, IGNORE
from composer.subscribers.importing import Counts, import_list
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.standing import STATES


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@publication_option
@of_the_list
@click.option("--map", "mapping", metavar="FIELD=COLUMN", multiple=True, help="A column, where its name does not tell.")
@click.option("--ignore", metavar="COLUMN", multiple=True, help="A column that says nothing of who left.")
@click.option("--code", "codes", metavar="COLUMN:VALUE=STATE", multiple=True, help="What a value means; once each.")
@click.option("--state", type=STATE, help="What all rows are, where only the file says.")
@delimiter_option
@click.option("--report", type=FILE, metavar="FILE", help="CSV of the rows left out, and why; over an earlier one.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@json_option
@click.pass_obj
def import_(
    folder: Path,
    file: Path,
    publication: str,
    mapping: tuple[str, ...],
    ignore: tuple[str, ...],
    codes: tuple[str, ...],
    state: str | None,
    delimiter: str | None,
    report: Path | None,
    dry_run: bool,
    as_json: bool,
    **typed: Unpack[Typed],
) -> None:
    """Import a CSV file of subscribers: adds and updates readers, marks those who left.

    Nobody who left is brought back, and no later list undoes what this one says of leaving: try --dry-run first.
    """
    newsroom, engine = open_for(folder, publication)
    if report is not None and report.resolve() == file.resolve():
        raise WrongUsage(_("--report would overwrite the list itself; name another file"))
    standing = next((standing for standing, word in STATES.items() if word == state), None)
    terms = replace(terms_typed(newsroom, publication, standing, **typed), codes=codes_typed(codes))
    columns, dropped = mapping_typed(mapping)
    screen = console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]} · {task.fields[rate]}/s"),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    ) as bar:
        task = bar.add_task(printable(file.name), rows=0, rate=0)

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
                mapping=columns,
                ignore=[*ignore, *dropped],
                dry_run=dry_run,
                report=report,
                delimiter=delimiter_typed(delimiter),
                progress=show,
                kept=keep,
            )
        except (KeyboardInterrupt, OutsideWorld):
            screen.print(cut_short(*written), highlight=False, soft_wrap=True)
            raise
        except UnreadColumns as unread:
            example = " ".join([command_typed(click.get_current_context()), *(one.option for one in unread.suspects)])
            told = (
                _("For example, with an answer in place of each “?”: {command}")
                if any(one.field == "?" for one in unread.suspects)
                else _("For example: {command}")
            )
            raise Refused(f"{unread}\n" + told.format(command=example)) from unread
    if as_json:
        say(json.dumps({"dry_run": dry_run, **asdict(counts)}))
    else:
        say(summary_of_import(counts, dry_run, report), err=True)
    if counts.read and counts.refused == counts.read:
        say(_("no row of {file} can be imported").format(file=file.name), err=True)
        click.get_current_context().exit(Refused.exit_code)


def cut_short(rows: int, total: int) -> str:
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


def mapping_typed(texts: tuple[str, ...]) -> tuple[dict[str, list[str]], list[str]]:
    """Field → columns, and the columns to ignore (``COLUMN=ignore``).

    A comma separates pairs only before ``FIELD=``: names of columns may hold commas.
    """
    pairs: dict[str, list[str]] = {}
    ignored: list[str] = []
    for part in (part for text in texts for part in _parts(text) if part):
        field, equals, column = part.partition("=")
        if not equals:
            raise WrongUsage(_("--map is written FIELD=COLUMN,FIELD=COLUMN; “{part}” is not").format(part=part))
        field, column = field.strip(), column.strip()
        if column.lower() in IGNORE and field not in FIELDS:
            ignored.append(field)
        elif field.lower() in IGNORE:
            ignored.append(column)
        else:
            pairs.setdefault(field, []).append(column)
    return pairs, ignored


def _parts(text: str) -> list[str]:
    known = "|".join(FIELDS)
    return re.split(rf",(?=\s*(?:{known})\s*=|\s*[^,=]+=ignor\w+\s*(?:,|$)|\s*\w+\s*=)", text)


def command_typed(context: click.Context) -> str:
    """The command line as typed, quoted for a shell: every option that was given."""
    words = [command_typed(context.parent)] if context.parent else []
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


def summary_of_import(counts: Counts, dry_run: bool, report: Path | None) -> str:
    """What an import says at its end: the rows by outcome, what was read as what, and what deserves a look."""
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
    for count, words in (
        (
            counts.banned,
            ngettext(
                "{count} address closed for every letter: bounced for good, or reported as spam",
                "{count} addresses closed for every letter: bounced for good, or reported as spam",
                counts.banned,
            ),
        ),
        (
            counts.unproven,
            ngettext(
                "{count} row without a proof of consent (a blank, or never confirmed): changes nothing, adds no reader",
                "{count} rows without a proof of consent (a blank, or never confirmed): change nothing, add no reader",
                counts.unproven,
            ),
        ),
    ):
        lines += ["  " + words.format(count=count)] if count else []
    lines += [f"    {number} × {reason}" for reason, number in counts.reasons]
    lines += ["  " + remark_on_list(code, number) for code, number in counts.remarks]
    if counts.platform:
        lines.append(_("Recognised: an export of {platform}").format(platform=counts.platform))
    if counts.title:
        lines.append(_("Above the names of the columns, not read: “{title}”").format(title=counts.title))
    if counts.understood:
        read_as = ", ".join(f"{column} ({field})" for field, column in counts.understood)
        lines.append(_("Columns read: {columns}").format(columns=read_as))
    if counts.ignored:
        lines.append(_("Columns not read: {columns}").format(columns=", ".join(column_runs(counts.ignored))))
    if (counts.refused or counts.unproven) and report is None:
        lines.append(_("To see which rows and why: --report FILE"))
    return "\n".join(lines)


def column_runs(columns: Sequence[str]) -> Iterator[str]:
    """``columns`` with runs of columns without a name as one (``#3-#256``)."""
    for _key, group in groupby(
        enumerate(columns), lambda one: one[0] - int(one[1][1:]) if _PLACE.fullmatch(one[1]) else one[1]
    ):
        run = [name for _at, name in group]
        yield run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}"


_PLACE = re.compile(r"#\d+")


def remark_on_list(code: str, count: int) -> str:
    """One of ``importing.REMARKS`` in words."""
    words = {
        "date": ngettext(
            "{count} day of consent that is no date: unknown (is it --date-order mdy?)",
            "{count} days of consent that are no date: unknown (are they --date-order mdy?)",
            count,
        ),
        "told": ngettext(
            "{count} row marked as gone, because its name or language says so (such as “Durand (unsubscribed)”)",
            "{count} rows marked as gone, because their names or languages say so (such as “Durand (unsubscribed)”)",
            count,
        ),
        "gone": ngettext(
            "{count} address marked as gone, in a row that cannot be read otherwise (several addresses in a cell, a "
            "cell too many...)",
            "{count} addresses marked as gone, in rows that cannot be read otherwise (several addresses in a cell, a "
            "cell too many...)",
            count,
        ),
        "still": ngettext(
            "{count} reader of a refused row goes on getting this letter: where that row says that this reader left, "
            "correct it and import it again",
            "{count} readers of refused rows go on getting this letter: where these rows say that they left, correct "
            "them and import them again",
            count,
        ),
        "until": ngettext(
            "{count} row with an end of payment and no tier: reads the free edition (if it is paid: --tier paid)",
            "{count} rows with an end of payment and no tier: read the free edition (if they are paid: --tier paid)",
            count,
        ),
        "undated": ngettext(
            "{count} row without a day of consent: that of this import is written",
            "{count} rows without a day of consent: that of this import is written",
            count,
        ),
        "lapsed": ngettext(
            "{count} row says paid and not until when, and that reader’s payment ended: reads the free edition still",
            "{count} rows say paid and not until when, and those payments ended: read the free edition still",
            count,
        ),
        "language": ngettext(
            "{count} language that is not one (write fr, en...): the letter's own",
            "{count} languages that are none (write fr, en...): the letter's own",
            count,
        ),
        "role": ngettext(
            "{count} address of a function, not of a person (abuse@, postmaster@, noreply@...): look at it",
            "{count} addresses of a function, not of a person (abuse@, postmaster@, noreply@...): look at them",
            count,
        ),
        "mistyped": ngettext(
            "{count} address whose domain looks mistyped (gmial.com, .con...): look at it",
            "{count} addresses whose domain looks mistyped (gmial.com, .con...): look at them",
            count,
        ),
        "tier": ngettext(
            "{count} duplicate with another tier: the better one counts",
            "{count} duplicates with another tier: the better one counts",
            count,
        ),
        "encoding": ngettext(
            "{count} character in another encoding than the rest (UTF-8 and Windows-1252 mixed): look at the names",
            "{count} characters in another encoding than the rest (UTF-8 and Windows-1252 mixed): look at the names",
            count,
        ),
        "charset": ngettext(
            "{count} letter read as of an old Mac or DOS, or mended (Ã© for é): look at the names",
            "{count} letters read as of an old Mac or DOS, or mended (Ã© for é): look at the names",
            count,
        ),
        "part": ngettext(
            "this file is a part of a list of {count} reader: import the others, too",
            "this file is a part of a list of {count} readers: import the others, too",
            count,
        ),
        "file-name": ngettext(
            "{count} row taken for what the name of the file, or --state, says",
            "{count} rows taken for what the name of the file, or --state, says",
            count,
        ),
    }
    return words[code].format(count=count)
