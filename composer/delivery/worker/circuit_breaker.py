"""Circuit breaker: pauses a mailing when the relay refuses one reader after another for the same cause.

Such a cause is the relay or the message, not the readers. Refusals are counted by mailing since its last accepted
message, in one worker's memory. Outcomes held here are not settled: if the worker dies, those deliveries are retried.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from composer.delivery.ledger.claims import Settlement
from composer.delivery.smtp.reply import Outcome, Scope
from composer.delivery.state import State
from composer.locale import gettext as _

IN_A_ROW = 10  #: refusals of the message, or to relay it, after which the next reader's would be refused alike
UNKNOWN_IN_A_ROW = 20  #: mailboxes reported unknown: so many in a row cannot all be gone
#: Number of mailings remembered, those with the most recent refusals. An older one is counted anew, as by a worker that
#: was restarted.
MAILINGS = 100


@dataclass
class _Trouble:
    """Refusals of a mailing. ``refused``: delivery ids by scope; ``doubted``: ids reported unknown and queued again;
    ``stopped``: whether the latter paused the mailing."""

    refused: defaultdict[Scope, set[int]] = field(default_factory=lambda: defaultdict(set))
    doubted: set[int] = field(default_factory=set)
    stopped: bool = False


class CircuitBreaker:
    """For one worker. ``after`` turns each outcome into the settlements to record now: none yet, one, or several."""

    def __init__(self) -> None:
        self._troubles: OrderedDict[int, _Trouble] = OrderedDict()
        self._held: defaultdict[int, list[Settlement]] = defaultdict(list)

    def after(self, settlement: Settlement) -> list[Settlement]:
        """The settlements to record now. An unknown mailbox waits for an accepted message, the proof that the relay
        works."""
        mailing, row, outcome = settlement.claimed.inputs.mailing_id, settlement.claimed.id, settlement.outcome
        if outcome.state is State.ACCEPTED:
            if mailing in self._troubles:
                self._troubles[mailing].refused.clear()
            return [*self._held.pop(mailing, []), settlement]
        if outcome.unknown_mailbox and not (mailing in self._troubles and row in self._troubles[mailing].doubted):
            return self._unknown(mailing, settlement)
        if outcome.relaying or (outcome.state is State.REJECTED and outcome.scope is Scope.MESSAGE):
            alike = self._of(mailing).refused[outcome.scope]
            alike.add(row)
            if len(alike) >= IN_A_ROW:
                return [replace(settlement, outcome=replace(outcome, pause=True))]
        return [settlement]

    def _unknown(self, mailing: int, settlement: Settlement) -> list[Settlement]:
        held, trouble = self._held[mailing], self._of(mailing)
        held.append(settlement)
        if not trouble.stopped and len(held) < UNKNOWN_IN_A_ROW:
            return []
        first = not trouble.stopped
        trouble.stopped = True
        trouble.doubted.update(one.claimed.id for one in held)
        why = _(
            "the relay says of {count} readers in a row that they do not exist; none of them was suppressed, their "
            "messages are queued again. Mend the relay, or the list; then resume: what it says of them will count"
        ).format(count=len(held))
        back = [
            replace(one, outcome=Outcome(State.QUEUED, Scope.SITE, one.outcome.reply))
            for one in self._held.pop(mailing)
        ]
        if first:
            back[-1] = replace(back[-1], outcome=replace(back[-1].outcome, why=why, pause=True))
        return back

    def _of(self, mailing: int) -> _Trouble:
        trouble = self._troubles.setdefault(mailing, _Trouble())
        self._troubles.move_to_end(mailing)
        while len(self._troubles) > MAILINGS:
            self._troubles.popitem(last=False)
        return trouble

    def release(self, mailings: Iterable[int]) -> None:
        """Count anew for ``mailings``, which the operator has resumed."""
        for trouble in (self._troubles[mailing] for mailing in mailings if mailing in self._troubles):
            trouble.stopped = False
            trouble.refused.clear()

    def held(self) -> Mapping[str, int]:
        """Number of settlements held, by mailbox provider."""
        return Counter(settlement.claimed.provider for group in self._held.values() for settlement in group)

    def rest(self) -> list[Settlement]:
        """All settlements held, to be recorded as the relay said: no accepted message is to be expected soon."""
        held, self._held = self._held, defaultdict(list)
        return [settlement for group in held.values() for settlement in group]
