"""Import a list: read and validate every row into staging tables first, then write by set-based statements.

The staging tables are temporary. On SQLite these live in a separate file, so sending continues while a million rows
are read. Up to about ``SLICE`` rows are written in one transaction; on SQLite a longer list takes several, because
letters wait meanwhile, and a worker that cannot write its heartbeat for 30 s counts as dead. An import that is
interrupted before the first of them has changed nothing; later, what they wrote stays, and running it again completes
it: rows already imported stay unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, select, true

from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers import staging_tables
from composer.subscribers.address_key import address_keys
from composer.subscribers.csv_columns import Located, NoAddresses, locate
from composer.subscribers.csv_reader import CsvRow, open_csv
from composer.subscribers.csv_row import RefusedRow, Terms, WhichBounce, read_candidate, rows_of_gone
from composer.subscribers.headings import alone, heading, named_by_column, names_again, second_table, section
from composer.subscribers.interrupts import interrupt_held
from composer.subscribers.leaving import Watch
from composer.subscribers.merge import classify, counted, lapsed, merge, still_written_to
from composer.subscribers.plain_rows import PlainRows
from composer.subscribers.questions import Suspect, about_bounce, about_name, about_section
from composer.subscribers.rejects import check_report, said_of_list, write_report
from composer.subscribers.shifted_rows import with_what_it_says
from composer.subscribers.smells import standing_of_file, standing_of_folder, standing_of_title
from composer.subscribers.standing import Stance

_BATCH = 5000
#: Bytes of a list after which the cells read so far are looked at (``Watch``).
_LOOK = 500_000
#: Approximate rows per transaction on SQLite: other writers wait for a third of a second.
SLICE = 20_000
#: Seconds between two of these transactions. A writer that waits looks every tenth of a second: it must find a gap.
_PAUSE = 0.12


@dataclass(frozen=True)
class Counts:
    """Rows of a list by outcome (see ``composer.subscribers.merge``); all counts add up to ``read``."""

    read: int
    added: int
    updated: int
    unchanged: int
    left: int
    opted_out: int
    suppressed: int
    duplicates: int
    refused: int
    #: Bounced or complained according to the list: suppressed for every letter.
    banned: int = 0
    #: No proof of consent: nothing was changed, no reader added.
    unproven: int = 0
    #: The platform recognised by the header.
    platform: str | None = field(default=None, compare=False)
    #: What stands above the names of the columns.
    title: str = field(default="", compare=False)
    #: Columns of the list: (field, name) of each that was read; ``ignored``: the names of the others.
    understood: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    ignored: tuple[str, ...] = field(default=(), compare=False)
    #: The most frequent reasons of refusal, each with its number of rows.
    reasons: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    #: What was accepted and deserves a look, each with its number of rows: see ``REMARKS``.
    remarks: tuple[tuple[str, int], ...] = field(default=(), compare=False)


#: Called every ``_BATCH`` rows with the rows read, the bytes read, and the size of the file in bytes.
Progress = Callable[[int, int, int], None]


#: Called after each transaction with the rows that are done, whatever their outcome, and all that can be imported.
Kept = Callable[[int, int], None]

#: Most reasons of refusal in ``Counts``.
_REASONS = 3
#: Remarks: a name or a language says that the reader left, and the row is one of who left; an address in a
#: row of a leaver that is refused for something else; a reader of this letter whom a refused row may say to have left;
#: an end of payment without a
#: tier; a day of consent is missing; "paid" of a reader whose
#: payment has ended here; a row is accepted with its
#: day of consent, or its language, unknown, because it cannot be read; the address of a function,
#: not of a person; a domain that looks mistyped; of duplicates with different tiers the better one counted; characters
#: of another encoding than the rest of the file, or of one that was guessed; all rows are what the file's name says;
#: this is a part of a longer list (JSON).
REMARKS = (
    "told",
    "gone",
    "still",
    "until",
    "undated",
    "lapsed",
    "date",
    "language",
    "role",
    "mistyped",
    "tier",
    "encoding",
    "charset",
    "file-name",
    "part",
)


def import_list(
    engine: Engine,
    path: Path,
    terms: Terms,
    *,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    ignore: Collection[str] = (),
    dry_run: bool = False,
    report: Path | None = None,
    delimiter: str | None = None,
    progress: Progress = lambda rows, done, size: None,
    kept: Kept = lambda rows, total: None,
) -> Counts:
    """Import the CSV file ``path``; with ``dry_run``, only count the outcomes.

    ``mapping`` gives the column of a field that is not found by name, ``ignore`` the columns that hold no opt-outs,
    ``delimiter`` what stands between cells where it is not to be guessed. ``report`` receives every row that was not
    imported, with line and reason. Raises ``Refused`` where the file cannot be read to its end, its subclass
    ``UnreadColumns`` where the operator must be asked first, ``OutsideWorld`` where a disk fails; nothing is imported
    then, but for what ``kept`` was called with.
    """
    if report is not None:
        check_report(report)
    with engine.connect() as connection:
        connection.execution_options(reading=True)
        staging_tables.create(connection)
        try:
            noted: Counter[str] = Counter()
            located, terms, title = stage(connection, path, delimiter, terms, mapping or {}, ignore, noted, progress)
            staging_tables.mark_duplicates(connection)
            noted["tier"] = staging_tables.better_tiers(connection)
            classify(connection, terms.publication)
            noted["lapsed"] = lapsed(connection, terms.publication)
            noted["still"] = still_written_to(connection, terms.publication)
            connection.commit()
            if not dry_run:
                write_staged(connection, terms.publication, path.name, kept)
            outcomes = counted(connection)
            if report is not None:
                write_report(connection, path, report, located, delimiter, terms)
            refused = connection.execute(select(func.count()).select_from(staging_tables.refusals)).scalar_one()
            reasons = _most_frequent(connection, outcomes.get("held", 0))
        finally:
            connection.rollback()
            connection.execution_options(reading=True)
            staging_tables.drop(connection)
            connection.commit()
    return Counts(
        read=sum(outcomes.values()) + refused,
        added=outcomes.get("added", 0),
        updated=outcomes.get("updated", 0),
        unchanged=outcomes.get("unchanged", 0),
        left=outcomes.get("left", 0),
        opted_out=outcomes.get("opted-out", 0),
        suppressed=outcomes.get("suppressed", 0),
        duplicates=outcomes.get("duplicate", 0),
        refused=refused + outcomes.get("held", 0),
        banned=outcomes.get("banned", 0),
        unproven=outcomes.get("unproven", 0),
        platform=located.platform.name if located.platform else None,
        title=title,
        understood=located.understood,
        ignored=tuple(map(located.shown, located.ignored)),
        reasons=reasons,
        remarks=tuple((remark, noted[remark]) for remark in REMARKS if noted[remark]),
    )


def _most_frequent(connection: Connection, held: int) -> tuple[tuple[str, int], ...]:
    reason = staging_tables.refusals.c.reason
    found = connection.execute(
        select(reason, func.count().label("number"))
        .group_by(reason)
        .order_by(func.count().desc(), reason)
        .limit(_REASONS)
    )
    reasons = [(row.reason, row.number) for row in found]
    if held:
        reasons.append((_("another row of the same address was refused, and may say that this reader left"), held))
    return tuple(sorted(reasons, key=lambda one: -one[1])[:_REASONS])


def stage(
    connection: Connection,
    path: Path,
    delimiter: str | None,
    terms: Terms,
    mapping: Mapping[str, str | Sequence[str]],
    ignore: Collection[str],
    noted: Counter[str],
    progress: Progress,
    above: int = 0,
) -> tuple[Located, Terms, str]:
    """Read the rows into the staging tables; how the columns were read, what was said of all rows, and the title.

    ``above``: lines of the files that were staged before this one, added to the numbers of its lines."""
    key_of = address_keys(connection)
    with open_csv(path, delimiter) as sheet:
        try:
            located = locate(sheet.header, mapping, ignore, sheet.delimiter or ",", terms.codes)
        except NoAddresses as unknown:
            raise unknown.after([(one.line, one.cells) for one in islice(sheet.records, 10)]) from unknown
        records = iter(sheet.records)
        if located.of_report:
            if (before := said_of_list(located, next(records, CsvRow(1, ())))) is None:
                message = _(
                    "{path}: this looks like the report of an import, and its second line (“read as”) is not under the "
                    "names of the columns: it says what each column is, and what was said of all rows. Put it back "
                    "there; where this is a list of your own, call its second column by another name"
                )
                raise Refused(message.format(path=path))
            terms = before.add_to(terms)
            said = {**before.mapping, **mapping}
            located = locate(sheet.header, said, [*ignore, *before.ignore], sheet.delimiter or ",", terms.codes)
        terms, named = _with_state(path, located, terms)
        watch = Watch(located, terms.now, terms.date_order, stated=terms.state is not None)
        if terms.state is None and (state := standing_of_title(sheet.title)) is not None:
            watch.others.append(about_name(sheet.title, state, "title"))
        if terms.state is None and (column := named_by_column(located)):
            watch.others.append(about_name(*column, "column"))
        good: list[dict[str, Any]] = []
        bad: list[dict[str, Any]] = []
        held: list[dict[str, Any]] = []
        seen: list[Sequence[str]] = []
        look, plain = _LOOK, PlainRows(located, terms)
        count, told, sectioned = 0, False, False
        between: tuple[int, str] | None = None
        titled: tuple[int, str] | None = None
        for count, record in enumerate(records, 1):
            if not record.trouble:
                seen.append(record.cells)
            try:
                row = plain.read(record, noted) or read_candidate(record, located, terms, noted)
                row["address_key"] = key_of(row.pop("address"))
                good.append(row)
                told, titled = told or row["standing"] >= Stance.LEFT, None
                if between and row["standing"] == Stance.IN:
                    watch.others.append(about_section(*between))
                    between, sectioned = None, True  # asked once
            except RefusedRow as refused:
                refusal = with_what_it_says(refused, record, located, terms)
                if terms.state is None and (title := heading(record.cells, located)):
                    message = _(
                        "{path}:{line}: “{title}” stands alone in its line, as above readers who left; nothing was "
                        "imported. Take this line out; put readers who left in a list of their own, and import that "
                        "with --state unsubscribed (or bounced, complained)"
                    )
                    raise Refused(message.format(path=path, line=record.line, title=title)) from refused
                if second_table(record.cells, located):
                    message = _(
                        "{path}:{line}: names of columns again, and other ones than in the first line ({names}): a "
                        "second table begins here; nothing was imported. Put it in a file of its own, and import that "
                        "as well"
                    )
                    names = ", ".join(cell.strip() for cell in record.cells if cell.strip())
                    raise Refused(message.format(path=path, line=record.line, names=names)) from refused
                if terms.state is None and not sectioned:
                    if title := section(record, located):
                        between = record.line, title
                    elif titled and names_again(record.cells, located):  # a title, and the names of its table
                        between = titled
                    titled = (record.line, words) if (words := alone(record)) else None
                if refusal.gone:
                    found = rows_of_gone(refusal, record.line)
                    good += [one | {"address_key": key_of(one.pop("address"))} for one in found]
                    told, noted["gone"] = True, noted["gone"] + len(found)
                else:
                    bad.append({"line": record.line, "reason": str(refusal)})
                held += [{"line": record.line, "address_key": key_of(address)} for address in refusal.addresses]
            except WhichBounce as asked:
                watch.others.append(about_bounce(record.line, asked.word))
                terms = replace(terms, bounced="letter")  # asked once; nothing of this is imported
                plain = PlainRows(located, terms)
            if sheet.position >= look:  # not kept until the end of a batch: cells may be long
                watch.see(seen)
                seen, look = [], sheet.position + _LOOK
            if count % _BATCH == 0:
                watch.see(seen)
                watch.judge(path.name)
                seen = []
                staging_tables.put(connection, good, bad, held, above)
                good, bad, held = [], [], []
                progress(count, sheet.position, sheet.size)
        if named is not None and not told:
            watch.others.append(named)
        watch.see(seen)
        watch.judge(path.name, whole=True)
        staging_tables.put(connection, good, bad, held, above)
        progress(count, sheet.size, sheet.size)
        if terms.state is not None:
            noted["file-name"] = count
        noted["encoding"] = sheet.decoding.mended if sheet.decoding.mixed else 0
        noted["charset"] = sheet.decoding.guessed
        noted["part"] = sheet.total
    return located, terms, sheet.title


def _with_state(path: Path, located: Located, terms: Terms) -> tuple[Terms, Suspect | None]:
    """``terms`` with what the file's name says of all its rows, and what its name or its folder's may say: that is
    asked, unless rows say of themselves that their readers left."""
    if terms.state is not None:
        return terms, None
    if (named := standing_of_file(path)) is not None:
        if located.platform is not None and located.platform.state_in_name:
            return replace(terms, state=named), None
        return terms, about_name(path.name, named)
    folder = standing_of_folder(path)
    return terms, about_name(path.absolute().parent.name, folder, "folder") if folder is not None else None


def write_staged(connection: Connection, publication: str, detail: str, kept: Kept) -> None:
    """Move what is staged and classified into the tables of readers, on SQLite in several transactions."""
    found = counted(connection)
    total, done = sum(found.values()), 0
    connection.commit()
    connection.execution_options(reading=False)
    # On PostgreSQL one transaction is enough: only another import would wait for it.
    slices = max(1, -(-total // SLICE)) if connection.dialect.name == "sqlite" else 1
    key = staging_tables.rows.c.address_key
    for number in range(slices):
        # Keys are HMACs, spread evenly: ranges of their first eight digits hold about equal numbers of rows.
        first, beyond = (f"{16**8 * edge // slices:08x}" for edge in (number, number + 1))
        keys = and_(key >= first, key < beyond if number < slices - 1 else true())
        merge(connection, publication, detail, keys, found)
        done += connection.execute(select(func.count()).where(keys)).scalar_one()
        with interrupt_held():
            connection.commit()
            kept(done, total)
        if number < slices - 1:
            sleep(_PAUSE)
    connection.execution_options(reading=True)
