"""Decide what to do about a due date: a pure function of the time, the schedule and the state of the issue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from composer.approval.model import Seal, Sealed
from composer.locale import gettext as _
from composer.newsroom.model import Schedule
from composer.schedule.calendar import Due, leaves
from composer.schedule.wording import state_of_due_date


@dataclass(frozen=True)
class Mail:
    """Send the issue now."""

    seal: Seal


@dataclass(frozen=True)
class Sent:
    """The issue has a mailing already."""

    mailing_id: int


@dataclass(frozen=True)
class Hold:
    """It cannot leave yet. ``reason`` is a stable code, ``sentence`` says why and what to type."""

    reason: str
    sentence: str


@dataclass(frozen=True)
class Miss:
    """It is too late for good: last Friday's issue is not sent on Wednesday."""

    reason: str
    sentence: str


@dataclass(frozen=True)
class Skip:
    """Nothing is to be sent: the schedule skips the date, or it is from before the first tick of the publication."""

    reason: str


@dataclass(frozen=True)
class Nothing:
    """Not due yet."""


#: Reasons why a person must decide about a due date: its messages may have left already.
#:
#: ``long-gap``  no tick for longer than ``long_gap``: the daemon did not run, or the database is an old copy
#: ``restored``  ``filigrane restore`` made this database, or it lost commits
#: ``copied``    it is a copy, and no person has said that it is the newsroom now (``filigrane db here``)
ASKS = ("long-gap", "restored", "copied")

Decision = Mail | Sent | Hold | Miss | Skip | Nothing


def decide(
    now: datetime,
    due: Due,
    schedule: Schedule,
    zone: ZoneInfo,
    found: Sealed | Hold,
    *,
    mailing: int | None = None,
    known: bool = True,
    asks: str | None = None,
    held: str | None = None,
) -> Decision:
    """Decide about ``due`` at ``now``. ``found`` is the approved issue, or why there is none to send.

    ``mailing`` is the id of its mailing, if it has one. ``known`` is False on the first tick that sees the publication:
    what fell due before was not promised yet. ``asks``, one of ``ASKS``, keeps the issue from leaving by itself.
    ``held`` is the reason for which it was held before, or missed; ``rehearsed`` where it left under ``only_to``.
    """
    if now < due.at:
        return Nothing()
    if mailing is not None:
        return Sent(mailing)
    if due.skipped:
        return Skip("skip-date")
    if due.moved and isinstance(found, Hold) and found.reason == "no-file":
        return Skip("moved")  # renamed to the new day
    leaving = leaves(schedule, zone, due, now)
    if not known and (leaving is None or (isinstance(found, Hold) and found.reason == "no-file")):
        return Skip("before-first-tick")
    if asks is not None:
        return Miss(asks, _asked(asks)) if leaving is None else Hold(asks, _asked(asks))
    if leaving is None and held == "rehearsed":
        return Miss(held, _rehearsed())
    if leaving is None:
        return Miss("too-late" if isinstance(found, Sealed) else found.reason, _too_late(found, held))
    if isinstance(found, Hold):
        return found
    if leaving > now:
        hour = leaving.astimezone(zone).strftime("%H:%M")
        sentence = _("it is outside the hours in which a letter may leave; it leaves at {hour}")
        return Hold("outside-window", sentence.format(hour=hour))
    return Mail(found.seal)


def _too_late(found: Sealed | Hold, held: str | None) -> str:
    if isinstance(found, Hold):
        return found.sentence
    if held not in (None, "too-late", "outside-window"):
        return _("it was held ({reason}) for as long as it could have left").format(reason=state_of_due_date(held))
    return _("nothing ran Filigrane while it could still leave")


def _rehearsed() -> str:
    return _(
        "it left at its hour as a rehearsal, to the addresses of “only_to” alone, which was taken out of the "
        "configuration when it was too late"
    )


def _asked(asks: str) -> str:
    if asks == "restored":
        return _("the database was restored from a backup, or lost its last commits: the letter may have left since")
    if asks == "copied":
        return _(
            "this database is a copy, and the letter may leave from where it was copied; once nothing sends from "
            "there, type “filigrane db here”: what falls due later then leaves from here"
        )
    return _(
        "Filigrane did not run for a long time, or its database is an old copy: "
        "the letter may have left meanwhile, from elsewhere"
    )
