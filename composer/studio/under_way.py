"""A mailing on the sheet: how far it is, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from composer.delivery.ledger.labels import state_word
from composer.delivery.ledger.mailings import being_sent
from composer.delivery.ledger.progress import Follower, Progress
from composer.delivery.ledger.readers import rehearsal_words
from composer.delivery.state import NOT_OVER, MailingState
from composer.newsroom.model import Newsroom
from composer.schedule.occurrences import ledger_stamp
from composer.schedule.progress_words import numbers_words, outcome_words


@dataclass(frozen=True)
class MailingLine:
    """``served`` of ``total`` readers; ``moves``: it is being sent, ``open``: it is not over. ``outcomes``: how many
    messages are in each state, in words."""

    id: int
    state: str
    numbers: str
    served: int
    total: int
    moves: bool
    open: bool
    paused: bool
    outcomes: str
    reason: str | None


def mailing_line(found: Progress, newsroom: Newsroom) -> MailingLine:
    """``found`` in words."""
    row = found.mailing
    rehearsed = None if row.readers is None else rehearsal_words(found.total, row.readers)
    return MailingLine(
        id=row.id,
        state=state_word(row.state),
        numbers=numbers_words(found, ZoneInfo(newsroom.settings.timezone)),
        served=found.served,
        total=found.total,
        moves=found.under_way,
        open=row.state in NOT_OVER,
        paused=row.state == MailingState.PAUSED,
        outcomes=", ".join(outcome_words(found.counts)),
        reason=" · ".join(filter(None, [rehearsed, row.reason])) or None,
    )


class UnderWay:
    """The mailings that are being sent, looked at again and again by open pages, from any thread: a look costs as many
    counts as there are such mailings, whatever the number of pages that ask at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._followers: dict[int, Follower] = {}

    def look(self, connection: Connection, newsroom: Newsroom) -> Mapping[str, Any]:
        """JSON: ``stamp`` changes with any state, ``mailings`` are those being sent, by id."""
        with self._lock:
            self._followers = {each: self._followers.get(each) or Follower(each) for each in being_sent(connection)}
            found = [mailing_line(each.look(connection), newsroom) for each in self._followers.values()]
        lines = {
            str(each.id): {"numbers": each.numbers, "served": each.served, "total": each.total, "said": each.outcomes}
            for each in found
        }
        return {"stamp": ledger_stamp(connection), "mailings": lines}
