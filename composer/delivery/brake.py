"""The brake: the same refusal of one reader after the other says more about the relay, or the message, than of them.

It counts for each mailing since its last accepted message, in the memory of one worker. What it holds is unsettled: a
worker that dies forgets it, and those deliveries are tried again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from composer.delivery.ledger import Settlement
from composer.delivery.reply import Outcome, Scope
from composer.delivery.state import State
from composer.locale import gettext as _

IN_A_ROW = 10  #: readers for whom the relay refused the message, or to relay it: the next would hear the same
UNKNOWN_IN_A_ROW = 20  #: readers whom the relay does not know: so many at once have not all left


class Brake:
    """For one worker. ``after`` says what to settle once an outcome is known, which may be nothing yet, or more."""

    def __init__(self) -> None:
        self._refused: defaultdict[tuple[int, Scope], set[int]] = defaultdict(set)
        self._held: defaultdict[int, list[Settlement]] = defaultdict(list)
        self._doubted: defaultdict[int, set[int]] = defaultdict(set)
        self._stopped: set[int] = set()

    def after(self, settlement: Settlement) -> list[Settlement]:
        """What to settle now. An unknown mailbox waits for an accepted message, which says that the relay is sane."""
        mailing, row, outcome = settlement.claimed.written.mailing_id, settlement.claimed.id, settlement.outcome
        if outcome.state is State.ACCEPTED:
            for scope in (Scope.MESSAGE, Scope.SITE):
                self._refused.pop((mailing, scope), None)
            return [*self._held.pop(mailing, []), settlement]
        if outcome.unknown_mailbox and row not in self._doubted[mailing]:
            return self._unknown(mailing, settlement)
        if outcome.relaying or (outcome.state is State.REJECTED and outcome.scope is Scope.MESSAGE):
            alike = self._refused[mailing, outcome.scope]
            alike.add(row)
            if len(alike) >= IN_A_ROW:
                return [replace(settlement, outcome=replace(outcome, pause=True))]
        return [settlement]

    def _unknown(self, mailing: int, settlement: Settlement) -> list[Settlement]:
        held = self._held[mailing]
        held.append(settlement)
        if mailing not in self._stopped and len(held) < UNKNOWN_IN_A_ROW:
            return []
        first = mailing not in self._stopped
        self._stopped.add(mailing)
        self._doubted[mailing].update(one.claimed.id for one in held)
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

    def release(self, mailings: Iterable[int]) -> None:
        """These go on after a pause: somebody has looked, and counting begins again."""
        for mailing in mailings:
            self._stopped.discard(mailing)
            for scope in (Scope.MESSAGE, Scope.SITE):
                self._refused.pop((mailing, scope), None)

    def held(self) -> Mapping[str, int]:
        """How many it holds, by mailbox provider."""
        return Counter(settlement.claimed.provider for group in self._held.values() for settlement in group)

    def rest(self) -> list[Settlement]:
        """What is held, where no more messages are to come soon: the relay is believed."""
        held, self._held = self._held, defaultdict(list)
        return [settlement for group in held.values() for settlement in group]
