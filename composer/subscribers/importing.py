"""Import a list: read and validate every row into staging tables first, then write by set-based statements.

The staging tables are temporary. On SQLite these live in a separate file, so sending continues while a million rows
are read. Up to about ``SLICE`` rows are written in one transaction; on SQLite a longer list takes several, because
letters wait meanwhile, and a worker that cannot write its heartbeat for 30 s counts as dead. An import that is
interrupted before the first of them has changed nothing; later, what they wrote stays, and running it again completes
it: rows already imported stay unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import sleep
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, select, true

from composer.errors import Refused
from composer.subscribers import staging_tables
from composer.subscribers.csv_columns import Located, locate
from composer.subscribers.csv_reader import open_csv
from composer.subscribers.csv_row import Terms, read_candidate
from composer.subscribers.leaving import Watch
from composer.subscribers.merge import classify, counted, merge
from composer.subscribers.rejects import start_report, write_report

_BATCH = 5000
#: Approximate rows per transaction on SQLite: other writers wait for a third of a second.
SLICE = 10_000
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
    #: Columns of the list: (field, name) of each that was read; ``ignored``: the names of the others.
    understood: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    ignored: tuple[str, ...] = field(default=(), compare=False)
    #: The most frequent reasons of refusal, each with its number of rows.
    reasons: tuple[tuple[str, int], ...] = field(default=(), compare=False)

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


#: Called every ``_BATCH`` rows with the rows read, the bytes read, and the size of the file in bytes.
Progress = Callable[[int, int, int], None]


#: Called after each transaction with the rows that are done, whatever their outcome, and all that can be imported.
Kept = Callable[[int, int], None]

#: Most reasons of refusal in ``Counts``.
_REASONS = 3


def import_list(
    engine: Engine,
    path: Path,
    terms: Terms,
    *,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    ignore: Collection[str] = (),
    dry_run: bool = False,
    report: Path | None = None,
    progress: Progress = lambda rows, done, size: None,
    kept: Kept = lambda rows, total: None,
) -> Counts:
    """Import the CSV file ``path``; with ``dry_run``, only count the outcomes.

    ``mapping`` gives the column of a field that is not found by name, ``ignore`` the columns that hold no opt-outs.
    ``report`` receives every row that was not imported, with line and reason. Raises ``Refused`` where the file cannot
    be read to its end, its subclass ``UnreadColumns`` where an unread column may hold opt-outs, ``OutsideWorld``
    where a disk fails; nothing is imported then, but for what ``kept`` was called with.
    """
    if report is not None:
        start_report(report)
    with engine.connect() as connection:
        connection.execution_options(reading=True)
        staging_tables.create(connection)
        try:
            located = _stage(connection, path, terms, mapping or {}, ignore, progress)
            staging_tables.mark_duplicates(connection)
            classify(connection, terms.publication)
            connection.commit()
            if not dry_run:
                _write(connection, terms.publication, path.name, kept)
            outcomes = counted(connection)
            if report is not None:
                write_report(connection, path, report, located)
            refused = connection.execute(select(func.count()).select_from(staging_tables.refusals)).scalar_one()
            reasons = connection.execute(
                select(staging_tables.refusals.c.reason, func.count().label("number"))
                .group_by(staging_tables.refusals.c.reason)
                .order_by(func.count().desc(), staging_tables.refusals.c.reason)
                .limit(_REASONS)
            ).all()
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
        refused=refused,
        understood=located.understood,
        ignored=tuple(map(located.label, located.ignored)),
        reasons=tuple((row.reason, row.number) for row in reasons),
    )


def _stage(
    connection: Connection,
    path: Path,
    terms: Terms,
    mapping: Mapping[str, str | Sequence[str]],
    ignore: Collection[str],
    progress: Progress,
) -> Located:
    with open_csv(path) as sheet:
        located = locate(sheet.header, mapping, ignore)
        watch = Watch(located)
        good: list[dict[str, Any]] = []
        bad: list[dict[str, Any]] = []
        count = 0
        for count, record in enumerate(sheet.records, 1):
            if not record.trouble:
                watch.see(record.cells)
            try:
                good.append(read_candidate(record, located, terms))
            except Refused as refusal:
                bad.append({"line": record.line, "reason": str(refusal)})
            if count % _BATCH == 0:
                watch.judge(path.name)
                staging_tables.put(connection, good, bad)
                good, bad = [], []
                progress(count, sheet.position, sheet.size)
        watch.judge(path.name)
        staging_tables.put(connection, good, bad)
        progress(count, sheet.size, sheet.size)
    return located


def _write(connection: Connection, publication: str, detail: str, kept: Kept) -> None:
    found = counted(connection)
    total, done = sum(found.values()), 0
    connection.commit()
    connection.execution_options(reading=False)
    # On PostgreSQL one transaction is enough: only another import would wait for it.
    slices = max(1, -(-total // SLICE)) if connection.dialect.name == "sqlite" else 1
    key = staging_tables.rows.c.address_key
    for number in range(slices):
        # Keys are SHA-256 digests, spread evenly: ranges of their first eight digits hold about equal numbers of rows.
        first, beyond = (f"{16**8 * edge // slices:08x}" for edge in (number, number + 1))
        keys = and_(key >= first, key < beyond if number < slices - 1 else true())
        merge(connection, publication, detail, keys, found)
        done += connection.execute(select(func.count()).where(keys)).scalar_one()
        connection.commit()
        kept(done, total)
        if number < slices - 1:
            sleep(_PAUSE)
    connection.execution_options(reading=True)
