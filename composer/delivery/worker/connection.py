"""Sends messages to one relay, one connection after another. The order of steps here gives exactly-once delivery.

Mark, dot, reply, record. The dot of a message is written only after its mark is committed, and the outcome of the
previous message is committed with that mark or before it: a crash leaves at most one message a connection in doubt.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import structlog

from composer.clock import elapsed
from composer.delivery import metrics
from composer.delivery.ledger import claims, workers
from composer.delivery.ledger.claims import Claimed
from composer.delivery.ledger.refusal_runs import Effect, domain_of
from composer.delivery.limits.rate_limits import RateLimits
from composer.delivery.smtp.handshake import RelayUnreachable
from composer.delivery.smtp.reply import (
    BEFORE_RCPT,
    Destination,
    Outcome,
    Phase,
    Reply,
    Retry,
    Scope,
    Throttle,
    judge,
    lost,
    turned_away,
)
from composer.delivery.smtp.session import Lost, Session, Timeouts, Withheld, connect
from composer.delivery.state import State
from composer.delivery.worker.attempt import Attempt, Stopped, Unmarked, unless_stopped
from composer.delivery.worker.group_commit import DATABASE_AWAY, GroupCommit, reason_of
from composer.delivery.worker.outcome_writer import OutcomeWriter, Pending
from composer.delivery.worker.prefetch import Prefetcher
from composer.delivery.worker.relay_queue import PreparedMessage, RelayQueue
from composer.delivery.worker.singles import PreparedSingle, SingleMessages
from composer.locale import gettext as _
from composer.message import Message
from composer.newsroom.environment import relay_password
from composer.newsroom.model import Settings
from composer.outbox.transitions import ClaimedMessage

log = structlog.get_logger("delivery")

_IDLE = 5.0  #: seconds a connection waits for another message before it is closed
#: Messages refused in a row on one connection, after which the next one goes on a fresh one: some relays count readers
#: by connection (452 4.5.3), and behind a name that balances load, one server of several may be out of order.
_REFUSED = 3


class RelayConnection:
    """Sends the messages of ``queue``, the queue that all of the worker's connections to one relay share; ahead of
    them, the ``singles`` that are for this relay."""

    def __init__(
        self,
        queue: RelayQueue,
        settings: Settings,
        prefetcher: Prefetcher,
        singles: SingleMessages,
        commits: GroupCommit,
        writer: OutcomeWriter,
        rates: RateLimits,
        *,
        timeouts: Timeouts,
        tls: ssl.SSLContext | None,
        stop: asyncio.Event,
    ) -> None:
        self._queue = queue
        self._relay = queue.relay
        self._backoff = queue.backoff
        self._alone = queue.backoff.of_one()
        self._settings = settings
        self._prefetcher = prefetcher
        self._singles = singles
        self._commits = commits
        self._writer = writer
        self._rates = rates
        self._timeouts = timeouts
        self._tls = tls
        self._stop = stop
        self._session: Session | None = None
        self._ahead: PreparedMessage | None = None
        self._pending: Pending = []
        self._retired = False
        self._unmarked = False
        self._refused = 0
        self._number = 0
        self._leave = rates.leaving(self._relay)
        self._chance = random.Random()  # noqa: S311 # reason: spreads delays, keeps no secret

    async def run(self) -> None:
        """Send until the prefetcher is over, or the connection is retired."""
        try:
            while (prepared := await self._next()) is not None:
                self._writer.under_way += 1
                try:
                    if isinstance(prepared, PreparedSingle):
                        await self._deliver_single(prepared)
                    else:
                        await self._deliver(prepared)
                finally:
                    self._writer.under_way -= 1
            await self._quit()
            await self._committed()
        finally:
            if self._session is not None:
                self._session.close()

    def retire(self) -> None:
        """End after the message under way, so that another worker may open a connection."""
        self._retired = True
        self._queue.call()

    def hang_up(self) -> None:
        """The worker is stopped: leave a message that is not marked, which goes back to the queue."""
        if self._unmarked and self._session is not None:
            self._session.close()

    async def _next(self) -> PreparedMessage | PreparedSingle | None:
        """The message to send now; None when the connection is to end."""
        prepared, self._ahead = self._ahead, None
        if prepared is not None and self._session is None:  # its envelope was sent on a connection that is closed
            self._queue.put_back(prepared)
            self._prefetcher.wanted()
            prepared = None
        if prepared is not None:
            return None if self._stop.is_set() else prepared
        await self._backoff.over(lambda: self._retired)
        await self._alone.over(lambda: self._retired)
        if self._retired:
            return None
        idle_since = elapsed()
        while (single := self._singles.next_for(self._queue)) is None and (
            prepared := self._prefetcher.at_hand(self._queue)
        ) is None:
            await self._committed()
            if self._prefetcher.over or self._retired:
                return None
            if not await self._queue.arrival(idle_since + _IDLE - elapsed()):
                await self._quit()
                idle_since = elapsed()
        return None if self._stop.is_set() else single or prepared

    async def _attempt(
        self,
        message: Message,
        mark: Callable[[], Awaitable[bool]],
        following: Callable[[], Message | None],
        retry: Retry,
        destination: Destination,
    ) -> Attempt | None:
        """Send one message; None where the worker was stopped before its dot. Raises ``Withheld``."""
        try:
            self._session = await self._open()
            if self._stop.is_set():
                return None
            self._unmarked = True
            phase, reply = await self._session.send(message, mark, following)
            self._queue.heard()
            outcome = judge(phase, reply, retry, destination)
            if beside := self._is_one_too_many(phase, reply):
                outcome = replace(outcome, strain=None)
            doubtful = reply.code >= 400 and phase not in BEFORE_RCPT
            return Attempt(phase, outcome, retry.later(outcome.scope, reply, "") if doubtful else None, beside)
        except RelayUnreachable as error:
            log.warning("relay-unreachable", relay=self._relay.key, why=str(error))
            metrics.TROUBLE.labels("unreachable").inc()
            self._session = None
            ours = error.ours and self._queue.refused_us()
            beside = not ours and self._queue.talking
            outcome = turned_away(str(error), destination) if ours else lost(Phase.CONNECT, str(error), retry)
            return Attempt(Phase.CONNECT, outcome, beside=beside)
        except Stopped:
            return None  # its claim goes back to the queue as the worker ends
        except Lost as error:
            if self._unmarked and self._stop.is_set():
                return None
            metrics.TROUBLE.labels("lost").inc()
            return Attempt(Phase.CONNECT, lost(error.phase, error.why, retry))
        except Unmarked as error:
            # The mark failed, or its answer was lost or late. The dot was not written; the outcome corrects the row.
            log.error("no-dot-written", why=str(error))
            return Attempt(Phase.CONNECT, lost(Phase.MAIL, "", retry))

    async def _deliver_single(self, prepared: PreparedSingle) -> None:
        """Send one single message, and record its outcome."""
        claimed = prepared.claimed
        destination = Destination(self._relay.key, claimed.provider, self._relay.shape_providers)
        retry = Retry(self._settings.retry, claimed.deferrals, self._chance.uniform(-1, 1))
        try:
            tried = await self._attempt(
                prepared.message, lambda: self._mark_single(claimed), lambda: None, retry, destination
            )
        except Withheld:
            self._session = None
            await self._singles.unclaim([claimed])
            return
        if tried is None:
            return
        self._unmarked = False
        outcome = tried.outcome
        if self._session is not None and self._session.confused:
            self._queue.singly()
        if outcome.strain is not None:
            outcome = await self._throttle(outcome, outcome.strain)
        await self._singles.record(claimed, outcome)
        self._note(tried, outcome)
        await self._go_on(tried.phase)

    async def _mark_single(self, claimed: ClaimedMessage) -> bool:
        """Whether the dot may be written. Raises ``Unmarked`` like ``_mark``."""
        asked, self._unmarked = elapsed(), False
        try:
            go = await self._commits.call(partial(self._singles.mark, claimed=claimed))
        except DATABASE_AWAY as error:
            raise Unmarked(reason_of(error)) from error
        await self._committed()
        self._require_fresh(asked)
        if go and not self._singles.ours(claimed):
            raise Unmarked(_("the worker began again meanwhile"))
        return go

    async def _deliver(self, prepared: PreparedMessage) -> None:
        """Send one message, and submit its outcome."""
        claimed = prepared.claimed
        destination = Destination(self._relay.key, claimed.provider, self._relay.shape_providers)
        retry = Retry(self._settings.retry, claimed.deferrals, self._chance.uniform(-1, 1))
        begun = elapsed()
        if self._writer.asked_again(claimed, self._relay.key):
            await self._quit()  # it goes first on a fresh connection
        try:
            tried = await self._attempt(
                prepared.message, lambda: self._mark(claimed), self._following, retry, destination
            )
        except Withheld:
            self._session = None
            # It may still be this worker's claim, where the worker counts as dead: no dot was written.
            await self._commits.write(partial(claims.unclaim, claims=[claimed]))
            self._prefetcher.begun(claimed)
            await self._prefetcher.withdraw()
            return
        if tried is None:
            return
        outcome = tried.outcome
        self._unmarked = False
        if outcome.state is State.ACCEPTED:
            self._queue.sent(claimed.provider)
        if self._session is not None and self._session.confused:
            self._queue.singly()
        outcome = self._queue.refusals.after(claimed.id, outcome, destination, self._domain(claimed), claimed.deferrals)
        if outcome.strain is not None:
            outcome = await self._throttle(outcome, outcome.strain)
        self._prefetcher.begun(claimed)
        where = self._relay.key, self._number, self._leave
        recorded = self._writer.record(claimed, outcome, begun, tried.again, *where)
        self._pending += recorded
        self._note(tried, outcome)
        doubted = outcome.unknown_mailbox and recorded
        effect = await self._committed() if outcome.may_be_the_relay_s or doubted else Effect.NONE
        if effect is Effect.ELSEWHERE:
            await self._prefetcher.give_back(self._queue)
        elif effect or doubted:
            await self._prefetcher.withdraw()
        self._refused = 0 if outcome.state is State.ACCEPTED else self._refused + 1
        await self._go_on(tried.phase)

    def _note(self, tried: Attempt, outcome: Outcome) -> None:
        """Update the backoff: this connection's alone, where the relay takes no other one and answers those it has."""
        if tried.beside:
            self._alone.trouble(str(outcome))
            self._prefetcher.wanted()
        else:
            self._alone.fine()
            self._update_backoff(tried.phase, outcome)

    async def _go_on(self, phase: Phase) -> None:
        """Keep the session for the next message, or leave it."""
        # It takes no message now, or on this connection: the next one goes on a fresh one.
        if phase is Phase.MAIL or self._refused >= _REFUSED:
            await self._quit()
        if self._session is not None and not self._session.ready:
            self._session = None

    def _is_one_too_many(self, phase: Phase, reply: Reply) -> bool:
        """Whether the relay turns a fresh connection away, at its first command, while it answers others."""
        first = self._session is not None and self._session.sent == 1
        return first and phase is Phase.MAIL and reply.code == 421 and self._queue.talking

    def _domain(self, claimed: Claimed) -> str:
        """The domain by which temporary refusals count; empty if the mailing has too few of them."""
        few = self._writer.few(claimed.inputs.mailing_id) is not False
        return "" if few else domain_of(claimed.inputs.email or "", claimed.provider)

    async def _throttle(self, outcome: Outcome, strain: Throttle) -> Outcome:
        """Reduce or suspend the rate for all workers, and give back the messages in hand for it. If the relay takes no
        message of ours, another relay takes over; only if there is none, the mailing waits for the operator."""
        observed = self._queue.per_second(strain.provider)
        change = partial(self._rates.strained, strain=strain, reason=str(outcome), observed=observed)
        if not await self._commits.write(change):
            return outcome
        log.warning("pace", means=strain.means.value, relay=strain.relay, provider=strain.provider, reply=str(outcome))
        await self._prefetcher.give_back(self._queue, strain.provider)
        return replace(outcome, pause=False)

    def _following(self) -> Message | None:
        """The next message, to send its envelope with the coming dot; None if there is none for this connection."""
        full = self._session is not None and self._session.sent >= self._relay.per_connection
        if self._singles.waits(self._queue):
            return None  # it goes next, and no envelope but its own may be on the wire
        if full or self._retired or self._stop.is_set() or self._backoff.doubtful:
            return None
        ahead = self._prefetcher.at_hand(self._queue)
        if ahead is not None and self._writer.asked_again(ahead.claimed, self._relay.key):
            self._queue.put_back(ahead)
            ahead = None
        self._ahead = ahead
        return None if ahead is None else ahead.message

    async def _mark(self, claimed: Claimed) -> bool:
        """Whether the dot may be written. The outcome of the previous message is in the ledger when this returns.

        A mark is valid only while this worker cannot have been declared dead. Raises ``Unmarked``, so that no dot is
        written, if the process was suspended meanwhile or the answer came too late.
        """
        asked, self._unmarked = elapsed(), False
        try:
            go = await self._commits.submit(claims.mark, claimed)
        except DATABASE_AWAY as error:
            raise Unmarked(reason_of(error)) from error
        await self._committed()
        self._require_fresh(asked)
        if go and not self._prefetcher.ours(claimed):
            raise Unmarked(_("the worker began again meanwhile"))
        if go:
            self._prefetcher.begun(claimed)
        return go

    def _require_fresh(self, asked: float) -> None:
        """Raise ``Unmarked`` where the mark that was asked for at ``asked`` came late, or into a file taken away."""
        if self._commits.lost is not None:
            raise Unmarked(str(self._commits.lost))
        if elapsed() - asked > workers.FRESH:
            raise Unmarked(_("the answer came after {seconds:.0f} s").format(seconds=elapsed() - asked))

    async def _committed(self) -> Effect:
        pending, self._pending = self._pending, []
        return await self._writer.committed(pending)

    async def _open(self) -> Session:
        session = self._session
        if session is not None and session.ready and session.sent < self._relay.per_connection:
            return session
        await self._quit()
        await self._committed()
        password = relay_password(self._settings, self._relay)
        opening = connect(
            self._relay,
            password,
            self._timeouts,
            self._tls,
            grouped=self._queue.grouped,
            last=self._queue.shunned,
        )
        session = await unless_stopped(opening, self._stop)
        self._refused = 0
        self._number = self._queue.opened(session)
        return session

    async def _quit(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.quit()
        if self._number:
            self._pending += self._writer.ended(self._relay.key, self._number)
            self._number = 0

    def _update_backoff(self, phase: Phase, outcome: Outcome) -> None:
        """Update the backoff. A connection that ends after some messages does not count as a failure; a relay that
        takes no message for now, or defers one reader after another, does."""
        code = outcome.reply.code if outcome.reply is not None else 0
        not_now = phase is Phase.MAIL and 400 <= code < 500 and (code != 421 or outcome.scope is Scope.SITE)
        if not_now or (code and outcome.state is not State.ACCEPTED and self._queue.refusals.lasts()):
            self._backoff.trouble(str(outcome))
            self._prefetcher.wanted()
        elif outcome.scope is not Scope.SESSION:
            self._backoff.fine()
        elif self._session is None or self._session.sent <= 1:
            self._backoff.trouble(str(outcome))
            self._prefetcher.wanted()
