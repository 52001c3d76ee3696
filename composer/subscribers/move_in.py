"""Move another platform's exports in, all files as one list, with an equation that closes at both ends.

All files are staged together (``composer.subscribers.importing``), so that leaving wins whichever file says it, and
nothing is written before every question is answered, every row explained, and the caller goes on. What else stops: an
interruption while files are read has changed nothing; while it is written, the same command again does the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from sqlalchemy import Connection, Engine, select, union_all

from composer.errors import Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.subscribers import staging_tables
from composer.subscribers.arrived import Readership, acts_of_others, astray, fresh, going, readership
from composer.subscribers.csv_columns import Located, is_report
from composer.subscribers.csv_row import Terms
from composer.subscribers.equation import Equation, equation_of
from composer.subscribers.importing import REMARKS, Kept, stage, write_staged
from composer.subscribers.merge import classify, lapsed, still_written_to
from composer.subscribers.move_files import MovedFile, SaidOfFile
from composer.subscribers.questions import UnreadColumns
from composer.subscribers.raw_rows import raw_lines
from composer.subscribers.rejects import check_report, write_report

#: Called with the file that is read, its rows so far, and the bytes of it.
ReadingFile = Callable[[MovedFile, int, int], None]
#: Longest text about a move that is stored with each consent.
_LONGEST_DETAIL = 500


class Asked(Refused):
    """What must be said of the files first; nothing was changed. ``options``: the likeliest answers, as typed."""

    def __init__(self, message: str, options: Sequence[str]) -> None:
        super().__init__(message)
        self.options = tuple(options)


class Unexplained(Refused):
    """The equation does not close; nothing was changed."""


@dataclass(frozen=True)
class MovedPart:
    """One file, staged: its lines are ``first`` to ``last`` over all files."""

    file: MovedFile
    located: Located
    terms: Terms
    title: str
    first: int
    last: int
    equation: Equation
    remarks: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Closing:
    """A move that was written: the equations as they are now, and the readers before and after.

    ``meanwhile``: how many more (or fewer) there are by others' acts. ``unexplained``: rows that the database does not
    hold as it should, or readers that nothing accounts for; ``places``: the first of them.
    """

    total: Equation
    before: Readership
    after: Readership
    meanwhile: int
    unexplained: int
    places: tuple[str, ...]


class Move:
    """Files that are staged, read and explained, and not written yet."""

    def __init__(
        self, connection: Connection, publication: str, parts: Sequence[MovedPart], remarks: Counter[str]
    ) -> None:
        self._connection, self._publication = connection, publication
        self.parts = tuple(parts)
        #: Remarks on all files together: see ``importing.REMARKS``.
        self.remarks = tuple((one, remarks[one]) for one in REMARKS if remarks[one])

    @property
    def total(self) -> Equation:
        return sum((part.equation for part in self.parts[1:]), self.parts[0].equation)

    def refused(self, most: int) -> list[tuple[str, str]]:
        """Place and reason of the first rows that were refused."""
        refusals, rows = staging_tables.refusals, staging_tables.rows
        held = _("line {line} of the same address was refused, and may say that this reader left")
        found = self._connection.execute(
            union_all(
                select(refusals.c.line, refusals.c.reason, refusals.c.line.label("twin")),
                select(rows.c.line, rows.c.outcome, rows.c.twin).where(rows.c.outcome == "held"),
            )
            .order_by("line")
            .limit(most)
        ).all()
        self._connection.commit()
        return [
            (self._place(row.line), held.format(line=self._place(row.twin)) if row.reason == "held" else row.reason)
            for row in found
        ]

    def write_reports(self, paths: Sequence[Path]) -> None:
        """Write, of each file, the rows that were left out and why: see ``write_report``."""
        for part, path in zip(self.parts, paths, strict=True):
            write_report(
                self._connection,
                part.file.path,
                path,
                part.located,
                part.file.delimiter or None,
                part.terms,
                within=(part.first, part.last),
                place=lambda line, part=part: self._place(line, part),  # type: ignore[misc] # reason: bound now
            )
        self._connection.commit()

    def write(self, kept: Kept) -> Closing:
        """Write everything; then ask the database whether it holds it."""
        connection, detail = self._connection, self._detail()
        before, leaving = readership(connection, self._publication), going(connection, self._publication)
        write_staged(connection, self._publication, detail, kept)
        connection.commit()
        after = readership(connection, self._publication)
        equations = [equation_of(connection, part.file.rows, part.first, part.last) for part in self.parts]
        wrong, lines = astray(connection, self._publication, before.at)
        meanwhile = after.readers - before.readers - fresh(connection) + leaving
        others = acts_of_others(connection, self._publication, before, detail) if meanwhile else 0
        connection.commit()
        total = sum(equations[1:], equations[0])
        unexplained = wrong + max(abs(meanwhile) - others, 0) + abs(total.unexplained)
        places = tuple(map(self._place, lines))
        return Closing(total, before, after, meanwhile, unexplained, places)

    def _detail(self) -> str:
        names = sorted({part.file.origin.name for part in self.parts if part.file.origin is not None})
        files = ", ".join(part.file.path.name for part in self.parts)
        return ": ".join((*names, files))[:_LONGEST_DETAIL]

    def _place(self, line: int, here: MovedPart | None = None) -> str:
        """A line, counted over all files, as people know it: ``12``, or ``unsubscribed.csv, 12`` where it is not in
        ``here``."""
        part = next((part for part in self.parts if part.first <= line <= part.last), self.parts[-1])
        number = str(line - part.first + 1)
        return number if part is here else f"{part.file.path.name}:{number}"


@contextmanager
def moving_in(
    engine: Engine, files: Sequence[MovedFile], said: Sequence[SaidOfFile], terms: Terms, reading: ReadingFile
) -> Iterator[Move]:
    """Read and judge ``files``, of which ``said`` is what the operator says of each and ``terms`` of all.

    Raises ``Asked`` where something must be said first, ``Unexplained`` where a row is not accounted for, ``Refused``
    where a file cannot be read to its end. Nothing is changed before ``Move.write``.
    """
    with engine.connect() as connection:
        connection.execution_options(reading=True)
        staging_tables.create(connection)
        try:
            yield _staged(connection, files, said, terms, reading)
        finally:
            connection.rollback()
            connection.execution_options(reading=True)
            staging_tables.drop(connection)
            connection.commit()


def check_reports(paths: Sequence[Path]) -> None:
    """Raise as ``check_report`` where one of ``paths`` cannot be written."""
    for path in paths:
        check_report(path)


def _staged(
    connection: Connection, files: Sequence[MovedFile], said: Sequence[SaidOfFile], terms: Terms, reading: ReadingFile
) -> Move:
    asked: list[tuple[int, UnreadColumns]] = []
    sources: list[int] = []
    read: list[tuple[MovedFile, Located, Terms, str, int, int, Counter[str]]] = []
    above, notes = 0, Counter[str]()
    for number, (file, of_file) in enumerate(zip(files, said, strict=True), 1):
        noted: Counter[str] = Counter()
        own = replace(terms, state=of_file.state, codes=of_file.codes)

        def show(rows: int, done: int, _size: int, file: MovedFile = file) -> None:
            reading(file, rows, done)

        try:
            located, own, title = stage(
                connection,
                file.path,
                of_file.delimiter,
                own,
                of_file.mapping,
                of_file.ignore,
                noted,
                show,
                above,
            )
        except UnreadColumns as questions:
            asked.append((number, questions))
            continue
        if own.source is None and "source" not in located.single:
            sources.append(number)
        last = max(above, staging_tables.greatest_line(connection))
        read.append((file, located, own, title, above + 1, last, noted))
        above, notes = last, notes + noted
    if asked or sources:
        raise _questions(files, asked, sources)
    staging_tables.mark_duplicates(connection)
    notes["tier"] = staging_tables.better_tiers(connection)
    classify(connection, terms.publication)
    notes["lapsed"] = lapsed(connection, terms.publication)
    notes["still"] = still_written_to(connection, terms.publication)
    parts = []
    for file, located, own, title, first, last, noted in read:
        equation = equation_of(connection, file.rows, first, last)
        if equation.unexplained:
            raise _unexplained(connection, file, equation, first, last)
        remarks = tuple((one, noted[one]) for one in REMARKS if noted[one])
        parts.append(MovedPart(file, located, own, title, first, last, equation, remarks))
    connection.commit()
    return Move(connection, terms.publication, parts, notes)


#: Options in a question that are about one file.
_OF_FILE = re.compile(r"(--(?:map|ignore|state|code) )('?)")


def _questions(files: Sequence[MovedFile], asked: Sequence[tuple[int, UnreadColumns]], sources: Sequence[int]) -> Asked:
    """All questions about all files. Of several, an option says which file it is about: ``--state 2:unsubscribed``."""
    texts, options = [], []
    for number, questions in asked:
        prefix = rf"\g<1>\g<2>{number}:" if len(files) > 1 else r"\g<0>"
        texts.append(_OF_FILE.sub(prefix, str(questions)))
        options += [_OF_FILE.sub(prefix, one.option) for one in questions.suspects]
    if sources:
        names = ", ".join(files[number - 1].path.name for number in sources)
        question = _(
            "{files}: no column says where these readers asked for the letter, and a proof of consent must. Say it: "
            "--source TEXT (for example --source 'form of our site, by {platform}')"
        )
        origin = files[sources[0] - 1].origin
        texts.append(question.format(files=names, platform=origin.name if origin else "Mailchimp"))
        options.append("--source ?")
    return Asked("\n".join(texts), list(dict.fromkeys(options)))


def _unexplained(connection: Connection, file: MovedFile, equation: Equation, first: int, last: int) -> Unexplained:
    """Which end has more, and from where on: the first line that is a row at one end alone."""
    of_rows = [
        select(table.c.line).where(table.c.line.between(first, last))
        for table in (staging_tables.rows, staging_tables.refusals)
    ]
    staged = (line - first + 1 for line in connection.execute(union_all(*of_rows).order_by("line")).scalars())
    counted = raw_lines(file.path, file.header, file.delimiter, backslash=file.backslash)
    if is_report(file.header):
        next(counted, None)  # what each column was read as
    pairs = zip_longest(counted, staged)
    parted = next((one or other or 0 for one, other in pairs if one != other), 0)
    read = equation.rows - equation.unexplained
    message = ngettext(
        "{path}: the file has {rows} row, and {read} became of it: {number} unexplained, from line {line} on. Nothing "
        "was changed. Look at that line: often a quotation mark in a cell",
        "{path}: the file has {rows} rows, and {read} became of them: {number} unexplained, from line {line} on. "
        "Nothing was changed. Look at that line: often a quotation mark in a cell",
        equation.rows,
    )
    told = message.format(path=file.path, rows=equation.rows, read=read, number=equation.unexplained, line=parted)
    return Unexplained(told)
