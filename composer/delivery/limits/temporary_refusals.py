"""Temporary refusals of one reader after another: the relay is to be slowed, whatever it says.

Counted in one worker, for one relay. Where the relay passes messages on at once (``shape_providers``) a refusal may be
the mailbox provider's, so each known provider has its own count, and refusals for other domains count nowhere.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from composer.delivery.smtp.reply import Destination, Outcome, Throttle
from composer.delivery.smtp.reply_table import ReplyMeaning
from composer.delivery.state import State

IN_A_ROW = 10  #: readers refused for now, with no message accepted between them
_MOST = 1_000  #: readers remembered; one beyond counts as refused before


class TemporaryRefusals:
    """A reader counts once in a run: a relay that greylists says it again when the message comes back too early."""

    def __init__(self) -> None:
        self._refused: dict[str, set[int]] = {}

    def lasts(self, provider: str = "") -> bool:
        """Whether a run of ``IN_A_ROW`` readers lasts, at ``provider``, or at the relay if that is empty."""
        return len(self._refused.get(provider, ())) >= IN_A_ROW

    def after(self, delivery_id: int, outcome: Outcome, destination: Destination) -> Outcome:
        """``outcome``; within a run, one that asks for a slower rate, and uses up no retry the first time."""
        provider = destination.provider if destination.shaped else ""
        if outcome.state is State.ACCEPTED:
            self._refused.pop("", None)
            self._refused.pop(provider, None)
            return outcome
        counts = outcome.state is State.DEFERRED and outcome.reply is not None and not outcome.relaying
        if not counts or outcome.reply is None or outcome.reply.code == 421 or (destination.shaped and not provider):
            return outcome
        refused = self._refused.setdefault(provider, set())
        first = delivery_id not in refused and len(refused) < _MOST
        if first:
            refused.add(delivery_id)
        if not self.lasts(provider):
            return outcome
        strain = outcome.strain or Throttle(destination.relay, provider, ReplyMeaning.THROTTLED, timedelta())
        return replace(outcome, counted=outcome.counted and not first, strain=strain)
