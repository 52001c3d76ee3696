"""The hour: what is due, what became of it, and who is told."""

from composer.schedule.by_hand import open_later, open_now, skip
from composer.schedule.calendar import Due, due_between, latest_due, next_due
from composer.schedule.callout import call_out
from composer.schedule.outlook import Outlook, outlook
from composer.schedule.telling import pending
from composer.schedule.tick import Event, Ticked, tick

__all__ = [
    "Due",
    "Event",
    "Outlook",
    "Ticked",
    "call_out",
    "due_between",
    "latest_due",
    "next_due",
    "open_later",
    "open_now",
    "outlook",
    "pending",
    "skip",
    "tick",
]
