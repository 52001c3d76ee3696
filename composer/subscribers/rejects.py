"""The report of rows that were not imported, for correcting them: line, reason, and the original row."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, literal, null, select, union_all

from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import language
from composer.subscribers import staging_tables
from composer.subscribers.codes import ListCode, read_codes
from composer.subscribers.csv_columns import FIELDS, Located, column_named, is_known, is_report
from composer.subscribers.csv_reader import CsvRow, open_csv, safe
from composer.subscribers.csv_row import Terms
from composer.subscribers.list_files import check_replaceable, replacing
from composer.subscribers.standing import STATES
from composer.subscribers.values import fold


def write_report(
    connection: Connection,
    path: Path,
    report: Path,
    located: Located,
    delimiter: str | None = None,
    said: Terms | None = None,
    *,
    within: tuple[int, int] | None = None,
    place: Callable[[int], object] = int,
) -> None:
    """Write ``report`` (CSV, UTF-8 with BOM) from the staged rows of ``path``, which is read a second time.

    Below the header stands what each column was read as, and what the operator or the file's name said of all rows
    (``said``): see ``said_of_list``. Cells are separated by ``;`` in a French newsroom, as its
    spreadsheet expects. Raises as ``replacing`` where the report cannot be written.

    Of several files that are staged together, ``within`` are the first and last line of this one, counted over all of
    them, and ``place`` says of such a line where it is.
    """
    rows, refusals = staging_tables.rows, staging_tables.refusals
    first, last = within or (0, 2**31 - 1)
    above = max(first - 1, 0)
    found = connection.execute(
        union_all(
            select(refusals.c.line, literal("refused").label("outcome"), null().label("twin"), refusals.c.reason).where(
                refusals.c.line.between(first, last)
            ),
            select(rows.c.line, rows.c.outcome, rows.c.twin, null()).where(
                rows.c.line.between(first, last),
                rows.c.outcome.in_(("duplicate", "suppressed", "opted-out", "unproven", "held")),
            ),
        ).order_by("line")
    )
    with replacing(report, _is_earlier) as file, open_csv(path, delimiter) as sheet:
        writer = csv.writer(file, delimiter=";" if language() == "fr" else ",")
        cut = 2 if located.of_report else 0  # the lines and reasons of the report before
        writer.writerow([_("line"), _("reason"), *map(safe, sheet.header[cut:])])
        read_as: dict[int, str] = {}
        for field, at in (*located.single.items(), *located.several):
            read_as[at] = f"{read_as[at]} {field}" if at in read_as else field
        read = " ".join((_("read as"), *(_options(said, sheet.header, cut) if said else ())))
        writer.writerow(["", read, *(read_as.get(at, _("not read")) for at in range(cut, len(sheet.header)))])
        record = None
        for line, outcome, twin, reason in found:
            if record is None or record.line != line - above:  # several addresses in a line
                record = next((record for record in sheet.records if record.line == line - above), None)
            cells = () if record is None else record.cells  # the file was changed or truncated during the import
            why = reason or _reason(outcome, None if twin is None else place(twin))
            writer.writerow([line - above, why, *map(safe, cells[cut:])])


@dataclass(frozen=True)
class SaidBefore:
    """What the second line of a report says: field → columns, the columns that were not read though their names are
    known, and what was said of all rows."""

    mapping: Mapping[str, Sequence[str]]
    ignore: Sequence[str]
    options: Mapping[str, str]
    codes: Sequence[ListCode] = ()

    def add_to(self, terms: Terms) -> Terms:
        """``terms`` with what was said then, where nothing else is said now."""
        state = next((one for one, word in STATES.items() if word == self.options.get("state")), None)
        tier, order, bounced, zone = (self.options.get(name) for name in ("tier", "date-order", "bounced", "timezone"))
        if terms.state is None:
            terms = replace(terms, state=state)
        if not terms.codes:
            terms = replace(terms, codes=self.codes)
        if terms.source is None:
            terms = replace(terms, source=self.options.get("source"))
        if zone and "timezone" not in terms.said:
            try:
                terms = replace(terms, zone=ZoneInfo(zone), said={*terms.said, "timezone"})
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                message = _("the second line of the report: “{name}” is no time zone; write one such as Europe/Paris")
                raise Refused(message.format(name=zone)) from error
        if terms.tier is None and tier in ("free", "paid"):
            terms = replace(terms, tier=tier)
        if order == "mdy" and "date-order" not in terms.said:
            terms = replace(terms, date_order="mdy")
        if terms.bounced is None and bounced in ("everywhere", "letter"):
            terms = replace(terms, bounced="letter" if bounced == "letter" else "everywhere")
        return terms


def _options(terms: Terms, header: Sequence[str], cut: int) -> Iterator[str]:
    """``cut``: how many columns of ``header`` the report leaves out; it has two of its own before the others."""
    if terms.state is not None:
        yield f"--state {STATES[terms.state]}"
    if terms.tier is not None:
        yield f"--tier {terms.tier}"
    if terms.date_order != "dmy":
        yield f"--date-order {terms.date_order}"
    if terms.bounced is not None:
        yield f"--bounced {terms.bounced}"
    if "timezone" in terms.said:
        yield f"--timezone {terms.zone.key}"
    for code in terms.codes:
        yield shlex.join(["--code", code.typed(f"#{column_named(header, code.column) - cut + 3}")])
    if terms.source is not None:
        yield shlex.join(["--source", terms.source])


def said_of_list(located: Located, row: CsvRow) -> SaidBefore | None:
    """What the second line of a report says. None where ``row`` is none.

    A report is imported without the options that were typed for its list, and under another name.
    """
    if not located.of_report or len(row.cells) < 2 or row.cells[0].strip() or not _READ_AS.match(row.cells[1]):
        return None
    mapping: dict[str, list[str]] = {}
    ignore: list[str] = []
    for at, cell in enumerate(row.cells[: len(located.header)]):
        if at > 1 and cell.strip() and set(cell.split()) <= set(FIELDS):
            for field in cell.split():
                mapping.setdefault(field, []).append(f"#{at + 1}")
        elif at > 1 and cell.strip() and is_known(fold(located.header[at])):
            ignore.append(f"#{at + 1}")
    try:
        words = shlex.split(row.cells[1])
    except ValueError:  # a quotation mark was typed into it
        words = row.cells[1].split()
    said = [(one[2:], value) for one, value in pairwise(words) if one.startswith("--")]
    codes = read_codes(value for one, value in said if one == "code")
    return SaidBefore(mapping, ignore, dict(said), codes)


#: How the second line of a report begins, in either language.
_READ_AS = re.compile("read as|lue? comme", re.IGNORECASE)


def check_report(report: Path) -> None:
    """Fail before the import and not after it where ``report`` cannot be written: see ``check_replaceable``."""
    check_replaceable(report, _is_earlier)


def _is_earlier(start: str) -> bool:
    """Whether a file begins as a report does."""
    header, _end, rest = start.partition("\n")
    return is_report(_BETWEEN.split(header.strip())) and _READ_AS.match(rest.lstrip(',;"')) is not None


_BETWEEN = re.compile("[,;]")


def _reason(outcome: str, twin: object) -> str:
    return {
        "duplicate": _("the address of line {line} again").format(line=twin),
        "suppressed": _("suppressed: nothing may be sent to this address"),
        "opted-out": _("this reader left; a list does not bring anybody back"),
        "unproven": _("no proof of consent: nothing is changed, no reader is added"),
        "held": _("line {line} of the same address was refused, and may say that this reader left").format(line=twin),
    }[outcome]
