"""The items of a YAML list, as ranges of lines of the file: insert, move and remove one, and touch nothing else.

An item is taken with the comments right above its dash, and with those below it that are indented further than the
dash. What stands between two items (blank lines, comments that a blank line parts from the item below) stays where it
is. Only lists that are written with dashes have items of their own lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence as Lines
from dataclasses import dataclass

from composer.errors import Refused
from composer.locale import gettext as _
from composer.source.editing import Edit, Range
from composer.source.quoting import split_lines
from composer.source.tree import Mapping, Node, Scalar, Sequence

_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Items:
    """Where each item stands in ``text``: whole lines, the last one without its line break.

    ``dashes`` are the numbers of the lines of their dashes, from 0; ``column`` is where these stand.
    """

    text: str
    column: int
    ranges: tuple[Range, ...]
    dashes: tuple[int, ...]

    def written(self, index: int) -> str:
        """The lines of an item, with its comments."""
        start, end = self.ranges[index]
        return self.text[start:end]

    def inserted(self, index: int, item: str) -> Edit:
        """Put the lines ``item`` before the item ``index``, or at the end; as many blank lines as there are elsewhere.

        ``item`` has the indent of the list, its lines parted by ``\\n``, and no line break at its end.
        """
        new, gap = with_breaks(item, self.text), self._gap()
        if index:
            end = self.ranges[index - 1][1]
            return Edit(end, end, gap + new)
        start = self.ranges[0][0]
        return Edit(start, start, new + gap)

    def moved(self, index: int, to: int) -> Edit:
        """Move an item so that it is the item ``to`` of the list; what stands between two items stays there."""
        first, last = min(index, to), max(index, to)
        order = [*range(first, last + 1)]
        order.insert(to - first, order.pop(index - first))
        parts = [self.written(order[0])]
        for place, each in enumerate(order[1:], first):
            parts += [self._between(place), self.written(each)]
        return Edit(self.ranges[first][0], self.ranges[last][1], "".join(parts))

    def without(self, index: int) -> Edit:
        """Take an item out, with the blank lines below it, or above it where it is the last; comments between stay."""
        start, end = self.ranges[index]
        last = index == len(self.ranges) - 1
        if not last and not self._between(index).strip():
            return Edit(start, self.ranges[index + 1][0], "")
        if index and not self._between(index - 1).strip():
            return Edit(self.ranges[index - 1][1], end, "")
        after = _BREAK.match(self.text, end)
        before = _BREAK.search(self.text, 0 if start < 2 else start - 2, start)
        if after is None and before is not None:  # the last line of a file that does not end
            return Edit(before.start(), end, "")
        return Edit(start, after.end() if after else end, "")

    def _between(self, index: int) -> str:
        """What stands between an item and the next."""
        return self.text[self.ranges[index][1] : self.ranges[index + 1][0]]

    def _gap(self) -> str:
        """What to put between a new item and its neighbour."""
        found = [len(_BREAK.findall(self._between(index))) for index in range(len(self.ranges) - 1)]
        apart = not found or sum(each > 1 for each in found) * 2 >= len(found)
        return line_break(self.text) * (2 if apart else 1)


def line_break(text: str) -> str:
    """How the lines of a file end."""
    found = _BREAK.search(text)
    return found[0] if found else "\n"


def with_breaks(lines: str, text: str) -> str:
    """``lines``, which ``\\n`` parts, as lines of the file ``text``."""
    return _BREAK.sub(line_break(text), lines)


def line_starts(text: str) -> tuple[int, ...]:
    """Where each line of ``text`` begins, and where the text ends: one more than there are lines."""
    return (0, *(match.end() for match in _BREAK.finditer(text)), len(text))


def dashed_items(text: str, node: Sequence, lines: Lines[str]) -> Items:
    """The items of the list ``node``. ``lines`` were parsed; ``text`` may hold characters more, which are not read.

    Raises ``Refused`` for one between brackets, or of which an item shares its line with something else.
    """
    if node.flow:
        raise Refused(_("this list is written between brackets: write each of its items on its own line, after a dash"))
    starts, typed = line_starts(text), split_lines(text)
    column = node.span.column
    dashes: list[int] = []
    above = -1
    for item in node.items:
        number = item.span.line
        while number > above and not _is_dash(lines[number], column):
            number -= 1
        if number <= above:
            message = _("line {line}: an item of this list shares its line with another: give it a line of its own")
            raise Refused(message.format(line=item.span.line + 1))
        dashes.append(number)
        above = max(number, last_line(lines, item))
    ranges: list[Range] = []
    for index, (dash, item) in enumerate(zip(dashes, node.items, strict=True)):
        floor = _with_deeper(lines, max(dashes[index - 1], last_line(lines, node.items[index - 1])), column, dash)
        first = dash
        while first - 1 > (floor if index else -1) and _is_comment(lines[first - 1]):
            first -= 1
        below = dashes[index + 1] if index + 1 < len(dashes) else len(lines)
        last = _with_deeper(lines, max(dash, last_line(lines, item)), column, below)
        ranges.append((starts[first], starts[last] + len(typed[last])))
    return Items(text, column, tuple(ranges), tuple(dashes))


def last_line(lines: Lines[str], node: Node) -> int:
    """The number of the last line, from 0, on which something of ``node`` is written, a comment apart."""
    match node:
        case Sequence(flow=False, items=items) if items:
            return last_line(lines, items[-1])
        case Mapping(flow=False, entries=entries) if entries:
            key, value = entries[-1]
            empty = isinstance(value, Scalar) and value.style == "" and value.text == ""
            return key.span.end_line if empty else last_line(lines, value)
        case Scalar(text=words, span=span, style="|"):
            return span.line + words.count("\n") + (words[-1:] not in ("", "\n"))
        case Scalar(span=span, style=">"):
            last = span.end_line if span.end_column else span.end_line - 1
            while last > span.line and not lines[last].strip(" \t"):
                last -= 1
            return last
        case _:
            return node.span.end_line


def _with_deeper(lines: Lines[str], last: int, column: int, below: int) -> int:
    """``last``, or the last of the comments under it, above line ``below``, that stand further in than ``column``."""
    number = last
    for each in range(last + 1, below):
        if _is_comment(lines[each]) and len(lines[each]) - len(lines[each].lstrip(" \t")) > column:
            number = each
        elif lines[each].strip(" \t"):
            break
    return number


def _is_comment(line: str) -> bool:
    return line.lstrip(" \t").startswith("#")


def _is_dash(line: str, column: int) -> bool:
    return not line[:column].strip(" \ufeff") and re.match(r"-(?:[ \t]|$)", line[column:]) is not None


def reindented(item: str, column: int) -> str:
    """The lines of an item with its dash at ``column``; as they are where they have none."""
    lines = split_lines(item)
    dash = next((line for line in lines if line.strip(" \t") and not _is_comment(line)), "")
    step = column - (len(dash) - len(dash.lstrip(" ")))
    if step < 0:
        return "\n".join(line[min(-step, len(line) - len(line.lstrip(" "))) :] for line in lines)
    return "\n".join(" " * step + line if line.strip(" \t") else line for line in lines)
