"""The days of the week on which a publication comes out."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

from babel.dates import format_date

from composer import locale
from composer.locale import gettext as _
from composer.newsroom.model import Schedule

#: As ``schedule.every`` names them, in the order of ``date.weekday()``.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def comes_out(schedule: Schedule, day: Date) -> bool:
    """Whether ``day`` is one of the schedule's days of the week."""
    return WEEKDAYS[day.weekday()] in schedule.days


def wrong_day(schedule: Schedule, day: Date) -> str:
    """The message on ``day``, which is none of the schedule's, with the nearest that is, the later of two."""
    around = [day + timedelta(days=number) for number in (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6)]
    near = next(each for each in around if comes_out(schedule, each))
    names = {WEEKDAYS[each.weekday()]: format_date(each, "EEEE", locale=locale.language()) for each in (day, *around)}
    return _("{date} is a {weekday}, and this publication comes out on {every}: is it {near}?").format(
        date=day.isoformat(),
        weekday=names[WEEKDAYS[day.weekday()]],
        every=", ".join(names[each] for each in schedule.days),
        near=near.isoformat(),
    )
