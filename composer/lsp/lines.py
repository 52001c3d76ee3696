"""The lines of an open document, and positions in them as the protocol counts: from 0, in code units of the client."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from composer.source.quoting import split_lines

#: Name of an encoding of positions → bytes of a code unit, and Python's name of it.
_UNITS = {"utf-8": (1, "utf-8"), "utf-16": (2, "utf-16-le"), "utf-32": (4, "utf-32-le")}


@dataclass(frozen=True)
class Lines:
    """``units`` is the encoding that client and server agreed on. Lines and columns count from 0, in characters."""

    text: str
    units: str = "utf-16"

    @cached_property
    def all(self) -> list[str]:
        return split_lines(self.text)

    def line(self, number: int) -> str:
        return self.all[number] if 0 <= number < len(self.all) else ""

    def to_units(self, line: int, column: int) -> int:
        """The client's column of a character."""
        width, codec = _UNITS[self.units]
        return len(self.line(line)[:column].encode(codec, "surrogatepass")) // width

    def to_column(self, line: int, units: int) -> int:
        """The character at the client's column; the line's end where it is beyond."""
        width, codec = _UNITS[self.units]
        before = self.line(line).encode(codec, "surrogatepass")[: max(0, units) * width]
        return len(before.decode(codec, "ignore"))
