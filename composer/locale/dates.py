"""Dates of messages and pages: as Babel writes them, but for the first of a month, which in French is « 1er »."""

from __future__ import annotations

import re
from datetime import date, datetime

from babel.dates import format_date, format_datetime

_FIRST = re.compile(r"(?<!\d)1(?= [^\d])")


def dated(day: date, form: str, language: str) -> str:
    """``day`` in the form ``form`` of Babel: « vendredi 1er janvier 2027 »."""
    return _with_first(format_date(day, form, locale=language), day, language)


def dated_hour(moment: datetime, form: str, language: str) -> str:
    """``moment``, by the clock of its own zone, in the form ``form`` of Babel: « ven. 1er janv. 07:00 »."""
    written = format_datetime(moment, form, locale=language)
    return _with_first(written, moment, language)


def _with_first(written: str, day: date, language: str) -> str:
    return _FIRST.sub("1er", written, count=1) if language == "fr" and day.day == 1 else written
