"""Temporary refusals of one reader after another: the relay is to be slowed, whatever it says.

Counted in one worker, for one relay. Where the relay passes messages on at once (``shape_providers``) a refusal may be
the mailbox provider's, so each known provider has its own count, and refusals for other domains count nowhere.
Elsewhere a run spans three domains, as one of lasting refusals does (``ledger.refusal_runs``): thirty readers in a row
of one domain whose server is out of order say nothing of the relay.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta

from composer.delivery.ledger.refusal_runs import DOMAINS, OF_ONE
from composer.delivery.smtp.reply import GREYLISTED, Destination, Outcome, Scope, Throttle
from composer.delivery.smtp.reply_table import ReplyMeaning
from composer.delivery.state import State

IN_A_ROW = 10  #: readers refused for now, with no message accepted between them
_MOST = 1_000  #: readers remembered; one beyond counts as refused before


@dataclass
class _Greylisting:
    """How a relay treats readers since it last accepted one at the first attempt. ``back``: accepted at a later one;
    ``first``: refused at the first one, after one was ``back``."""

    back: int = 0
    first: int = 0

    def note(self, accepted: bool, again: bool) -> None:
        if accepted and not again:
            self.back = self.first = 0
        elif accepted:
            self.back += 1
        elif not again and self.back:
            self.first += 1

    def __bool__(self) -> bool:
        return min(self.back, self.first) >= IN_A_ROW


class TemporaryRefusals:
    """A reader counts once in a run: a relay that greylists says it again when the message comes back too early.

    A reply that asks for a slower rate is heeded once a reader, too, unless nothing was accepted since: where it comes
    back for one reader while others are accepted, that reader's server says it. So it is where it comes twice in turn
    for one domain that is no known mailbox provider.

    A relay that refuses new readers, and accepts those that come back, greylists, whatever its words: ten of either
    show it, and from then on the first refusal of a reader counts in no run; what it was slowed for until then, by no
    word of its own, is lifted. Where it refuses what comes back, too, it does.
    """

    def __init__(self) -> None:
        self._refused: dict[str, dict[int, str]] = {}
        self._slowed: OrderedDict[int, int] = OrderedDict()
        self._greylists: defaultdict[str, _Greylisting] = defaultdict(_Greylisting)
        self._uncounted: OrderedDict[int, None] = OrderedDict()
        self._last: tuple[str, int] = ("", 0)
        self._accepted = 0
        self._inferred: set[str] = set()

    def lasts(self, provider: str = "") -> bool:
        """Whether a run of ``IN_A_ROW`` readers lasts, at ``provider``, or at the relay if that is empty."""
        domains = Counter(self._refused.get(provider, {}).values())
        if provider or "" in domains:
            return domains.total() >= IN_A_ROW
        return len(domains) >= DOMAINS and sum(min(number, OF_ONE) for number in domains.values()) >= IN_A_ROW

    def after(
        self, delivery_id: int, outcome: Outcome, destination: Destination, domain: str = "", deferrals: int = 0
    ) -> Outcome:
        """``outcome``; within a run, one that asks for a slower rate, and uses up no retry the first time. ``domain``:
        the reader's (``domain_of``); empty in a mailing with fewer domains than a run spans. ``deferrals``: refusals
        of this reader that used up a retry."""
        outcome = self._heeded(delivery_id, outcome, "" if destination.provider else domain)
        provider = destination.provider if destination.shaped else ""
        again, greylists = deferrals > 0 or delivery_id in self._uncounted, self._greylists[provider]
        if outcome.state is State.ACCEPTED:
            greylists.note(True, again)
            self._refused.pop("", None)
            self._refused.pop(provider, None)
            return outcome
        counts = outcome.state is State.DEFERRED and outcome.reply is not None and not outcome.relaying
        if not counts or outcome.reply is None or (destination.shaped and not provider):
            return outcome
        if outcome.scope is Scope.SESSION:  # a goodbye: the backoff counts those
            return outcome
        if outcome.full or GREYLISTED.search(outcome.reply.text):
            return outcome
        greylists.note(False, again)
        if greylists and not again:
            if outcome.strain is None and provider in self._inferred:
                self._inferred.discard(provider)
                lifted = Throttle(destination.relay, provider, ReplyMeaning.THROTTLED, timedelta(), mistaken=True)
                return replace(outcome, strain=lifted)
            return outcome
        refused = self._refused.setdefault(provider, {})
        first = delivery_id not in refused and len(refused) < _MOST
        if first:
            refused[delivery_id] = domain
        if not self.lasts(provider):
            return outcome
        if again:
            greylists.note(True, False)  # a reader that comes back is refused, too
        if first:
            self._uncounted[delivery_id] = None
            while len(self._uncounted) > _MOST:
                self._uncounted.popitem(last=False)
        if outcome.strain is None:
            self._inferred.add(provider)
        strain = outcome.strain or Throttle(destination.relay, provider, ReplyMeaning.THROTTLED, timedelta())
        return replace(outcome, counted=outcome.counted and not first, strain=strain)

    def _heeded(self, delivery_id: int, outcome: Outcome, domain: str) -> Outcome:
        self._accepted += outcome.state is State.ACCEPTED
        if outcome.strain is None or outcome.strain.means is not ReplyMeaning.THROTTLED:
            return outcome
        last, accepted = self._last
        of_domain = bool(domain) and domain == last and accepted != self._accepted
        if of_domain or self._slowed.get(delivery_id, self._accepted) != self._accepted:
            return replace(outcome, strain=None)
        self._slowed[delivery_id] = self._accepted
        self._last = domain, self._accepted
        while len(self._slowed) > _MOST:
            self._slowed.popitem(last=False)
        return outcome
