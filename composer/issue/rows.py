"""The lines of a table: cells parted by ``|``, or by the tabs of a spreadsheet; the first line names the columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from composer.issue.block_markdown import problem
from composer.issue.body import LEAST_COLUMNS, MOST_COLUMNS, Body, Row
from composer.issue.inline import Span
from composer.issue.pasted import spreadsheet_cells
from composer.issue.raw_signs import remarked
from composer.locale import gettext as _
from composer.source.finding import Problem
from composer.source.late_pattern import late

#: Lines of a table beside the one that names its columns.
MOST_LINES = 30

_BREAKS = late(r"[\r\v\f\x1c-\x1e\x85\u2028\u2029](?:(?<=\r)\n)?")
_BAR = late(r"(?<!\\)\|")
#: The line under the names of the columns in a Markdown table, which draws nothing here.
_DRAWN = late(r"[\s|:]*[-–—][\s|:–—-]*")


def table_rows(text: str) -> Body:
    """Parse the lines of a table. Never raises: mistakes are in ``.problems``, with line and column."""
    lines = _BREAKS.sub("\n", text).split("\n")
    parsed = [(number, *_row(line, number)) for number, line in enumerate(lines) if _is_row(line)]
    problems = [each for _number, _cells, found in parsed for each in found]
    found = [(number, row) for number, row, _found in parsed]
    problems += _shape(lines, found)
    columns = min(len(found[0][1].cells), MOST_COLUMNS) if found else 0
    found = [(number, Row((*row.cells, *((),) * columns)[:columns])) for number, row in found[: MOST_LINES + 1]]
    problems.sort(key=lambda each: (each.line, each.column))
    return Body(text, tuple(row for _number, row in found), tuple(number for number, _row in found), tuple(problems))


def _is_row(line: str) -> bool:
    return bool(line.strip()) and not (_DRAWN.fullmatch(line) and "|" in line)


def _row(line: str, number: int) -> tuple[Row, list[Problem]]:
    cells: list[tuple[Span, ...]] = []
    problems: list[Problem] = []
    for written, start in _cells(line):
        spans, remarks = remarked(written)
        cells.append(spans)
        problems += [problem(each, number, start + each.position, line) for each in remarks]
    return Row(tuple(cells)), problems


def _cells(line: str) -> Iterator[tuple[str, int]]:
    """The words of each cell, and their column; a bar at either end of the line parts nothing."""
    bars = [match.start() for match in _BAR.finditer(line)] or [at for at, sign in enumerate(line) if sign == "\t"]
    edges = [-1, *bars, len(line)]
    parts = [(line[start + 1 : end], start + 1) for start, end in pairwise(edges)]
    if len(parts) > 1 and "|" in line:
        parts = parts[not parts[0][0].strip() and line.lstrip().startswith("|") :]
        parts = parts[: len(parts) - (line.rstrip().endswith("|") and not parts[-1][0].strip())]
    for written, start in parts:
        yield written.strip(), start + len(written) - len(written.lstrip())


def _shape(lines: list[str], found: list[tuple[int, Row]]) -> Iterator[Problem]:
    """What is wrong with the number of columns, and of lines."""
    if not found:
        yield Problem("table-rows", _("a table has a line that names its columns, and others: Country | Share"), 0)
        return
    number, head = found[0]
    columns = len(head.cells)
    if not LEAST_COLUMNS <= columns <= MOST_COLUMNS:
        message = _("a table has 2 to 4 columns, parted by |: this line makes {columns}").format(columns=columns)
        yield Problem("table-columns", message, number, suggestion=_parted([lines[at] for at, _row in found]))
        return
    if len(found) == 1:
        yield Problem("table-rows", _("this line names the columns: the table has no other"), number)
    if len(found) > MOST_LINES + 1:
        message = _("a table in a letter has {most} lines at most: give the first ones, and a link to the others")
        yield Problem("table-rows", message.format(most=MOST_LINES), found[MOST_LINES + 1][0])
    for number, row in found[1:]:
        if len(row.cells) != columns:
            message = _("{columns} columns are expected here, as on the table’s first line, and there are {found}")
            message = message.format(columns=columns, found=len(row.cells))
            yield Problem("table-columns", message, number, suggestion=_filled(lines[number], columns, len(row.cells)))


#: What a file of a spreadsheet (RFC 4180) and columns drawn with spaces have between their cells, outside of quotes.
_PARTINGS = tuple(map(late, (r";", r"(?<=\S) {2,}(?=\S)", r",(?! )", r", ?")))


def _parted(rows: list[str]) -> str | None:
    """The ``rows`` with bars, where another mark parts as many cells in each."""
    for parting in _PARTINGS if len(rows) > 1 else ():
        cells = [spreadsheet_cells(row, parting) for row in rows]
        if len({len(row) for row in cells}) == 1 and LEAST_COLUMNS <= len(cells[0]) <= MOST_COLUMNS:
            return "\n".join(" | ".join(row) for row in cells)
    return None


def _filled(line: str, columns: int, found: int) -> str | None:
    """``line`` with the cells that it lacks, empty."""
    return line.rstrip() + " |" * (columns - found) if found < columns and not line.rstrip().endswith("|") else None
