"""Guess the delimiter of a CSV file from its first lines, and how its bytes became text."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
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
    #: Characters of a file of an old Mac or of DOS, or that were UTF-8 once and were saved as something else (Ã©).
    guessed: int = 0
    foreign: bool = False

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
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in start[:2]:  # UTF-16 without a BOM: the first character of a column name is ASCII
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    file.seek(0)
    return _of_old_machines(start + file.read(_LOOKED_AT)) or "utf-8"


#: Bytes looked at for the encoding of a file that is not UTF-8.
_LOOKED_AT = 1_000_000
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_AFTER_LETTER = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]")
#: What stands inside words in French, German and Spanish; é makes up most of it in French.
_LETTERS = dict.fromkeys("èêëàâäçîïôöùûüñßáíóúœ", 1) | {"é": 3}
_OLD = ("mac_roman", "cp850")


def _of_old_machines(start: bytes) -> str | None:
    """``mac_roman`` (an old Excel on a Mac) or ``cp850`` (“CSV (MS-DOS)”) where the letters inside words are French
    ones in it, and in Windows-1252 are not."""
    rest, sequences = _SEQUENCE.subn(b" ", start)
    letters = Counter(_AFTER_LETTER.findall(rest))
    if sequences > letters.total():
        return None
    scores = {
        name: sum(_LETTERS.get(byte.decode(name, "replace"), 0) * number for byte, number in letters.items())
        for name in ("cp1252", *_OLD)
    }
    best = max(scores, key=lambda name: scores[name])  # of equal ones the first, Windows-1252
    return best if best in _OLD else None


def _as_saved(name: str, first: int, last: int) -> str:
    """The class of what the bytes from ``first`` to ``last`` look like in an encoding, for a regular expression."""
    return "".join(re.escape(_wrong(byte, name)) for byte in range(first, last + 1))


def _wrong(byte: int, name: str) -> str:
    try:
        return bytes([byte]).decode(name)
    except UnicodeDecodeError:  # Windows-1252 has no such character; programs keep the byte
        return chr(byte)


#: Encoding → UTF-8 sequences read in it: the letters from ``¡`` to ``ÿ`` and œ, and the quotation marks and dashes.
_TWICE = {
    name: re.compile(
        f"[{_as_saved(name, 0xC3, 0xC3)}{_as_saved(name, 0xC5, 0xC5)}][{_as_saved(name, 0x80, 0xBF)}]"
        f"|{_as_saved(name, 0xC2, 0xC2)}[{_as_saved(name, 0xA0, 0xBF)}]"
        f"|{_as_saved(name, 0xE2, 0xE2)}{_as_saved(name, 0x80, 0x80)}[{_as_saved(name, 0x80, 0xBF)}]"
    )
    for name in ("cp1252", "latin-1", "mac_roman")
}
#: What each of these sequences begins with.
_LEADS = "ÂÃÅâ√¬‚≈"
_BYTES = {name: {_wrong(byte, name): byte for byte in range(256)} for name in _TWICE}


def as_written(text: str) -> tuple[str, int]:
    """``text`` with UTF-8 that was once read in another encoding and saved so (``ZoÃ©``) as it was, and how often."""
    number = 0
    for lead in _LEADS:  # five times as fast as a regular expression: most lines with an accent have none of these
        if lead in text:
            break
    else:
        return text, 0
    for name, twice in _TWICE.items():
        text, found = twice.subn(partial(_decoded, _BYTES[name]), text)
        number += found
    return text, number


def beyond_ascii(text: str) -> int:
    """The number of characters in ``text`` that are not ASCII: each begins with one such byte in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass").translate(None, _NO_LEADS))


#: Bytes that begin no sequence of UTF-8.
_NO_LEADS = bytes(range(0xC0))


def _decoded(known: dict[str, int], found: re.Match[str]) -> str:
    try:
        return bytes(known[letter] for letter in found[0]).decode()
    except UnicodeDecodeError:
        return found[0]


#: How files begin that are text and no list: PDF, a web page (some programs call one .xls, or a mail of it), RTF,
#: vCard, a calendar.
_OTHER_TEXTS = (b"%PDF", b"<", b"{\\rtf", b"BEGIN:V", b"MIME-Version:")


def is_text(file: BinaryIO) -> bool:
    """True unless the first bytes are those of a workbook, a picture, a PDF or another binary format."""
    begin = file.read(500)
    file.seek(0)
    start, text = begin[:8], begin.removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) or b"\0" in start[:2]:
        return True
    return not text.startswith(_OTHER_TEXTS) and all(byte >= 32 or byte in b"\t\r\n" for byte in start)


def as_text(file: BinaryIO) -> io.TextIOWrapper:
    """``file`` decoded, its ends of line untouched."""
    encoding = encoding_of(file)
    file.seek(0)
    if (decoding := DECODING.get(None)) is not None:
        decoding.foreign = encoding in _OLD
    return io.TextIOWrapper(file, encoding, errors=_ERRORS, newline="")


_ERRORS = "filigrane-cp1252"


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Decode as Windows-1252, Excel's encoding, what is not UTF-8; a file may mix both."""
    if isinstance(error, UnicodeDecodeError) and error.encoding in ("utf-8", "utf8"):
        if (decoding := DECODING.get(None)) is not None:
            decoding.mended += error.end - error.start
        return error.object[error.start : error.end].decode("cp1252", "replace"), error.end
    raise error


codecs.register_error(_ERRORS, _windows_1252)
