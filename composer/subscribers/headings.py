"""What stands between the rows of a list and is none: a title above readers who left, a second table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.subscribers import smells
from composer.subscribers.consent_words import is_gone, says_inactive
from composer.subscribers.csv_columns import COLUMN_NAMES, Located, is_known
from composer.subscribers.csv_reader import CsvRow
from composer.subscribers.standing import Stance
from composer.subscribers.told import tells_of_leaving
from composer.subscribers.values import fold

_FIGURE = re.compile("[0-9]")
_BETWEEN = re.compile(r"[,;\t|]")
#: Names of columns of addresses.
_ADDRESSES = frozenset(COLUMN_NAMES["email"])
_LETTER = re.compile(r"[^\W\d_]")
#: Characters of what stands alone between rows.
_LONGEST_SECTION = 60
#: Characters of a title; a sentence above rows is one.
_LONGEST_TITLE = 300


def heading(cells: Sequence[str], located: Located) -> str | None:
    """The title of rows that left, bounced or complained, where a line holds nothing but one; else None."""
    filled = [(at, cell.strip()) for at, cell in enumerate(cells) if cell.strip()]
    if not filled or filled[0][0] in (at for _field, at in located.several):
        return None
    title = filled[0][1]
    # Beside it the same again (cells that were merged), a number, or until when.
    if any(cell != title and not _FIGURE.search(cell) for _at, cell in filled[1:]) or any("@" in one for one in cells):
        return None
    is_one = len(title) <= _LONGEST_TITLE and "@" not in title
    return title if is_one and (smells.standing_of_title(title) is not None or tells_of_leaving(title)) else None


def section(record: CsvRow, located: Located) -> str | None:
    """What stands alone below an empty line, or in the column of addresses, whatever it says: the rows under it may be
    of another kind; else None."""
    if (title := alone(record)) is None:
        return None
    among = title == record.cells[located.single["email"]].strip() and _FIGURE.search(title) is None
    return title if record.after_gap or among else None


def alone(record: CsvRow) -> str | None:
    """The words that are all of a line; None where there are others, or an address."""
    filled = [cell.strip() for cell in record.cells if cell.strip()]
    if len(filled) != 1 or len(filled[0]) > _LONGEST_SECTION:
        return None
    words = filled[0].rstrip(".: ")
    return filled[0] if _LETTER.search(words) and "@" not in words and "." not in words else None


def names_again(cells: Sequence[str], located: Located) -> bool:
    """Whether a line holds the names of the columns once more."""
    return [fold(cell) for cell in cells] == [fold(cell) for cell in located.header]


def second_table(cells: Sequence[str], located: Located) -> bool:
    """Whether a line among the rows holds names of columns, others than the first line: a sheet that was appended."""
    filled = [(at, cell.strip()) for at, cell in enumerate(cells) if cell.strip()]
    if len(filled) == 1 and len(located.header) > 1:  # with something else between its cells
        parts = {fold(part) for part in _BETWEEN.split(filled[0][1])}
        return len(parts) > 1 and not parts.isdisjoint(_ADDRESSES) and "@" not in filled[0][1]
    if len(filled) < 2 or any("@" in cell or len(cell) > 60 for _at, cell in filled):
        return False
    header = [fold(cell) for cell in located.header]
    names = [fold(cell) for cell in cells]
    if len({name for name in names if name}) < 2:
        return False
    words = [says_inactive(cell) is not None or is_gone(cell) for _at, cell in filled]
    place = located.single["email"]
    if names != header and place < len(names) and (names[place] == header[place] or names[place] in _ADDRESSES):
        return True  # whatever the other columns are called
    if names != header and any(name in _ADDRESSES for name in names) and sum(map(is_known, names)) > 1:
        return True  # wherever its addresses stand
    if names == header or not any(
        (is_known(fold(cell)) or fold(cell) in header) and not word
        for (_at, cell), word in zip(filled, words, strict=True)
    ):
        return False
    return all(
        is_known(name) or name in header or any(smell.search(name) for smell in (smells.OUT, smells.IN, smells.BOUNCE))
        for name in names
        if name
    )


def named_by_column(located: Located) -> tuple[str, Stance] | None:
    """The name of the column of addresses and what it says that their readers are (Désabonnés); else None."""
    name = located.label(located.single["email"])
    standing = smells.standing_of_title(name)
    if standing is None and smells.OUT.search(fold(name)):
        standing = Stance.LEFT
    return None if standing is None else (name, standing)
