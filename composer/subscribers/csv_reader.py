"""Read CSV written by spreadsheets and other email services; quote cells for files that a spreadsheet will open.

Encoding and delimiter are detected. Memory is constant: one record at a time.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale import ngettext

_DELIMITERS = ",;\t|"
#: A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One record. ``line``: its first line in the file, from 1. ``trouble``: why its cells cannot be used, or None."""

    line: int
    cells: Sequence[str]
    trouble: str | None = None


@dataclass
class Spreadsheet:
    """An open CSV file: header cells, records, and ``position``, the number of bytes read so far of ``size``."""

    header: Sequence[str]
    records: Iterator[CsvRow]
    size: int
    _file: BinaryIO

    @property
    def position(self) -> int:
        return self._file.tell()


def safe(cell: str) -> str:
    """``cell`` for a file that a spreadsheet will open: a formula is quoted as text. ``bare`` is the exact inverse."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def bare(cell: str) -> str:
    """Undo ``safe``; any other cell is returned unchanged."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


@contextmanager
def open_csv(path: Path) -> Iterator[Spreadsheet]:
    """Open a CSV file. Raises ``Refused``, at once or while records are read, where the file cannot be read to its end,
    and ``OutsideWorld`` where the disk fails.
    """
    try:
        with path.open("rb") as file:
            if not _is_text(file):
                message = _("{path}: this is not a CSV file; in the spreadsheet, save the list as “CSV UTF-8”")
                raise Refused(message.format(path=path))
            text = io.TextIOWrapper(file, _encoding(file), errors="filigrane-cp1252", newline="")
            try:
                yield _open(path, text, file)
            finally:
                text.detach()
    except UnicodeError as error:
        raise Refused(_("{path}: the text of this file cannot be read: {why}").format(path=path, why=error)) from error
    except OSError as error:
        raise OutsideWorld(f"{path}: {error.strerror}") from error


def _open(path: Path, text: io.TextIOWrapper, file: BinaryIO) -> Spreadsheet:
    lines = _Lines(text)
    first = next(lines, "")
    delimiter = first[4] if first[:4].lower() == "sep=" and first[4:5] in set(_DELIMITERS) else None
    if delimiter:  # Excel writes the line sep=;
        first = next(lines, "")
    while first and not first.strip(_DELIMITERS + ' \r\n"'):
        first = next(lines, "")
    if delimiter is None:
        delimiter = max(_DELIMITERS, key=_outside_quotes(first).count)
    lines.put_back(first)
    records = _records(path, lines, delimiter)
    header = next(records, CsvRow(1, ()))
    if header.trouble or not header.cells:
        raise Refused(_("{path}: the first line must hold the names of the columns").format(path=path))
    return Spreadsheet(header.cells, records, path.stat().st_size, file)


class _Lines:
    """Numbered lines of a text; the last one read can be put back once."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: str | None = None
        self.number = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line, self._again = self._again, None
        if line is None:
            line = self._text.readline(1 << 20)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        return line

    def put_back(self, line: str) -> None:
        self._again, self.number = line, self.number - 1


def _records(path: Path, lines: _Lines, delimiter: str) -> Iterator[CsvRow]:
    rows = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t")
    width = 0
    while True:
        line = lines.number + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            if lines.ended or lines.number > line:
                # An unclosed quotation mark made one cell of all lines after it: which records they held is unknown.
                raise Refused(
                    _("{path}:{line}: a quotation mark opened here is never closed; nothing was imported").format(
                        path=path, line=line
                    )
                ) from error
            yield CsvRow(line, (), _("a quotation mark stands inside a cell; double it, and quote the whole cell"))
            continue
        if not any(cells):
            continue
        width = width or len(cells)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) != width:
            trouble = ngettext(
                "{found} cell, where the first line has {expected}",
                "{found} cells, where the first line has {expected}",
                len(cells),
            )
            yield CsvRow(line, cells, trouble.format(found=len(cells), expected=width))
        elif any("\ufffd" in cell for cell in cells):
            yield CsvRow(line, cells, _("letters that are neither UTF-8 nor Windows-1252"))
        else:
            yield CsvRow(line, cells)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _is_text(file: BinaryIO) -> bool:
    """True unless the first bytes are those of a workbook, a picture, a PDF or another binary format."""
    start = file.read(8)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start[:2]:
        return True
    return not start.startswith(b"%PDF") and all(byte >= 32 or byte in b"\t\r\n" for byte in start)


def _encoding(file: BinaryIO) -> str:
    start = file.read(4096)
    file.seek(0)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in start[:2]:  # UTF-16 without a BOM: the first character of a column name is ASCII
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    return "utf-8"


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Decode as Windows-1252, Excel's encoding, what is not UTF-8; a file may mix both."""
    if isinstance(error, UnicodeDecodeError) and error.encoding in ("utf-8", "utf8"):
        return error.object[error.start : error.end].decode("cp1252", "replace"), error.end
    raise error


codecs.register_error("filigrane-cp1252", _windows_1252)
