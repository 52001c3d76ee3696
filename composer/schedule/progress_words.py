"""How far a mailing is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.progress import Progress
from composer.delivery.state import State
from composer.locale import gettext as _
from composer.schedule.wording import short_hour


def mailing_name(found: Progress) -> str:
    """publication/date of the issue that is sent."""
    row = found.mailing
    return f"{row.publication}/{row.date}" + (f"-{row.slug}" if row.slug else "")


def numbers_words(found: Progress, zone: ZoneInfo) -> str:
    """How many of its readers are served, and at which rate; when the last one is, where that can be told."""
    done = f"{found.served}/{found.total}"
    if not found.under_way:
        return f"{done}  {state_word(found.mailing.state)}"
    if found.held_until is not None:
        return f"{done}  " + _("the others wait until {hour}").format(hour=short_hour(found.held_until, zone))
    rate = _("{n} a minute").format(n=found.per_minute)
    ends = "" if found.ends_at is None else _("ends at {hour}").format(hour=short_hour(found.ends_at, zone))
    return "  ".join(part for part in (done, rate, ends) if part)


def outcome_words(counts: Mapping[str, int]) -> list[str]:
    """The number of deliveries in each state: « acceptés 12 »."""
    return [f"{state_word(state)} {counts[state]}" for state in State if state in counts]
