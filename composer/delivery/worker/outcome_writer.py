"""Writes outcomes to the ledger, through the circuit breaker, batched by ``GroupCommit``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import structlog

from composer.delivery import metrics
from composer.delivery.ledger import claims
from composer.delivery.ledger.claims import Claimed, Settlement
from composer.delivery.ledger.refusal_runs import Effect, Leave
from composer.delivery.smtp.reply import Outcome
from composer.delivery.state import State
from composer.delivery.worker.circuit_breaker import CircuitBreaker
from composer.delivery.worker.group_commit import DATABASE_AWAY, GroupCommit, reason_of

log = structlog.get_logger("delivery")

#: Settlements on their way to the ledger.
Pending: TypeAlias = "list[tuple[Settlement, asyncio.Future[Effect]]]"


class OutcomeWriter:
    """For one worker."""

    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self._breaker = CircuitBreaker()
        self._paused: set[int] = set()
        self.under_way = 0  #: messages being sent, and outcomes of messages that left and are not recorded yet
        self._verbose: bool = log.is_enabled_for(logging.DEBUG)

    def record(
        self,
        claimed: Claimed,
        outcome: Outcome,
        begun: float = 0.0,
        again: Outcome | None = None,
        relay: str = "",
        connection: int = 0,
        leave: Leave | None = None,
    ) -> Pending:
        """Submit an outcome at once, so that anything submitted later is committed with it or after it.

        ``begun``, ``again``, ``relay``, ``connection``, ``leave``: see ``CircuitBreaker.after``."""
        return self._submit(self._breaker.after(Settlement(claimed, outcome), begun, again, relay, connection, leave))

    def ended(self, relay: str, connection: int) -> Pending:
        """Submit what becomes of what a connection reported that is over: see ``CircuitBreaker.ended``."""
        return self._submit(self._breaker.ended(relay, connection))

    def holding(self) -> Mapping[int, int]:
        """Number of refusals that the circuit breaker holds, by mailing."""
        return self._breaker.holding()

    async def rest(self, mailing: int) -> None:
        """Settle what is held for ``mailing``: no message of it will be accepted soon."""
        await self.committed(self._submit(self._breaker.rest(mailing)))

    def _submit(self, settlements: Sequence[Settlement]) -> Pending:
        self.under_way += sum(map(_left, settlements))
        return [(settlement, self._commits.submit(claims.settle, settlement)) for settlement in settlements]

    async def committed(self, pending: Pending) -> Effect:
        """Wait until all of ``pending`` is in the ledger, however long the database is away. What they did to their
        mailings: the most of it."""
        most = Effect.NONE
        for settlement, submitted in pending:
            try:
                effect = await submitted
            except DATABASE_AWAY as error:
                log.error("database-unavailable", why=reason_of(error))
                effect = await self._commits.patiently(partial(self._commits.submit, claims.settle, settlement))
            self.under_way -= _left(settlement)
            self._note(settlement, effect)
            most = max(most, effect)
        return most

    def _note(self, settlement: Settlement, effect: Effect) -> None:
        claimed, outcome, mailing = settlement.claimed, settlement.outcome, settlement.claimed.inputs.mailing_id
        reply = outcome.reply
        metrics.count(outcome.state, None if reply is None else reply.code, claimed.provider)
        if outcome.state is State.ACCEPTED and not self._verbose:
            return  # the common case: skip building the log text
        if effect is Effect.ELSEWHERE:
            self._breaker.left(mailing, settlement.report.relay if settlement.report else "")
        elif outcome.pause or effect:
            self._paused.add(mailing)
        paused = effect is Effect.PAUSED
        say = log.error if paused else log.debug if outcome.state is State.ACCEPTED else log.info
        say(
            "mailing-paused" if paused else outcome.state.value,
            **{"mailing": mailing, "delivery": claimed.id, "attempt": claimed.attempt, "scope": outcome.scope.value},
            reply=str(outcome),
        )

    def few(self, mailing: int) -> bool | None:
        """Whether the mailing has so few domains that a refusing domain may be the relay; None if it is not known."""
        return self._breaker.few(mailing)

    def note_few(self, mailing: int, few: bool) -> None:
        """Remember the answer of ``refusal_runs.few_domains``."""
        self._breaker.note_few(mailing, few)

    def asked_again(self, claimed: Claimed, relay: str) -> bool:
        """See ``CircuitBreaker.asked_again``."""
        return self._breaker.asked_again(claimed.inputs.mailing_id, claimed.id, relay)

    def held(self) -> Mapping[str, int]:
        """Number of refusals not settled yet, by mailbox provider: rows still claimed, but no longer under way."""
        return self._breaker.held()

    def paused(self) -> frozenset[int]:
        """Mailings that an outcome paused."""
        return frozenset(self._paused)

    def resumed(self, mailings: Collection[int]) -> None:
        """Forget the pause of ``mailings``, which the operator has resumed."""
        self._paused.difference_update(mailings)
        self._breaker.release(mailings)


def _left(settlement: Settlement) -> bool:
    """Whether the outcome says more than that the message is queued as it was: then it must not be lost."""
    return settlement.outcome.state is not State.QUEUED
