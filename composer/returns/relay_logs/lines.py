"""Lines of mail logs in the order of their time: rotated, compressed, from a pipe; as syslog, journalctl or Exim write.

What a line says is taken from its anchored beginning alone: time, host, program. The rest is data from elsewhere.
"""

from __future__ import annotations

import bz2
import gzip
import heapq
import lzma
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import lru_cache
from io import BufferedReader, RawIOBase
from itertools import chain
from typing import IO, NamedTuple, cast
from zoneinfo import ZoneInfo

from composer.errors import OutsideWorld
from composer.locale import gettext as _
from composer.locale.os_errors import os_reason

#: Octets of a line that are read; the rest of a longer one is passed over, and never read as a line of its own.
LINE_LIMIT = 16_384

#: The beginnings of a line: traditional syslog (RFC 3164, no year), ISO 8601 (rsyslog's and journalctl's), RFC 5424.
_TRADITIONAL = r"(?P<when>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)(?:\.\d{1,9})?"
_ISO = r"(?P<when>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
_TAG = r" (?P<host>[^\s:\[\]]{1,255}) (?P<program>[\w./+-]{1,100})(?:\[(?P<pid>\d{1,10})\])?: (?P<text>.*)"
_SYSLOG = [re.compile(rf"(?:<\d{{1,3}}>)?{when}{_TAG}") for when in (_TRADITIONAL, _ISO)]
_RFC5424 = re.compile(
    rf"(?:<\d{{1,3}}>)?1 {_ISO} (?P<host>[^\s:\[\]]{{1,255}}) (?P<program>[\w./+-]{{1,100}}) "
    r"(?P<pid>\d{1,10}|-) \S{1,32} "
    r"(?:-|(?:\[(?:[^\]\\]|\\.)*\])+) \ufeff?(?P<text>.*)"
)
#: Exim's own file (its specification, chapter 52): no host; ``log_timezone`` and ``+pid`` may add to it.
_EXIM = re.compile(
    r"(?P<when>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})?) (?:\[(?P<pid>\d{1,10})\] )?(?P<text>.*)"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class LogLine(NamedTuple):
    """``at``: seconds since 1970. ``host`` is empty, and ``program`` ``exim``, in Exim's own file; ``pid`` may be
    empty."""

    at: float
    host: str
    program: str
    pid: str
    text: str


class LineParser:
    """``zone``: of times that name none. ``around``: of the years possible for a time without one, the nearest to it is
    taken, so that a log may go across New Year."""

    def __init__(self, zone: ZoneInfo, around: datetime) -> None:
        self._zone, self._around = zone, around.astimezone(zone)
        self._instant = lru_cache(1024)(self._instant_of)  # a second has many lines

    def parse(self, line: str) -> LogLine | None:
        """None for a line without time, host and program at its beginning."""
        for form in (*_SYSLOG, _RFC5424):
            if found := form.match(line):
                at = self._instant(found["when"])
                pid = found["pid"] or ""
                return None if at is None else LogLine(at, found["host"], found["program"], pid, found["text"])
        if found := _EXIM.match(line):
            at = self._instant(found["when"])
            return None if at is None else LogLine(at, "", "exim", found["pid"] or "", found["text"])
        return None

    def _instant_of(self, when: str) -> float | None:
        try:
            return self._yearless(when) if when[0].isalpha() else self._dated(when)
        except (ValueError, OverflowError):
            return None  # the 30th of February is no time

    def _dated(self, when: str) -> float:
        # Exim's zone stands apart; a comma is ISO 8601's other decimal point.
        stamp = datetime.fromisoformat(when.replace(",", ".").replace(" +", "+").replace(" -", "-"))
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=self._zone)).timestamp()

    def _yearless(self, when: str) -> float:
        month, day = _MONTHS.index(when[:3]) + 1, int(when[4:6])
        hour, minute, second = map(int, when[7:].split(":"))
        possible = []
        for year in (self._around.year - 1, self._around.year, self._around.year + 1):
            try:
                stamp = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=self._zone)
            except ValueError:
                continue  # the 29th of February, in most years
            possible.append(stamp.timestamp())
        return min(possible, key=lambda at: abs(at - self._around.timestamp()))


def log_lines(files: Sequence[tuple[str, IO[bytes]]], parser: LineParser) -> Iterator[LogLine]:
    """The lines of ``files`` (name, open file) by time, in whatever order the files are given; lines of a file keep
    theirs. Lines of no known form are passed over.

    Nothing is held but a line a file. Raises ``OutsideWorld`` where a file cannot be read to its end.
    """
    begun = []
    for number, (name, file) in enumerate(files):
        lines = _parsed(name, file, parser)
        if (first := next(lines, None)) is not None:
            begun.append((first.at, number, chain([first], lines)))
    yield from heapq.merge(*(lines for _at, _number, lines in sorted(begun, key=lambda one: one[:2])), key=_time)


def _time(line: LogLine) -> float:
    return line.at


def _parsed(name: str, file: IO[bytes], parser: LineParser) -> Iterator[LogLine]:
    with ExitStack() as stack:
        try:
            for line in _whole_lines(_unpacked(file, stack)):
                if (found := parser.parse(line)) is not None:
                    yield found
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            why = os_reason(error) if isinstance(error, OSError) and error.errno else _("it is damaged, or cut short")
            said = _("{file} cannot be read: {why}; nothing was changed")
            raise OutsideWorld(said.format(file=name, why=why)) from error


def _unpacked(file: IO[bytes], stack: ExitStack) -> IO[bytes]:
    """``file``, decompressed where its first octets say that it is compressed, whatever its name."""
    buffered = BufferedReader(cast("RawIOBase", file))
    stack.callback(buffered.detach)  # else it would close a file, or standard input, that is its caller's
    match buffered.peek(2)[:2]:
        case b"\x1f\x8b":
            return stack.enter_context(cast("IO[bytes]", gzip.open(buffered)))
        case b"BZ":
            return stack.enter_context(bz2.open(buffered))
        case b"\xfd7":
            return stack.enter_context(lzma.open(buffered))
        case _other:
            return buffered


def _whole_lines(file: IO[bytes]) -> Iterator[str]:
    """Only a line feed ends a line: other line ends may stand in what a stranger sent."""
    goes_on = False
    while piece := file.readline(LINE_LIMIT):
        if not goes_on:
            yield piece.decode("utf-8", "replace").rstrip("\r\n")
        goes_on = not piece.endswith(b"\n")
