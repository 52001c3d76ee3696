"""What to do about a due date, decided from what is known now and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from composer.approval.model import Seal, Sealed
from composer.locale import gettext as _
from composer.newsroom.model import Schedule
from composer.schedule.calendar import Due, leaves


@dataclass(frozen=True)
class Mail:
    """The issue leaves now."""

    seal: Seal


@dataclass(frozen=True)
class Sent:
    """Somebody sent it already."""

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
    """Nothing is owed: a date that the schedule skips, or one from before Filigrane looked after the publication."""

    reason: str


@dataclass(frozen=True)
class Nothing:
    """Not due yet."""


#: Why a due date is never decided by the clock alone: somebody says whether its letter left already.
#:
#: ``long-gap``  no tick came for longer than ``long_gap``: the daemon stood still, or the database is an old copy
#: ``restored``  ``filigrane restore`` made this database
ASKS = ("long-gap", "restored")

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
    """``found`` is the issue of that date, or why there is none to send; ``mailing`` is its mailing, once it has one.

    ``known`` is False the first time a publication is seen: what it then missed was nobody's promise yet. ``asks``, one
    of ``ASKS``, keeps it from leaving by itself. ``held`` is the reason for which it was held before, or missed.
    """
    if now < due.at:
        return Nothing()
    if mailing is not None:
        return Sent(mailing)
    if due.skipped:
        return Skip("skip-date")
    leaving = leaves(schedule, zone, due, now)
    if not known and (leaving is None or (isinstance(found, Hold) and found.reason == "no-file")):
        return Skip("before-first-tick")
    if asks is not None:
        return Miss(asks, _asked(asks)) if leaving is None else Hold(asks, _asked(asks))
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
        return _("it was held ({reason}) for as long as it could have left").format(reason=held)
    return _("nothing ran Filigrane while it could still leave")


def _asked(asks: str) -> str:
    if asks == "restored":
        return _("the database was restored from a backup: the letter may have left since that backup was made")
    return _(
        "Filigrane did not run for a long time, or its database is an old copy: "
        "the letter may have left meanwhile, from elsewhere"
    )
