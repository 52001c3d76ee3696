"""The report of rows that were not imported, for correcting them: line, reason, and the original row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection, literal, null, select, union_all

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale import language
from composer.locale.os_errors import os_reason
from composer.subscribers import staging_tables
from composer.subscribers.csv_columns import FIELDS, Located, is_known
from composer.subscribers.csv_reader import CsvRow, open_csv, safe
from composer.subscribers.csv_row import Terms
from composer.subscribers.questions import STATES
from composer.subscribers.values import fold


def write_report(
    connection: Connection,
    path: Path,
    report: Path,
    located: Located,
    delimiter: str | None = None,
    said: Terms | None = None,
) -> None:
    """Write ``report`` (CSV, UTF-8 with BOM) from the staged rows of ``path``, which is read a second time.

    Below the header stands what each column was read as, and what the operator or the file's name said of all rows
    (``said``): see ``said_of_list``. Cells are separated by ``;`` in a French newsroom, as its
    spreadsheet expects. Raises ``OutsideWorld`` where the report cannot be written.
    """
    rows, refusals = staging_tables.rows, staging_tables.refusals
    found = connection.execute(
        union_all(
            select(refusals.c.line, literal("refused").label("outcome"), null().label("twin"), refusals.c.reason),
            select(rows.c.line, rows.c.outcome, rows.c.twin, null()).where(
                rows.c.outcome.in_(("duplicate", "suppressed", "opted-out", "unproven", "held"))
            ),
        ).order_by("line")
    )
    with _opened(report) as file, open_csv(path, delimiter) as sheet:
        writer = csv.writer(file, delimiter=";" if language() == "fr" else ",")
        cut = 2 if located.of_report else 0  # the lines and reasons of the report before
        writer.writerow([_("line"), _("reason"), *map(safe, sheet.header[cut:])])
        read_as = {at: field for field, at in (*located.single.items(), *located.several)}
        read = " ".join((_("read as"), *(_options(said) if said else ())))
        writer.writerow(["", read, *(read_as.get(at, _("not read")) for at in range(cut, len(sheet.header)))])
        for line, outcome, twin, reason in found:
            record = next((record for record in sheet.records if record.line == line), None)
            cells = () if record is None else record.cells  # the file was changed or truncated during the import
            writer.writerow([line, reason or _reason(outcome, twin), *map(safe, cells[cut:])])


@dataclass(frozen=True)
class SaidBefore:
    """What the second line of a report says: field → columns, the columns that were not read though their names are
    known, and what was said of all rows."""

    mapping: Mapping[str, Sequence[str]]
    ignore: Sequence[str]
    options: Mapping[str, str]

    def add_to(self, terms: Terms) -> Terms:
        """``terms`` with what was said then, where nothing else is said now."""
        state = next((one for one, word in STATES.items() if word == self.options.get("state")), None)
        tier, order, bounced = (self.options.get(name) for name in ("tier", "date-order", "bounced"))
        if terms.state is None:
            terms = replace(terms, state=state)
        if terms.tier is None and tier in ("free", "paid"):
            terms = replace(terms, tier=tier)
        if order == "mdy":
            terms = replace(terms, date_order="mdy")
        if terms.bounced is None and bounced in ("everywhere", "letter"):
            terms = replace(terms, bounced="letter" if bounced == "letter" else "everywhere")
        return terms


def _options(terms: Terms) -> Iterator[str]:
    if terms.state is not None:
        yield f"--state {STATES[terms.state]}"
    if terms.tier is not None:
        yield f"--tier {terms.tier}"
    if terms.date_order != "dmy":
        yield f"--date-order {terms.date_order}"
    if terms.bounced is not None:
        yield f"--bounced {terms.bounced}"


def said_of_list(located: Located, row: CsvRow) -> SaidBefore | None:
    """What the second line of a report says. None where ``row`` is none.

    A report is imported without the options that were typed for its list, and under another name.
    """
    if not located.of_report or len(row.cells) < 2 or row.cells[0].strip() or not _READ_AS.match(row.cells[1]):
        return None
    mapping: dict[str, list[str]] = {}
    ignore: list[str] = []
    for at, cell in enumerate(row.cells[: len(located.header)]):
        if at > 1 and cell.strip() in FIELDS:
            mapping.setdefault(cell.strip(), []).append(f"#{at + 1}")
        elif at > 1 and cell.strip() and is_known(fold(located.header[at])):
            ignore.append(f"#{at + 1}")
    words = row.cells[1].split()
    return SaidBefore(mapping, ignore, {one[2:]: value for one, value in pairwise(words) if one.startswith("--")})


#: How the second line of a report begins, in either language.
_READ_AS = re.compile("read as|lue? comme", re.IGNORECASE)


def start_report(report: Path) -> None:
    """Create an empty ``report``, to fail before the import and not after it. Raises ``OutsideWorld``."""
    with _opened(report):
        pass


@contextmanager
def _opened(report: Path) -> Iterator[TextIO]:
    try:
        with report.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
            yield file
    except OSError as error:
        raise OutsideWorld(
            _("the report {path} cannot be written: {why}").format(path=report, why=os_reason(error))
        ) from error


def _reason(outcome: str, twin: int) -> str:
    return {
        "duplicate": _("the address of line {line} again").format(line=twin),
        "suppressed": _("suppressed: nothing may be sent to this address"),
        "opted-out": _("this reader left; a list does not bring anybody back"),
        "unproven": _("no proof of consent: nothing is changed, no reader is added"),
        "held": _("line {line} of the same address was refused, and may say that this reader left").format(line=twin),
    }[outcome]
