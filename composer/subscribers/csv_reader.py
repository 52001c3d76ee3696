"""Read CSV written by spreadsheets and other email services; quote cells for files that a spreadsheet will open.

Encoding and delimiter are detected. Memory is constant: one record at a time.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.locale.os_errors import os_reason
from composer.subscribers.csv_columns import COLUMN_NAMES
from composer.subscribers.json_list import looks_like_json, read_json_list
from composer.subscribers.platforms import recognise
from composer.subscribers.sniffing import (
    DECODING,
    DELIMITERS,
    SAMPLE,
    Decoding,
    as_text,
    as_written,
    beyond_ascii,
    guess_delimiter,
    is_text,
)
from composer.subscribers.values import fold

#: A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(slots=True)  # not frozen, which would make it four times as slow to make: a list has a million
class CsvRow:
    """One record. ``line``: its first line in the file, from 1. ``trouble``: why its cells cannot be used, or None.
    ``after_gap``: the line above it is empty.
    """

    line: int
    cells: Sequence[str]
    trouble: str | None = None
    after_gap: bool = False


@dataclass
class Spreadsheet:
    """An open CSV file: header cells, records, and ``position``, the number of bytes read so far of ``size``."""

    header: Sequence[str]
    records: Iterator[CsvRow]
    size: int
    _file: BinaryIO
    #: What stands between the cells; empty for JSON.
    delimiter: str = ""
    #: Whether the text mixed two encodings; known when all records were read.
    decoding: Decoding = field(default_factory=Decoding)
    #: What stands above the names of the columns, or the name of the list in JSON; and how many readers the list has in
    #: all where this is a part of it.
    title: str = ""
    total: int = 0

    @property
    def position(self) -> int:
        return self._file.tell()


def safe(cell: str) -> str:
    """``cell`` for a file that a spreadsheet will open: a formula is quoted as text. ``bare`` is the exact inverse."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def bare(cell: str) -> str:
    """Undo ``safe``; any other cell is returned unchanged."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def _as_typed(cell: str) -> str:
    """``cell`` without the formula by which a spreadsheet is kept from reading it otherwise: ``="zoe@example.org"``."""
    return cell[2:-1].replace('""', '"') if len(cell) > 2 and cell.startswith('="') and cell.endswith('"') else cell


@contextmanager
def open_csv(path: Path, delimiter: str | None = None) -> Iterator[Spreadsheet]:
    """Open a CSV file, or a list in JSON. ``delimiter``: where it is not to be guessed.

    Raises ``Refused``, at once or while records are read, where the file cannot be read to its end, and
    ``OutsideWorld`` where the disk fails.
    """
    decoding = Decoding()
    token = DECODING.set(decoding)
    try:
        with path.open("rb") as file:
            if not file.seekable():
                raise Refused(
                    _("{path}: a list is read from a file, not from a pipe; save it in one").format(path=path)
                )
            if not is_text(file):
                message = (
                    _("{path}: this is an archive; unpack it, and import the lists in it")
                    if path.suffix.lower() in _ARCHIVES
                    else _("{path}: this is not a CSV file; in the spreadsheet, save the list as “CSV UTF-8”")
                )
                raise Refused(message.format(path=path))
            start = file.read(100)
            file.seek(0)
            if path.suffix.lower() == ".json" or looks_like_json(start):
                yield _open_json(path, file)
                return
            text = as_text(file)
            try:
                yield _open(path, text, file, decoding, delimiter)
            finally:
                text.detach()
    except UnicodeError as error:
        raise Refused(_("{path}: the text of this file cannot be read: {why}").format(path=path, why=error)) from error
    except OSError as error:
        raise OutsideWorld(f"{path}: {os_reason(error)}") from error
    finally:
        DECODING.reset(token)


def _open_json(path: Path, file: BinaryIO) -> Spreadsheet:
    found = read_json_list(path)
    records = (CsvRow(number, cells) for number, cells in enumerate(found.rows, 1))
    return Spreadsheet(found.header, records, path.stat().st_size, file, title=found.title, total=found.total)


def _open(path: Path, text: io.TextIOWrapper, file: BinaryIO, decoding: Decoding, delimiter: str | None) -> Spreadsheet:
    lines = _Lines(text, decoding)
    first = next(lines, "")
    declared = re.match(rf'"?sep=([{re.escape(DELIMITERS)}])', first, re.IGNORECASE)
    if declared:  # Excel writes the line sep=;
        first = next(lines, "")
    while first and not first.strip(DELIMITERS + ' \r\n"'):
        first = next(lines, "")
    first, title = _below_title(lines, first)
    delimiter = delimiter or (declared[1] if declared and declared[1] in first else None)
    if delimiter is None:
        sample = [first, *islice(lines, SAMPLE)]
        delimiter = guess_delimiter(sample)
        lines.put_back(*sample)
    else:
        lines.put_back(first)
    records = _records(path, lines, delimiter)
    header = next(records, CsvRow(1, ()))
    if header.trouble:
        message = _("{path}:{line}: the names of the columns cannot be read: {why}")
        raise Refused(message.format(path=path, line=header.line, why=header.trouble))
    if not header.cells:
        raise Refused(_("{path}: the first line must hold the names of the columns").format(path=path))
    platform = recognise(header.cells)
    lines.backslash = platform is not None and platform.backslash
    return Spreadsheet(header.cells, records, path.stat().st_size, file, delimiter, decoding, title)


#: Most lines above the names of the columns.
_MOST_ABOVE = 10


def _below_title(lines: _Lines, first: str) -> tuple[str, str]:
    """The line of the names of the columns, and the title above it: lines of one cell at the left, or of none.

    Where more stands above (names of groups of columns), the first line and no title.
    """
    ahead = [first, *islice(lines, _MOST_ABOVE)]
    place = None
    for at, line in enumerate(ahead):
        if "@" in line or line.count('"') % 2:
            break
        if not _ADDRESSES.isdisjoint(map(fold, re.split(f"[{re.escape(DELIMITERS)}]", line))):
            place = at
            break
    if place is None:
        place = _below_words(ahead)
    delimiter = max(DELIMITERS, key=ahead[place].count)
    above = [[cell.strip('" \r\n\t') for cell in line.split(delimiter)] for line in ahead[:place]]
    if any(any(cells[1:]) for cells in above):
        place = 0
    lines.put_back(*ahead[place + 1 :])
    return ahead[place], " ".join(cells[0] for cells in above[:place] if cells[0])


def _below_words(ahead: Sequence[str]) -> int:
    """The place of the first line with several cells and no address, above one with an address and as many cells."""
    for at, (line, below) in enumerate(pairwise(ahead)):
        between = max(DELIMITERS, key=line.count)
        if line.count('"') % 2:
            return 0
        if "@" in line or between in line:
            fits = "@" not in line and "@" in below and below.count(between) == line.count(between)
            return at if fits else 0
    return 0


_ADDRESSES = frozenset(COLUMN_NAMES["email"])
_ARCHIVES = (".zip", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz")
#: Most characters of a line: a row of 16,384 columns, as wide as a spreadsheet can be, has fewer.
_LONGEST_LINE = 8_000_000


class _Lines:
    """Numbered lines of a text; those read last can be put back."""

    def __init__(self, text: io.TextIOWrapper, decoding: Decoding) -> None:
        self._readline, self._decoding = text.readline, decoding
        self._again: list[str] = []
        self.number = 0
        self.last = ""
        self.ended = False
        #: Whether a quotation mark inside a cell is written with a backslash before it.
        self.backslash = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._as_read(self._readline(_LONGEST_LINE))
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.last = line
        return _ESCAPED.sub('""', line) if self.backslash and "\\" in line else line

    def _as_read(self, line: str) -> str:
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            message = _(
                "line {line} is longer than {longest} million characters: this is no list; nothing was imported"
            )
            raise Refused(message.format(line=self.number + 1, longest=_LONGEST_LINE // 1_000_000))
        if not line.isascii():
            line, twice = as_written(line)
            letters = beyond_ascii(line)
            self._decoding.guessed += letters if self._decoding.foreign else twice
            self._decoding.other += letters
        return line

    def put_back(self, *lines: str) -> None:
        again = [line for line in reversed(lines) if line]
        self._again += again
        self.number -= len(again)
        self.ended = False


#: A quotation mark after a backslash, unless it ends its cell.
_ESCAPED = re.compile(r'\\"(?![,;\t]|\r?\n|\Z)')


#: Characters of a cell that is too long that the report shows.
_SHOWN = 200


def _swallowed(cells: Sequence[str], delimiter: str) -> str | None:
    """A line inside a cell that looks like a row of the list: an address in a cell of its own, where ``cells`` has one.

    A quotation mark that was never closed is closed by the next one of the file, however many rows stand between.
    """
    place = next((at for at, cell in enumerate(cells) if _ADDRESS.fullmatch(cell.strip())), None)
    for cell in cells:
        for line in cell.splitlines()[1:]:
            parts = [part.strip().strip('"') for part in line.split(delimiter)]
            at = place if place is not None else next((n for n, one in enumerate(parts) if "@" in one), 0)
            if len(parts) > max(at, 1) and _ADDRESS.fullmatch(parts[at]):
                return line.strip()[:_SHOWN]
    return None


_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")


def _records(path: Path, lines: _Lines, delimiter: str) -> Iterator[CsvRow]:
    rows = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
    width = spare = tail = 0
    gap = False
    first = True
    while True:
        line = lines.number + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            too_long = "field limit" in str(error)
            if too_long and lines.number == line:
                message = _("a cell of more than {longest} characters; shorten it, or take its column out")
                trouble = message.format(longest=csv.field_size_limit())
                yield CsvRow(line, [cell[:_SHOWN] for cell in lines.last.rstrip("\r\n").split(delimiter)], trouble)
                continue
            if too_long:
                raise Refused(
                    _(
                        "{path}:{line}: a cell that begins here has more than {longest} characters: a quotation mark "
                        "is never closed, or a text is too long; nothing was imported"
                    ).format(path=path, line=line, longest=csv.field_size_limit())
                ) from error
            if lines.ended or lines.number > line:
                # An unclosed quotation mark made one cell of all lines after it: which records they held is unknown.
                raise Refused(
                    _("{path}:{line}: a quotation mark opened here is never closed; nothing was imported").format(
                        path=path, line=line
                    )
                ) from error
            trouble = _("a quotation mark stands inside a cell; double it, and quote the whole cell")
            if re.search(rf'" +{re.escape(delimiter)}', lines.last):
                trouble = _("a space stands between a quotation mark and what separates the cells; take it out")
            yield CsvRow(line, lines.last.rstrip("\r\n").split(delimiter), trouble)
            continue
        if '="' in lines.last or lines.number > line:
            cells = list(map(_as_typed, cells))
        if not any(cells):
            gap = True
            continue
        if lines.number > line and width and (swallowed := _swallowed(cells, delimiter)):
            raise Refused(
                _(
                    "{path}:{line}: a quotation mark opened here takes in the lines after it, such as “{other}”; "
                    "nothing was imported. Take it out; or, where this is a note, write it in one line"
                ).format(path=path, line=line, other=swallowed)
            )
        if not width:
            width = len(cells)
            tail = next((at for at, cell in enumerate(reversed(cells)) if cell.strip()), 0)
        elif first:  # some programs end every row with a delimiter that the header has not
            first, spare = False, len(cells) - width if not any(cells[width:]) else 0
        found = len(cells)
        if width < found <= width + spare and not any(cells[width:]):
            cells = cells[:width]
        if width - tail <= found < width:  # the header ends with a delimiter that the rows have not
            cells += [""] * (width - found)
        if len(cells) != width:
            cells = [cell.replace("\0", "") for cell in cells]
            trouble = ngettext("{found} cell for {expected} columns", "{found} cells for {expected} columns", found)
            if found < width:
                trouble += _(" (where Excel left out empty cells at the end, fill the last column, then save again)")
            yield CsvRow(line, cells, trouble.format(found=found, expected=width), gap)
            gap = False
            continue
        # Most rows are a line, and most lines are ASCII: of those nothing has to be put together.
        text = lines.last if lines.number == line else "".join(cells)
        if "\0" in text:
            parts = [cell.replace("\0", "") for cell in cells]
            yield CsvRow(line, parts, _("zeros between the letters: a part in UTF-16 was appended; save that as UTF-8"))
        elif "\ufffd" in text:
            yield CsvRow(line, cells, _("letters that are neither UTF-8 nor Windows-1252"))
        else:
            yield CsvRow(line, cells, after_gap=gap)
        gap = False
