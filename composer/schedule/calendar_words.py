"""A due date of the calendar in words: its name, its state, and what to type about it."""

from __future__ import annotations

from composer.delivery.ledger.labels import state_word
from composer.locale import Language
from composer.locale import gettext as _
from composer.schedule.decision import ASKS
from composer.schedule.upcoming import Upcoming
from composer.schedule.wording import state_of_due_date
from composer.source.vocabulary import key_name


def due_name(entry: Upcoming) -> str:
    """publication/date, as commands take it."""
    if entry.issue is None:
        return f"{entry.publication}/{entry.date}"
    return entry.issue.removeprefix("issues/").removesuffix(".yaml")


def due_state(entry: Upcoming, keys: Language) -> str:
    """The state of a due date, with the reason for it. ``keys`` is the language of the newsroom's files."""
    if entry.state == "skipped" and entry.reason in (None, "skip-date"):
        return _("none: under “{key}” of the schedule").format(key=key_name("skip", keys))
    if entry.state == "skipped" and entry.reason == "by-hand":
        return _("taken back by filigrane skip")
    if entry.mailing_state is not None:
        return _("{state}: mailing {id}").format(state=state_word(entry.mailing_state), id=entry.mailing)
    state = state_of_due_date(entry.state)
    if entry.state == "no-readers":
        state = _("approved; no reader in this database")
    if entry.state == "rehearsed":
        return _("{state}: mailing {id}").format(state=state, id=entry.mailing)
    if entry.reason is None or entry.state == "skipped":
        return state
    return f"{state} ({state_of_due_date(entry.reason)})"


def due_to_do(entry: Upcoming) -> str | None:
    """What to type about a due date that waits for a person, or that is past; None where there is nothing."""
    if entry.state == "held" and entry.reason in ASKS:
        told = _(
            "{issue}: look whether its readers have had it (the relay’s log knows); if not: filigrane send {issue}; if "
            "so: filigrane skip {issue}"
        )
    elif entry.state == "missed" and entry.issue is not None:
        told = _("{issue}: it does not leave by itself any more; to send it all the same: filigrane send {issue}")
    else:
        return None
    return told.format(issue=due_name(entry))
