"""The welcome path, as calendar, mailings and doctor tell it: a line a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from composer.approval.model import Sealed
from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.progress import Progress
from composer.delivery.ledger.welcome import count_due
from composer.delivery.state import State
from composer.locale import gettext as _
from composer.locale import ngettext
from composer.newsroom.model import Newsroom
from composer.schedule.welcome import path_steps, step_letter
from composer.schedule.wording import short_hour, state_of_due_date, wait_words


def path_lines(newsroom: Newsroom, connection: Connection | None, now: datetime) -> Iterator[str]:
    """Each step: when it leaves, how its letter stands, and for how many it is due now where the database says so."""
    for step in path_steps(newsroom):
        found = step_letter(newsroom, step)
        standing = state_of_due_date("sealed" if isinstance(found, Sealed) else found.reason)
        line = _("welcome letter {publication}/{letter}, {wait}: {state}").format(
            publication=step.publication, letter=step.letter, wait=wait_words(step.after), state=standing
        )
        waiting = 0 if connection is None else count_due(connection, newsroom, step.publication, step.number, now)
        if waiting:
            line += _("; ") + ngettext("{n} reader waits for it", "{n} readers wait for it", waiting).format(n=waiting)
        yield line


def welcome_lines(days: Iterable[Progress], zone: ZoneInfo) -> Iterator[str]:
    """The mailings of welcome paths, folded into a line a step; then which of them have doubts."""
    by_step: dict[tuple[str, str], list[Progress]] = {}
    for each in days:
        row = each.mailing
        by_step.setdefault((row.publication, f"{row.date}-{row.slug}"), []).append(each)
    for (publication, letter), some in sorted(by_step.items()):
        counts = {state: sum(each.counts.get(state, 0) for each in some) for state in State}
        told = ", ".join(f"{state_word(state)} {number}" for state, number in counts.items() if number)
        last = some[-1].mailing
        line = ngettext(
            "welcome letter {publication}/{letter}: {n} day, the last one mailing {id}, begun {when}; {told}",
            "welcome letter {publication}/{letter}: {n} days, the last one mailing {id}, begun {when}; {told}",
            len(some),
        )
        when = short_hour(last.opened_at, zone)
        yield line.format(publication=publication, letter=letter, n=len(some), id=last.id, when=when, told=told)
    for each in days:
        if each.counts.get(State.IN_DOUBT):
            doubts = _("mailing {id} has doubts; to see them: filigrane deliveries {id} --in-doubt")
            yield doubts.format(id=each.mailing.id)
