"""Parse the dates and times of a list."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from composer.errors import Refused
from composer.locale import gettext as _

#: How ``05/03/2024`` is read: the day first (5 March, Europe) or the month first (3 May, United States).
DateOrder = Literal["dmy", "mdy"]

_CLOCK = r"(?P<clock>\d\d?h(?!\d)|\d\d?[:h]\d\d(?::\d\d(?:[.,]\d{1,6})?)?)\d*(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
_OFFSET = r"(?: ?(?P<offset>Z|UTC|[+-]\d\d(?::?\d\d)?)(?: [A-Z]{2,5})?)?"
_ISO = re.compile(rf"(?P<year>\d{{4}})[-/](?P<month>\d\d?)[-/](?P<day>\d\d?)(?:(?:T|,? ){_CLOCK}{_OFFSET})?")
_DAY_OR_MONTH_FIRST = re.compile(
    rf"(?P<day>\d\d?)[/.-](?P<month>\d\d?)[/.-](?P<year>\d{{4}})(?:(?:T|,? )(?:à )?{_CLOCK}{_OFFSET})?"
)
#: Earlier years are mistakes of typing, or a missing date in some program's own spelling.
_FIRST_YEAR = 1900


@lru_cache(maxsize=10_000)
def read_instant(text: str, zone: ZoneInfo, *, end: bool, order: DateOrder = "dmy") -> datetime:
    """Parse ``2026-12-31`` or ``31/12/2026``, with or without a time, in ``zone`` unless it names one; return UTC.

    A date alone means its first instant; with ``end`` its last one (paid until a day includes that day). With
    ``order`` ``mdy``, ``12/31/2026`` is read and ``31/12/2026`` is not. Raises ``Refused``, also for a year before
    1900.
    """
    if _PLAIN.fullmatch(text) and (plain := _plain(text, zone)) is not None:
        return plain
    text = " ".join(text.split())  # JavaScript writes a narrow space that breaks no line before AM
    figures = _in_figures(text)
    match = _ISO.fullmatch(figures)
    swapped = match is None and order == "mdy"
    match = match or _DAY_OR_MONTH_FIRST.fullmatch(figures)
    try:
        if match is None:
            raise ValueError
        month, day_of_month = ("day", "month") if swapped else ("month", "day")
        day = datetime(int(match["year"]), int(match[month]), int(match[day_of_month]), tzinfo=zone)
        if day.year < _FIRST_YEAR:
            raise ValueError
        if match["clock"]:
            day = _at(day, match["clock"], match["half"], match["offset"], zone)
        elif end:
            day = datetime.combine(day.date() + timedelta(days=1), time(), zone).astimezone(UTC)
            day -= timedelta(microseconds=1)
        for away in (timedelta(days=1), timedelta(days=-1)):
            day + away  # raises OverflowError where the local time of some zone is out of range
        return day.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if match is not None and not swapped and _is_other_order(text, zone, order):
            message = _("“{value}” is not a date with the day first; where the month comes first, add --date-order mdy")
        elif swapped:
            message = _("“{value}” is not a date with the month first; write 2026-12-31 or 12/31/2026")
        else:
            message = _("“{value}” is not a date; write 2026-12-31 or 31/12/2026")
        raise Refused(message.format(value=text)) from error


#: Fast path: as databases write an instant, which most lists hold.
_PLAIN = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}")


def _plain(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=zone).astimezone(UTC) if at.year >= _FIRST_YEAR else None


#: Months as they begin in French and English.
_NAMES = ("jan", "fev feb", "mar", "avr apr", "mai may", "juin jun", "juil jul", "aou aug", "sep", "oct", "nov", "dec")
_MONTHS = {begin: number for number, names in enumerate(_NAMES, 1) for begin in names.split()}
_WRITTEN = re.compile(
    r"(?:[a-z]{2,9}[.,]{0,2} )?(?:le )?(?:"
    r"(?P<day>\d\d?)(?:er|\.|st|nd|rd|th)?[ -](?:de |of )?(?P<month>[a-z]{3,9})\.?,?[ -](?:de )?"
    r"|(?P<month_first>[a-z]{3,9})\.? (?P<second>\d\d?)(?:st|nd|rd|th)?,? )"
    r"(?P<year>\d{4})\b(?P<rest>.*)",
    re.DOTALL,
)
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)")


def _in_figures(text: str) -> str:
    """``31 décembre 2026``, ``Dec 31, 2026``, ``lundi 1er déc. 2026``, ``20261231`` as ``2026-12-31``; any other text
    unchanged."""
    if text.isascii() and not any(letter.isalpha() for letter in text[:6]):
        compact = _COMPACT.fullmatch(text)
        return "-".join(compact.groups()) if compact else text
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if letter.isascii())
    if alone := re.fullmatch(r"le (\d.*)", plain):
        return alone[1]
    written = _WRITTEN.fullmatch(plain)
    name = written and (written["month"] or written["month_first"])
    month = name and next((number for begin, number in _MONTHS.items() if name.startswith(begin)), None)
    if not written or not month:
        return text
    day = int(written["day"] or written["second"])
    rest = re.sub(r"^,? (?:a|at) ", " ", written["rest"]).upper()
    return f"{written['year']}-{month:02}-{day:02}{rest}"


_SHORT_YEAR = re.compile(r"^(\d\d?)([/. -])(\w{1,9}\.?)\2(\d\d)(?!\d)")


def with_century(text: str) -> str:
    """``text`` with a year of two digits as one of four: ``12/3/24`` is ``12/3/2024``."""
    return _SHORT_YEAR.sub(r"\1\2\3\g<2>20\4", " ".join(text.split()))


def is_date(text: str, order: DateOrder = "dmy") -> bool:
    """Whether ``text`` is a date or a time."""
    try:
        read_instant(text, ZoneInfo("UTC"), end=False, order=order)
    except Refused:
        return False
    return True


def _is_other_order(text: str, zone: ZoneInfo, order: DateOrder) -> bool:
    return order == "dmy" and is_date(text, "mdy")


def _at(day: datetime, written: str, half: str | None, offset: str | None, zone: ZoneInfo) -> datetime:
    hour, _separator, rest = written.replace("h", ":").replace(",", ".").partition(":")
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError(written)
        number = number % 12 + (12 if half in "Pp" else 0)
    moment = datetime.combine(day.date(), time.fromisoformat(f"{number:02}:{rest or '00'}"), zone)
    if offset:
        signed = "+0000" if offset in ("Z", "UTC") else offset.replace(":", "").ljust(5, "0")
        known = datetime.strptime(signed, "%z")
        moment = moment.replace(tzinfo=known.tzinfo)
    return moment
