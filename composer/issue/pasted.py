"""What a word processor or another product calls a list, a dialogue or a table, and what is one paragraph here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from composer.issue.body import LEAST_COLUMNS, MOST_COLUMNS
from composer.issue.body_lines import ODD_SPACES
from composer.locale import gettext as _

_SPACE = rf"[ \t{ODD_SPACES}]"

#: What begins nothing but a point, even alone: drawn bullets, those of Word and its fonts, its hollow one (an o), the
#: letters that Wingdings draws as a square, an arrow, a tick, a diamond or a box, before a tab.
_BULLET = re.compile(
    rf"{_SPACE}{{0,40}}(?:[•▪●◦‣⁃∙\uf000-\uf0ff]{_SPACE}*|·{_SPACE}+|o(?:\t|{_SPACE}{{2}}){_SPACE}*|[§Øüvq]\t{_SPACE}*)"
    r"(?=\S)"
)

#: What begins a point where its neighbour begins so too: alone, it is a dialogue's dash, an arrow, a note.
_MARKS = tuple(
    re.compile(rf"{_SPACE}{{0,40}}{mark}{_SPACE}+(?=\S)")
    for mark in (
        "(?P<dash>[–—―‒−‐‑])",
        rf"[QRA]{_SPACE}?:",
        "[■□▫○◘◙►▶➤➢❖✓✔✗☐☑→⇒*+]",
        r"(?:\(?(?:[a-zA-Z]|[ivx]{2,4})\)|(?:[a-z]|[ivx]{2,4})\.(?=\t))",
        r"\(?(?P<number>\d{1,2})(?:[.)°º/-]|\.-)",
        "[①-⑳]",
    )
)
_DASHES, _ANSWERS = 0, 1

#: A line that ends so is broken there on purpose.
_BROKEN = ("\\", "  ")

#: The line under the head of a table holds nothing else.
_RULE = frozenset("-:| \t")
_CELL = re.compile(r"(?<!\\)\|")
#: A row that a word processor or a spreadsheet parts by tabs.
_TABBED = re.compile(r"[^\t]*[^\s\t.)][ \t]*\t[ \t]*[^\s\t]")


@dataclass(frozen=True)
class Paste:
    """What is wrong with line ``number`` of a paragraph, and the line or lines to type instead."""

    code: str
    number: int
    message: str
    better: str


def pasted(lines: Sequence[str], table: str = "") -> Iterator[Paste]:
    """The lines of a paragraph that were meant as a table, as points of a list, or as lines of a dialogue.

    ``table`` is the line that opens a table where they stand; empty where none can.
    """
    barred = sum(map(_is_row, lines)) > 1 or any(map(_is_rule, lines))
    if barred or sum(map(_is_tabbed, lines)) > 1:
        first = next(number for number, line in enumerate(lines) if (("|" in line) if barred else _is_tabbed(line)))
        rows = _rows(lines, _CELL if barred else re.compile("\t+"))
        if table and all(LEAST_COLUMNS <= len(row) <= MOST_COLUMNS for row in rows):
            message = _("this would be printed as one paragraph: a table stands between {opening} and a line :::")
            better = "\n".join((table, *(f"| {' | '.join(row)} |" for row in rows), ":::"))
            yield Paste("table", first, message.format(opening=table), better)
        else:
            message = _("this would be printed as one paragraph, and no table can hold it: write its rows as points")
            yield Paste("table", first, message, _points(rows))
        return
    for number, line in enumerate(lines):
        if found := _BULLET.match(line):
            message = _("a point of a list begins with a hyphen: the bullet is printed by the letter")
            yield Paste("bullet", number, message, f"- {line[found.end() :].strip()}")
    for start, end, kind in _runs(lines):
        if kind == _DASHES and start and not lines[start - 1].rstrip().endswith(":"):
            continue  # a pair of dashes around a remark, where the lines of a paragraph happen to end
        spoken = kind == _ANSWERS or (kind == _DASHES and not start and lines[0].lstrip()[0] in "—―")
        for number in range(start + spoken, end):
            yield _run_on(lines[number], number, _MARKS[kind], spoken)


def _is_row(line: str) -> bool:
    """True for a line that begins and ends with a bar, with another between them or words."""
    row = line.strip()
    return len(row) > 2 and row[0] == row[-1] == "|"


def _is_tabbed(line: str) -> bool:
    return "\t" in line and _TABBED.match(line) is not None and _BULLET.match(line) is None


def _is_rule(line: str) -> bool:
    return "|" in line and "--" in line and _RULE.issuperset(line)


def _runs(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """First line, line after the last, and mark of each run of lines that begin alike."""
    kinds = [next((kind for kind, mark in enumerate(_MARKS) if mark.match(line)), None) for line in lines]
    start = 0
    for number in range(1, len(lines) + 1):
        ends = number == len(lines) or kinds[number] != kinds[start] or lines[number - 1].endswith(_BROKEN)
        if ends:
            kind = kinds[start]
            if kind is not None and number - start > 1:
                yield start, number, kind
            start = number


def _run_on(line: str, number: int, mark: re.Pattern[str], spoken: bool) -> Paste:
    if spoken:
        message = _("this line runs into the one above: an empty line parts what two people say")
        return Paste("run-on-lines", number, message, f"\n{line.strip()}")
    found = mark.match(line)
    assert found is not None
    digits = found.groupdict().get("number")
    message = _("this line runs into its neighbours: points begin with a hyphen, or with a number and a full stop")
    return Paste("bullet", number, message, f"{digits + '.' if digits else '-'} {line[found.end() :].strip()}")


def _rows(lines: Sequence[str], parting: re.Pattern[str]) -> list[list[str]]:
    """The cells of each row, without the line that is drawn under the head."""
    written = (line.strip() for line in lines if parting.search(line.strip()) and not _is_rule(line))
    rows = [[cell.strip() for cell in parting.split(line.removeprefix("|").removesuffix("|"))] for line in written]
    return [row + [""] * (len(rows[0]) - len(row)) for row in rows]


def _points(rows: Sequence[Sequence[str]]) -> str:
    """The rows of a table as points, its first cell as their lead."""
    return "\n".join(f"- **{row[0]} :** {', '.join(cell for cell in row[1:] if cell)}" for row in rows[1:] if any(row))
