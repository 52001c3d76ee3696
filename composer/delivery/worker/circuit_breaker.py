"""Circuit breaker: holds back what a relay says of unknown mailboxes, and reports refusals that may be the relay's.

A relay that knows one reader after another not has lost its table of mailboxes. Unknown mailboxes are counted by
mailing and relay since the last message of that mailing which that relay accepted, in one worker's memory: what
another relay accepts says nothing of this one. Nor does a message accepted for another mailbox provider: Gmail answered
5.1.1 to readers it has for hours (December 2020). Nor one on another connection: behind a name that balances load, one
server of several may know no reader; what a connection said that ended without an accepted message is asked once more.
So are several readers in a row before an accepted one: a table may come and go. Where one of them is accepted then,
nothing that this relay says of unknown mailboxes is believed in this mailing.
Outcomes held here are not settled: if the worker dies, those deliveries are retried. Refusals of any other kind are
counted in the ledger (``ledger.refusal_runs``).

Some relays take so many messages a connection, and refuse the next ones in words of their own; so does one server of
several that is out of order. So a reader refused in words that no row of the table knows is asked once more, as
the first of a fresh connection. The first refusal counts in a run, the second is the reader's: counted too, the closed
domains of a whole list, asked again together, would look like a run.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection

from composer.delivery.ledger.claims import Settlement
from composer.delivery.ledger.refusal_runs import DOMAINS, REMEMBERED, Leave, RefusalReport, domain_of
from composer.delivery.smtp.reply import Outcome, Scope
from composer.delivery.state import State
from composer.locale import gettext as _

Kept = TypeVar("Kept")
Of = TypeVar("Of")
_Way: TypeAlias = tuple[int, str]  #: mailing, and key of the relay
UNKNOWN_IN_A_ROW = 20  #: mailboxes reported unknown: so many in a row cannot all be gone, unless their domain is
_AT_THE_END = 5  #: mailboxes reported unknown since the relay last accepted a message, and nothing more to come
_OF_ONE = 10  #: unknown mailboxes of one domain that count
#: Time after which a reader refused in words that nothing knows is asked once more. A run is complete by then.
_SOON = timedelta(seconds=3)
_ASKED = 10_000  #: readers of a mailing, at one relay, asked once more
#: Number of mailings remembered, those with the most recent refusals. An older one is counted anew, as by a worker that
#: was restarted.
MAILINGS = 100


@dataclass
class _Trouble:
    """Unknown mailboxes of a mailing at one relay. ``doubted``: delivery ids reported unknown and queued again;
    ``stopped``: whether they made the mailing pause; ``asked_again``: ids of deliveries that are tried once
    more, for their connection ended before it proved anything. ``proved``: the relay accepted a message of the
    mailing; ``left``: the mailing left the relay, which accepted none since; ``lied``: it accepted one of those
    asked again."""

    doubted: set[int] = field(default_factory=set)
    stopped: bool = False
    asked_again: set[int] = field(default_factory=set)
    proved: bool = False
    left: bool = False
    lied: bool = False


@dataclass
class _Held:
    """Unknown mailboxes of a mailing that one relay reported, by delivery id.

    ``since``: those since it last accepted a message, which all might be its own fault; ``of``: those since it accepted
    one for that mailbox provider; ``waiting``: those not settled yet, each with the connection that reported it.
    """

    since: dict[int, Settlement] = field(default_factory=dict)
    of: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    waiting: dict[int, tuple[Settlement, int]] = field(default_factory=dict)


class CircuitBreaker:
    """For one worker. ``after`` turns each outcome into the settlements to record now: none yet, one, or several."""

    def __init__(self) -> None:
        self._troubles: OrderedDict[_Way, _Trouble] = OrderedDict()
        self._held: dict[_Way, _Held] = {}
        self._accepted: OrderedDict[_Way, deque[float]] = OrderedDict()
        self._few: OrderedDict[int, bool] = OrderedDict()
        self._asked: OrderedDict[_Way, set[int]] = OrderedDict()

    def after(
        self,
        settlement: Settlement,
        begun: float = 0.0,
        again: Outcome | None = None,
        relay: str = "",
        connection: int = 0,
        leave: Leave | None = None,
    ) -> list[Settlement]:
        """The settlements to record now. An unknown mailbox waits for an accepted message, the proof that ``relay``
        works, on this ``connection``. ``begun``: when the message was begun (``clock.elapsed``); ``again``,
        ``leave``: see ``RefusalReport``."""
        mailing, row, outcome = settlement.claimed.inputs.mailing_id, settlement.claimed.id, settlement.outcome
        way = mailing, relay
        if outcome.state is State.ACCEPTED:
            accepted = self._accepted.get(way)
            if accepted is None:
                accepted = _bounded(self._accepted, way, deque(maxlen=REMEMBERED))
            accepted.append(begun)
            if (trouble := self._troubles.get(way)) is None or trouble.left or not trouble.proved:
                trouble = self._of(way)
                trouble.proved, trouble.left = True, False
            trouble.lied = trouble.lied or row in trouble.asked_again
            return [*self._believed(mailing, relay, connection, settlement.claimed.provider), settlement]
        if outcome.unknown_mailbox and again is not None and self._of(way).lied and row in self._of(way).asked_again:
            return [replace(settlement, outcome=again)]
        if outcome.unknown_mailbox and not self._asked_since_the_resume(way, row):
            return self._unknown(way, settlement, connection, leave)
        if outcome.may_be_the_relay_s:
            accepted = self._accepted.pop(way, deque())
            # A doubt is of the connection, not of the reader's domain.
            few = outcome.state is State.IN_DOUBT or self.few(mailing) is not False
            report = RefusalReport(_domain(settlement), tuple(accepted), few, again, relay=relay, leave=leave)
            report = replace(report, waited=outcome.waited)
            if outcome.unclear and not settlement.claimed.canary:
                asked = _bounded(self._asked, way, self._asked.get(way) or set())
                if row in asked:
                    asked.discard(row)  # sent again by hand, it is asked anew
                    report = replace(report, counts=False)
                elif len(asked) < _ASKED:
                    asked.add(row)
                    outcome = replace(outcome, state=State.DEFERRED, delay=_SOON, counted=False)
            return [replace(settlement, outcome=outcome, report=report)]
        return [settlement]

    def asked_again(self, mailing: int, row: int, relay: str) -> bool:
        """Whether ``relay`` is asked about that delivery once more, which then goes first on a fresh connection."""
        trouble = self._troubles.get((mailing, relay))
        return row in self._asked.get((mailing, relay), ()) or (trouble is not None and row in trouble.asked_again)

    def few(self, mailing: int) -> bool | None:
        """Whether the mailing has fewer domains than a run spans; None if ``note_few`` has not said."""
        return self._few.get(mailing)

    def note_few(self, mailing: int, few: bool) -> None:
        _bounded(self._few, mailing, few)

    def ended(self, relay: str, connection: int) -> list[Settlement]:
        """The settlements to record now that this connection to ``relay`` is over: readers that it reported unknown,
        and accepted no message after, are asked once more, on another one."""
        back = []
        for (mailing, of_relay), held in self._held.items():
            if of_relay != relay:
                continue
            asked = self._of((mailing, relay)).asked_again
            unproven = [row for row, (_settlement, on) in held.waiting.items() if on == connection and row not in asked]
            asked.update(unproven)
            back += [_queued(held.waiting.pop(row)[0]) for row in unproven]
        return back

    def _believed(self, mailing: int, relay: str, connection: int, provider: str) -> list[Settlement]:
        """What was held, and is true now that ``relay`` accepted a message for a reader at ``provider`` on this
        ``connection``. What is said of a reader twice is believed whichever connection it was."""
        if (held := self._held.get((mailing, relay))) is None:
            return []
        trouble, believed = self._of((mailing, relay)), []
        asked = trouble.asked_again
        doubtful = trouble.lied or self._several(mailing, held)
        held.since.clear()
        held.of.pop(provider, None)
        for row, (settlement, on) in list(held.waiting.items()):
            if doubtful and row not in asked:
                asked.add(row)
                believed.append(_queued(held.waiting.pop(row)[0]))
            elif settlement.claimed.provider in ("", provider) and (on == connection or row in asked):
                believed.append(settlement)
                del held.waiting[row]
        if not held.waiting and not held.of:
            del self._held[mailing, relay]
        return believed

    def _unknown(self, way: _Way, settlement: Settlement, connection: int, leave: Leave | None) -> list[Settlement]:
        held, trouble = self._held.setdefault(way, _Held()), self._of(way)
        row, provider = settlement.claimed.id, settlement.claimed.provider
        held.waiting[row] = settlement, connection
        if row not in trouble.asked_again:  # it counted the first time: at a mailing's end such readers are alone
            held.since[row] = settlement
            if provider:
                held.of[provider].add(row)
        count, of_provider = len(held.since), len(held.of.get(provider, ())) >= UNKNOWN_IN_A_ROW
        if not trouble.stopped and not of_provider and not self._complete(way[0], list(held.since.values())):
            return []
        first = not trouble.stopped
        trouble.stopped = True
        gone = self._held.pop(way)
        trouble.doubted.update(gone.waiting, gone.since)
        why = _(
            "the relay says of {count} readers in a row that they do not exist; none of them was suppressed, their "
            "messages are queued again. Mend the relay, or the list; then resume: what it says of them will count"
        )
        if of_provider:
            why = _(
                "the relay says of {count} readers in a row at {provider} that they do not exist; none of them was "
                "suppressed, their messages are queued again. Find out whether {provider} has trouble, or the list is "
                "wrong; then resume: what it says of them will count"
            )
            count = len(gone.of[provider])
        why = why.format(count=count, provider=provider)
        back = [_queued(one) for one, _connection in gone.waiting.values()]
        if first:
            back[-1] = replace(back[-1], outcome=replace(back[-1].outcome, why=why, pause=True))
        if first and leave is not None and not of_provider:
            report = RefusalReport("", relay=way[1], leave=partial(_leave_for, leave, count))
            back[-1] = replace(back[-1], report=report)
        return back

    def _complete(self, mailing: int, held: list[Settlement]) -> bool:
        if len(held) < UNKNOWN_IN_A_ROW or self.few(mailing) is not False:
            return len(held) >= UNKNOWN_IN_A_ROW
        domains = Counter(map(_domain, held))
        return len(domains) >= DOMAINS and sum(min(number, _OF_ONE) for number in domains.values()) >= UNKNOWN_IN_A_ROW

    def _several(self, mailing: int, held: _Held) -> bool:
        """Whether so many were unknown in a row that the relay may have no table of mailboxes."""
        spread = self.few(mailing) is not False or len(set(map(_domain, held.since.values()))) >= DOMAINS
        return spread and len(held.since) >= _AT_THE_END

    def _asked_since_the_resume(self, way: _Way, row: int) -> bool:
        """Whether the reader that stopped the mailing is told unknown again. Before, it was still on its way."""
        trouble = self._troubles.get(way)
        return trouble is not None and not trouble.stopped and row in trouble.doubted

    def _of(self, way: _Way) -> _Trouble:
        return _bounded(self._troubles, way, self._troubles.get(way) or _Trouble())

    def release(self, mailings: Collection[int]) -> None:
        """Count anew for ``mailings``, which the operator has resumed."""
        for way, trouble in self._troubles.items():
            trouble.stopped = trouble.stopped and way[0] not in mailings
        for way in [way for way in self._asked if way[0] in mailings]:
            del self._asked[way]

    def left(self, mailing: int, relay: str) -> None:
        """Forget this mailing's refusals by ``relay``, which it has left; they prove nothing of these readers."""
        _bounded(self._troubles, (mailing, relay), _Trouble(left=True))

    def held(self) -> Mapping[str, int]:
        """Number of settlements held, by mailbox provider."""
        waiting = (one for held in self._held.values() for one, _connection in held.waiting.values())
        return Counter(settlement.claimed.provider for settlement in waiting)

    def holding(self) -> Mapping[int, int]:
        """Number of settlements held, by mailing."""
        number: Counter[int] = Counter()
        for (mailing, _relay), held in self._held.items():
            number[mailing] += len(held.waiting)
        return number

    def rest(self, mailing: int) -> list[Settlement]:
        """The settlements held for ``mailing``, to be recorded now: no message will be accepted soon.

        They are what the relay said; of one that has accepted nothing of this mailing, or nothing since several of
        them, without its word that the mailbox is unknown, which would suppress the reader. Whom a relay said it of
        that was left is asked through another one.
        """
        settled = []
        for way in [key for key in self._held if key[0] == mailing]:
            trouble = self._of(way)
            held = self._held.pop(way)
            doubtful = not trouble.proved or trouble.lied or self._several(mailing, held)
            for row, (settlement, _connection) in held.waiting.items():
                if trouble.left and row not in trouble.asked_again:
                    trouble.asked_again.add(row)
                    settled.append(_queued(settlement))
                else:
                    outcome = replace(settlement.outcome, unknown_mailbox=not doubtful)
                    settled.append(replace(settlement, outcome=outcome))
        return settled


def _queued(settlement: Settlement) -> Settlement:
    return replace(settlement, outcome=Outcome(State.QUEUED, Scope.SITE, settlement.outcome.reply))


def _domain(settlement: Settlement) -> str:
    return domain_of(settlement.claimed.inputs.email or "", settlement.claimed.provider)


def _leave_for(leave: Leave, count: int, connection: Connection, _why: str) -> bool:
    why = _(
        "the relay says of {count} readers in a row that they do not exist; none of them was suppressed, their "
        "messages are queued again. Mend the relay, or the list"
    )
    return leave(connection, why.format(count=count))


def _bounded(kept: OrderedDict[Of, Kept], of: Of, value: Kept) -> Kept:
    """Keep ``value``, and drop what is kept for what was changed longest ago."""
    kept[of] = value
    kept.move_to_end(of)
    while len(kept) > MAILINGS:
        kept.popitem(last=False)
    return value
