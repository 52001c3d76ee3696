"""How a letter writes dates and hours, in the language of its edition."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date


def written_date(day: date, language: str, form: str | None, *, weekday: bool = True) -> str:
    """``samedi 28 novembre 2026`` or ``28/11/2026``, day first in English too; in French the first is « 1er »."""
    if form == "short":
        return format_date(day, "dd/MM/yyyy", locale=language)
    number = "'1er'" if language == "fr" and day.day == 1 else "d"
    return format_date(day, f"{'EEEE ' * weekday}{number} MMMM y", locale=language)


def written_day(day: date, language: str, form: str | None, *, year: bool) -> str:
    """``mardi 15 décembre``, with its year where ``year`` is true; short dates always have theirs."""
    written = written_date(day, language, form)
    return written if year or form == "short" else written.removesuffix(f" {day:%Y}")


def written_hour(moment: datetime, language: str) -> str:
    """``19 h``, ``19 h 30``; ``19:30`` in English."""
    if language != "fr":
        return f"{moment:%H:%M}"
    return f"{moment.hour} h {moment:%M}" if moment.minute else f"{moment.hour} h"
