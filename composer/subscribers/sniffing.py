"""Guess the delimiter of a CSV file from its first lines, and how its bytes became text."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass
from typing import BinaryIO

DELIMITERS = ",;\t|"
#: Lines looked at.
SAMPLE = 25


def guess_delimiter(lines: list[str]) -> str:
    """The delimiter that splits ``lines``, the first of a file, into rows as wide as their header.

    A header alone misleads where a name holds a comma (``Email;Nom, Prénom``), so the rows decide; of equal ones the
    delimiter most frequent in the header.
    """
    header = "".join(lines[0].split('"')[::2]) if lines else ""
    return max(DELIMITERS, key=lambda one: (*_fit(lines, one), header.count(one)))


def _fit(lines: list[str], delimiter: str) -> tuple[float, int]:
    """How well ``delimiter`` splits ``lines``: the share of rows as wide as the header (0 where that has one column),
    and whether the addresses stand alone in their cells."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t") if any(row)]
    except csv.Error:
        return 0, 0
    if not rows or len(rows[0]) < 2:
        return 0, 0
    width = len(rows[0])
    body = rows[1:] or rows
    even = sum(width == len(row) or (len(row) > width and not any(row[width:])) for row in body) / len(body)
    alone = Counter(any("@" in cell and not set(cell) & set(DELIMITERS) for cell in row) for row in body)
    return round(even, 1), int(alone[True] > alone[False])


@dataclass
class Decoding:
    """How many characters of a file were not UTF-8 and read as Windows-1252, and how many were no ASCII at all."""

    mended: int = 0
    other: int = 0

    @property
    def mixed(self) -> bool:
        """Whether the file mixes UTF-8 and Windows-1252."""
        return 0 < self.mended < self.other


#: The file being read, for the error handler below, which codecs call without it.
DECODING: ContextVar[Decoding] = ContextVar("decoding")


def encoding_of(file: BinaryIO) -> str:
    """The encoding of an open file, by its first bytes. UTF-8 includes Windows-1252: see ``ERRORS``."""
    start = file.read(4096)
    file.seek(0)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in start[:2]:  # UTF-16 without a BOM: the first character of a column name is ASCII
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    return "utf-8"


def is_text(file: BinaryIO) -> bool:
    """True unless the first bytes are those of a workbook, a picture, a PDF or another binary format."""
    start = file.read(8)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start[:2]:
        return True
    return not start.startswith(b"%PDF") and all(byte >= 32 or byte in b"\t\r\n" for byte in start)


def as_text(file: BinaryIO) -> io.TextIOWrapper:
    """``file`` decoded, its ends of line untouched."""
    return io.TextIOWrapper(file, encoding_of(file), errors=_ERRORS, newline="")


_ERRORS = "filigrane-cp1252"


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Decode as Windows-1252, Excel's encoding, what is not UTF-8; a file may mix both."""
    if isinstance(error, UnicodeDecodeError) and error.encoding in ("utf-8", "utf8"):
        if (decoding := DECODING.get(None)) is not None:
            decoding.mended += error.end - error.start
        return error.object[error.start : error.end].decode("cp1252", "replace"), error.end
    raise error


codecs.register_error(_ERRORS, _windows_1252)
