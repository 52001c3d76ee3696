"""Dates and hours as people say them, in the newsroom's language and by its clocks."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from composer.locale import gettext as _
from composer.locale import language
from composer.newsroom.model import Newsroom


def day(date: Date) -> str:
    """« vendredi 27 novembre 2026 »."""
    return format_date(date, "full", locale=language())


def hour(instant: datetime, newsroom: Newsroom) -> str:
    """« 07:00 »."""
    return format_time(instant.astimezone(ZoneInfo(newsroom.settings.timezone)), "short", locale=language())


def day_and_hour(instant: datetime, newsroom: Newsroom) -> str:
    """« vendredi 27 novembre 2026 à 07:00 »."""
    local = instant.astimezone(ZoneInfo(newsroom.settings.timezone))
    return _("{date} at {hour}").format(date=day(local.date()), hour=hour(instant, newsroom))
