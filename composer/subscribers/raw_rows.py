"""Count the rows of a list from its bytes, apart from the import's own reader: the other end of a move's equation.

Of the import only three guesses are shared, which are about the whole file: its encoding, its delimiter, and which line
holds the names of the columns. Nothing is judged here: a row is a record with something in it, whatever that is.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from composer.subscribers.sniffing import encoding_of

#: A quotation mark inside a cell of MailPoet's, which ends no cell (PHP's ``fputcsv``).
_ESCAPED = re.compile(r'\\"(?![,;\t]|\r?\n|\Z)')


@dataclass(frozen=True)
class RawCount:
    """``rows``: records with something in them below the names of the columns. ``cut``: how many cells the last one
    has, where it has too few and the file ends without an end of line: a download that broke off; else 0."""

    rows: int
    cut: int = 0


def count_rows(path: Path, header: Sequence[str], delimiter: str, *, backslash: bool = False) -> RawCount:
    """Count the rows. Raises nothing of its own: of a file in which ``header`` is not found, none are counted."""
    number = width = 0
    for _line, cells in _rows(path, header, delimiter, backslash=backslash):
        number, width = number + 1, cells
    # Some programs write fewer delimiters below than in the line of names, where this ends with empty ones.
    needed = max((at for at, cell in enumerate(header, 1) if cell.strip()), default=0)
    cut = width if delimiter and number and 0 < width < needed and _ends_unfinished(path) else 0
    return RawCount(number, cut)


def raw_lines(path: Path, header: Sequence[str], delimiter: str, *, backslash: bool = False) -> Iterator[int]:
    """The first line of each row, from 1; of JSON (no ``delimiter``) the place of each object."""
    return (line for line, _width in _rows(path, header, delimiter, backslash=backslash))


def _rows(path: Path, header: Sequence[str], delimiter: str, *, backslash: bool) -> Iterator[tuple[int, int]]:
    """First line, and number of cells, of each row; 0 cells where they could not be counted."""
    if not delimiter:
        yield from ((place, 0) for place in range(1, _objects(path) + 1))
        return
    with path.open("rb") as file, _text(file) as text:
        lines = (_ESCAPED.sub('""', line) if "\\" in line else line for line in text) if backslash else text
        yield from _below(header, _records(lines, delimiter))


def _ends_unfinished(path: Path) -> bool:
    """Whether no end of line ends a file: some programs write none, a download that broke off neither."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 4))
        return not file.read().rstrip(b"\0").endswith((b"\n", b"\r"))


def _text(file: BinaryIO) -> TextIOWrapper:
    """The text, its ends of line kept. Latin-1 leaves what divides cells and rows where it is, and never fails."""
    encoding = encoding_of(file)
    file.seek(0)
    wide = encoding.startswith(("utf-16", "utf-32"))
    if not wide:
        file.seek(len(codecs.BOM_UTF8) if file.read(3) == codecs.BOM_UTF8 else 0)
    return TextIOWrapper(file, encoding if wide else "latin-1", errors="replace", newline="")


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """First line and cells of each record with something in it; None for cells that are too long."""
    rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t")
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield line, None
            continue
        if any(cells):
            yield line, cells


def _below(header: Sequence[str], records: Iterator[tuple[int, list[str] | None]]) -> Iterator[tuple[int, int]]:
    names = _letters(header)
    for _line, cells in records:
        if cells is not None and _letters(cells) == names:
            break
    for line, cells in records:
        yield line, len(cells or ())


def _letters(cells: Sequence[str]) -> str:
    """What is the same of a line in every encoding."""
    return "".join(letter for cell in cells for letter in cell if letter.isascii() and letter.isalnum())


def _objects(path: Path) -> int:
    """How many objects, or addresses, the longest list of a JSON file holds; of one object a line, the lines."""
    text = path.read_text(encoding="utf-8-sig")
    try:
        return max(_lengths(json.loads(text)), default=0)
    except ValueError:
        return sum(bool(line.strip()) for line in text.splitlines())


def _lengths(content: Any) -> Iterator[int]:
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            yield len(one)
        elif isinstance(one, dict):
            waiting += one.values()
