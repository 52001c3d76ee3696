"""The brake: the same refusal of one reader after the other says more about the relay, or the message, than of them.

It counts for each mailing since its last accepted message, in the memory of one worker. What it holds is unsettled: a
worker that dies forgets it, and those deliveries are tried again.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from composer.delivery.ledger.claims import Settlement
from composer.delivery.smtp.reply import Outcome, Scope
from composer.delivery.state import State
from composer.locale import gettext as _

IN_A_ROW = 10  #: readers for whom the relay refused the message, or to relay it: the next would hear the same
UNKNOWN_IN_A_ROW = 20  #: readers whom the relay does not know: so many at once have not all left
#: Mailings that are remembered, those of the last trouble. Of an older one that still goes on, the relay is asked once
#: more, as by a worker that was started again.
MAILINGS = 100


@dataclass
class _Trouble:
    """What a mailing has met: rows refused alike, by scope; rows whose mailboxes were not believed to be unknown, and
    whether they stopped it."""

    refused: defaultdict[Scope, set[int]] = field(default_factory=lambda: defaultdict(set))
    doubted: set[int] = field(default_factory=set)
    stopped: bool = False


class CircuitBreaker:
    """For one worker. ``after`` says what to settle once an outcome is known, which may be nothing yet, or more."""

    def __init__(self) -> None:
        self._troubles: OrderedDict[int, _Trouble] = OrderedDict()
        self._held: defaultdict[int, list[Settlement]] = defaultdict(list)

    def after(self, settlement: Settlement) -> list[Settlement]:
        """What to settle now. An unknown mailbox waits for an accepted message, which says that the relay is sane."""
        mailing, row, outcome = settlement.claimed.written.mailing_id, settlement.claimed.id, settlement.outcome
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
        """These go on after a pause: somebody has looked, and counting begins again."""
        for trouble in (self._troubles[mailing] for mailing in mailings if mailing in self._troubles):
            trouble.stopped = False
            trouble.refused.clear()

    def held(self) -> Mapping[str, int]:
        """How many it holds, by mailbox provider."""
        return Counter(settlement.claimed.provider for group in self._held.values() for settlement in group)

    def rest(self) -> list[Settlement]:
        """What is held, where no more messages are to come soon: the relay is believed."""
        held, self._held = self._held, defaultdict(list)
        return [settlement for group in held.values() for settlement in group]
