"""A worker's single messages: what waits in the outbox, claimed and built for the connections, which send it first.

The same connections, limits and backoff as for letters, and the same order: mark, dot, reply, record. A look costs one
short query a second; only where something waits is a transaction begun.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection, literal

from composer.approval.messages import return_domain
from composer.delivery import metrics
from composer.delivery.ledger.allowlist import allows
from composer.delivery.ledger.messages import signer
from composer.delivery.ledger.workers import alive
from composer.delivery.limits.rate_limits import RateLimits
from composer.delivery.limits.relay_backoff import until
from composer.delivery.smtp.reply import Outcome
from composer.delivery.state import State
from composer.delivery.worker.beat import Beat
from composer.delivery.worker.group_commit import DATABASE_AWAY, GroupCommit, reason_of
from composer.delivery.worker.heartbeat import Registration
from composer.delivery.worker.relay_queue import RelayQueue
from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.message import Envelope, Message, SlotValues, Template, verp
from composer.message.dkim import verified
from composer.message.trial import DEAD_TOKEN
from composer.newsroom.environment import dkim_key
from composer.newsroom.model import Newsroom
from composer.outbox import SingleState
from composer.outbox.transitions import (
    ClaimedMessage,
    MessageOutcome,
    any_message_due,
    claim_messages,
    due_messages,
    mark_message,
    settle_message,
    unclaim_messages,
)

log = structlog.get_logger("delivery")

_MOST = 20  #: messages claimed at a time

#: Seconds after which a message is tried again that our own configuration keeps from leaving: the operator corrects it.
_LATER = 900.0

#: The mailing in the return path of a single message: none has this number.
NO_MAILING = 0


@dataclass(frozen=True)
class PreparedSingle:
    """A claimed single message, ready to be sent."""

    claimed: ClaimedMessage
    message: Message


class SingleMessages:
    """For one worker. Messages in hand are all for one relay, the first that is usable when they are claimed."""

    def __init__(
        self,
        commits: GroupCommit,
        registration: Registration,
        newsroom: Newsroom,
        secret: bytes,
        rates: RateLimits,
        beat: Beat,
        queues: Sequence[RelayQueue],
        *,
        poll: float,
        stop: asyncio.Event,
    ) -> None:
        self._commits = commits
        self._registration = registration
        self._newsroom = newsroom
        self._secret = secret
        self._rates = rates
        self._beat = beat
        self._queues = queues
        self._poll = poll
        self._stop = stop
        self._ready: deque[PreparedSingle] = deque()
        self._through: RelayQueue | None = None

    def waits(self, queue: RelayQueue) -> bool:
        """Whether one is ready for that relay."""
        return bool(self._ready) and self._through is queue

    def next_for(self, queue: RelayQueue) -> PreparedSingle | None:
        """The next message for that relay, or None if none is ready. Those of a dead registration are dropped."""
        while self.waits(queue):
            prepared = self._ready.popleft()
            if self.ours(prepared.claimed):
                return prepared
        return None

    def ours(self, claimed: ClaimedMessage) -> bool:
        """Whether the claim is valid: the worker was not declared dead since."""
        return claimed.worker_id == self._registration.id

    async def run(self) -> None:
        """Claim and build what waits, until cancelled."""
        while True:
            if self._ready and self._through is not self._usable():
                await self._give_back()
            if not self._ready and self._registration.id and (queue := self._usable()) is not None:
                await self._claim(queue)
            await until(self._stop, self._poll)
            if self._stop.is_set():
                return

    def _usable(self) -> RelayQueue | None:
        return next((queue for queue in self._queues if queue.share and not queue.backoff.quiet), None)

    async def _give_back(self) -> None:
        claimed = [prepared.claimed for prepared in self._ready]
        self._ready.clear()
        await self.unclaim(claimed)

    async def unclaim(self, claimed: Sequence[ClaimedMessage]) -> None:
        """Queue these again: they were not begun."""
        await self._commits.write(partial(unclaim_messages, claimed=claimed))

    async def _claim(self, queue: RelayQueue) -> None:
        worker = self._registration.id
        if not await self._commits.read(any_message_due):
            return
        try:
            taking = partial(self._take, queue=queue, worker_id=worker)
            claims = await self._commits.answer(self._commits.call(taking))
        except DATABASE_AWAY as error:  # whether the claims were committed is not known
            log.error("database-unavailable", why=reason_of(error))
            await self._registration.again(worker)
            return
        for claimed in claims:
            built = await asyncio.to_thread(self._built, claimed)
            if isinstance(built, Message):
                self._ready.append(PreparedSingle(claimed, built))
            else:
                await self.record(claimed, built)
        self._through = queue
        if self._ready:
            queue.call()

    def _take(self, connection: Connection, queue: RelayQueue, worker_id: int) -> list[ClaimedMessage]:
        if not self._beat.may_claim(connection):
            return []
        waiting = due_messages(connection, _MOST, self._newsroom.settings.outbox_per_hour)
        admitted = self._rates.admit(connection, queue.relay, [one.provider for one in waiting])
        ids = [one.id for one, may_go in zip(waiting, admitted, strict=True) if may_go]
        return claim_messages(connection, ids, worker_id, alive(literal(worker_id)))

    def _built(self, claimed: ClaimedMessage) -> Message | MessageOutcome:
        """The message, signed; or what becomes of it where it may not or cannot be sent."""
        if not allows(self._newsroom.settings.only_to, claimed.email):
            return MessageOutcome(SingleState.CANCELLED, words="only_to")
        try:
            return self._signed(claimed)
        except (Refused, OutsideWorld) as error:
            log.error("single-message-not-built", message=claimed.id, kind=claimed.kind, why=str(error))
            return MessageOutcome(SingleState.DEFERRED, delay=_LATER, counted=False)

    def _signed(self, claimed: ClaimedMessage) -> Message:
        dkim, template = self._newsroom.settings.dkim, Template.loads(claimed.content)
        name = verp.return_path(claimed.id, NO_MAILING, self._secret)
        content = template.fill(SlotValues(to=claimed.email, message_id=name, unsubscribe=DEAD_TOKEN))
        if dkim is not None:
            signs = signer(dkim.domain, dkim.selector, dkim_key(self._newsroom))
            assert signs is not None
            content = signs.sign(content)
            if not verified(content, signs.record):
                raise Refused(
                    _("the DKIM signature of a message does not verify: nothing is sent until it is known why")
                )
        publications = self._newsroom.publications
        whose = claimed.publication if claimed.publication in publications else next(iter(publications), "")
        if not whose:
            raise Refused(_("no publication can be read: there is no address to write from"))
        return Message(Envelope(f"{name}@{return_domain(self._newsroom, whose)}", claimed.email), content)

    def mark(self, connection: Connection, claimed: ClaimedMessage) -> bool:
        """The last look (``mark_message``), on the ledger thread."""
        return mark_message(connection, claimed, alive(literal(claimed.worker_id)))

    async def record(self, claimed: ClaimedMessage, outcome: Outcome | MessageOutcome) -> None:
        """Write the outcome to the row, however long the database is away."""
        plain = outcome if isinstance(outcome, MessageOutcome) else _plain(outcome)
        await self._commits.write(partial(settle_message, claimed=claimed, outcome=plain))
        metrics.SINGLE_MESSAGES.labels(plain.state.value).inc()
        reply = str(outcome) if isinstance(outcome, Outcome) else plain.words or ""
        about = {"message": claimed.id, "kind": claimed.kind, "state": plain.state.value}
        if plain.state is SingleState.ACCEPTED:
            log.debug("single-message", **about, reply=reply)
        else:
            log.info("single-message", **about, reply=reply)


def _plain(outcome: Outcome) -> MessageOutcome:
    """The judgement on a letter's reply, for a single message. There is no mailing to pause: what our configuration or
    a session that failed kept from leaving waits, and no retry is used up."""
    reply = outcome.reply
    code, status, words = (reply.code, reply.status, outcome.words) if reply else (None, None, outcome.words or None)
    if outcome.state is State.QUEUED and outcome.pause:
        return MessageOutcome(SingleState.DEFERRED, code, status, words, _LATER, counted=False)
    delay = outcome.delay.total_seconds() if outcome.delay is not None else 0.0
    return MessageOutcome(SingleState(outcome.state.value), code, status, words, delay, outcome.counted)
