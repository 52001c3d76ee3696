"""Claims, builds and signs messages ahead, so that a connection never waits for one.

The amount ahead is bounded: about a second's worth of claims, one row each, and four built messages a connection.
``claims.mark`` still checks each one before its dot, and what is left when the worker ends goes back to the queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection as SqlConnection

from composer.database import DATABASE_TROUBLE
from composer.delivery import metrics
from composer.delivery.ledger import claims, mailings, refusal_runs
from composer.delivery.ledger.allowlist import allows
from composer.delivery.ledger.claims import Claimed
from composer.delivery.ledger.messages import MailingTemplates, build_message, mailing_templates
from composer.delivery.limits.rate_limits import ClaimBatch, RateLimits
from composer.delivery.limits.relay_backoff import until
from composer.delivery.smtp.reply import Outcome, Scope, scrub
from composer.delivery.state import State
from composer.delivery.worker.beat import Beat
from composer.delivery.worker.group_commit import DATABASE_AWAY, GroupCommit, reason_of
from composer.delivery.worker.heartbeat import Registration
from composer.delivery.worker.outcome_writer import OutcomeWriter, Pending
from composer.delivery.worker.relay_queue import PreparedMessage, RelayQueue
from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.locale import language, use
from composer.message import Message
from composer.message.dkim import verified
from composer.newsroom.environment import dkim_key
from composer.newsroom.model import Newsroom
from composer.source.vocabulary import key_name

log = structlog.get_logger("delivery")

_FEWEST = 4  #: minimum number of claims at a time, for each connection
_MOST = 1_000  #: maximum number of claims at a time: what must be given back after a crash
_VERIFIED = 1_000  #: the signature of one message in so many is verified before it leaves, at 6 ms each
_SOON = 0.5  #: seconds; if claims last less long, more are claimed at a time
_AHEAD = 4  #: messages ready for each connection


class Prefetcher:
    """Fills the relay queues ``queues`` of the worker registered as ``registration``; connections empty them.

    Messages prepared for a relay that cannot be reached go back to the ledger's queue if there is another relay.
    """

    def __init__(
        self,
        commits: GroupCommit,
        writer: OutcomeWriter,
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
        self._writer = writer
        self._registration = registration
        self._newsroom = newsroom
        self._secret = secret
        self._rates = rates
        self._beat = beat
        self._queues = {queue.relay.key: queue for queue in queues}
        connections = max(queue.relay.connections for queue in queues)
        self._enough = _AHEAD * connections
        self._count = self._fewest = _FEWEST * connections
        self._poll = poll
        self._wait: float | None = None
        self._stop = stop
        self._templates: dict[int, MailingTemplates] = {}
        self._thread = ThreadPoolExecutor(1, "letters", initializer=use, initargs=(language(),))
        self._claimed_at = 0.0
        self._verified: set[int] = set()
        self._count_down = _VERIFIED
        self._claims: deque[tuple[RelayQueue, Claimed]] = deque()
        self._wanted = asyncio.Event()
        self.over = False
        self._unbegun: dict[tuple[int, int], Claimed] = {}
        registration.in_hand = self._in_hand

    def _in_hand(self, worker_id: int) -> list[Claimed]:
        return [one for one in self._unbegun.values() if one.worker_id == worker_id]

    def begun(self, claimed: Claimed) -> None:
        """Note that the message may be out, or that its outcome is being recorded."""
        self._unbegun.pop((claimed.id, claimed.attempt), None)

    def _ready(self) -> int:
        return sum(len(queue.letters) for queue in self._queues.values())

    def at_hand(self, queue: RelayQueue) -> PreparedMessage | None:
        """The next message for that relay, or None if none is ready."""
        while queue.letters:
            prepared = queue.letters.popleft()
            if len(queue.letters) <= self._enough // 2:
                self._wanted.set()
            claimed = prepared.claimed
            if self.ours(claimed) and (claimed.id, claimed.attempt) in self._unbegun:  # not withdrawn while being built
                return prepared
        queue.empty()
        return None

    def ours(self, claimed: Claimed) -> bool:
        """Whether the claim is valid: the worker was not declared dead since."""
        return claimed.worker_id == self._registration.id

    def wanted(self) -> None:
        """Wake ``run``, to look again at what is in hand."""
        self._wanted.set()

    async def give_back(self, queue: RelayQueue, provider: str = "") -> None:
        """Return to the ledger's queue, unchanged, what is in hand for ``queue`` (to ``provider`` only, if given)."""
        ours = [one for its_queue, one in self._claims if its_queue is queue and provider in ("", one.provider)]
        ours += [one.claimed for one in queue.letters if provider in ("", one.claimed.provider)]
        if not ours:
            return
        gone = {(one.id, one.attempt) for one in ours}
        self._keep(lambda one: (one.id, one.attempt) not in gone)
        await self._commits.write(partial(claims.unclaim, claims=ours))
        for one in ours:
            self.begun(one)

    def _keep(self, kept: Callable[[Claimed], bool]) -> None:
        self._claims = deque((queue, one) for queue, one in self._claims if kept(one))
        for queue in self._queues.values():
            queue.letters = deque(one for one in queue.letters if kept(one.claimed))
        self._wanted.set()

    async def withdraw(self) -> None:
        """Drop what is in hand of mailings that are not being sent any more, or were amended."""
        held = await self._commits.write(partial(claims.still_held, worker_id=self._registration.id))
        self._keep(lambda one: (one.id, one.attempt) in held)
        if self._registration.id:
            self._unbegun = {key: one for key, one in self._unbegun.items() if key in held}

    async def run(self, until_idle: bool) -> None:
        """Claim and build messages until ``stop``; with ``until_idle``, until no mailing is being sent any more."""
        stopping = asyncio.create_task(self._stop.wait())
        stopping.add_done_callback(lambda _stopped: self._wanted.set())
        try:
            while not self._stop.is_set():
                await self._hand_over()
                if self._ready() >= self._enough:
                    self._wanted.clear()
                    await self._wanted.wait()
                elif self._claims or await self._claim():
                    await self._build()
                elif self._wait is not None:
                    await until(self._stop, min(self._wait, self._poll))
                elif not self._ready() and await self._rest() and until_idle:
                    break
                else:
                    await until(self._stop, self._poll)
        finally:
            stopping.cancel()
            self._thread.shutdown(wait=False)
            self.over = True
            for queue in self._queues.values():
                queue.letters.clear()
                queue.call()

    async def _hand_over(self) -> None:
        if len(self._queues) > 1:
            for queue in self._queues.values():
                if queue.backoff.quiet:
                    await self.give_back(queue)

    def _usable(self) -> dict[str, int]:
        """Maximum number of messages to claim, by key of usable relay: one message for a relay after a failure.

        Relays after one that works but leaves this worker no quota are not used: it needs no other relay to take over.
        """
        if len(self._queues) == 1:
            return {key: self._count for key, queue in self._queues.items() if queue.share}
        found = {}
        for key, queue in self._queues.items():
            if not queue.backoff.quiet:
                if not queue.share:
                    break
                in_hand = len(queue.letters) + sum(its_queue is queue for its_queue, _ in self._claims)
                found[key] = max(0, 1 - in_hand) if queue.backoff.doubtful else self._count
        return {key: most for key, most in found.items() if most}

    async def _claim(self) -> bool:
        """Claim deliveries; whether there are claims in hand."""
        worker, paused = self._registration.id, self._writer.paused()
        now = asyncio.get_running_loop().time()
        faster, slower = now - self._claimed_at < _SOON, now - self._claimed_at > 4 * _SOON
        self._count = (
            min(2 * self._count, _MOST) if faster else max(self._count // 2, self._fewest) if slower else self._count
        )
        self._claimed_at = now
        try:
            held = self._writer.held()
            usable = self._usable()
            claiming = partial(self._take, relays=usable, worker_id=worker, count=self._count, held=held)
            with metrics.CLAIM_SECONDS.time():
                batch = await self._commits.answer(self._commits.call(claiming))
        except DATABASE_AWAY as error:  # whether the claims were committed is not known
            log.error("database-unavailable", why=reason_of(error))
            await self._registration.again(worker)
            return False
        self._wait = batch.wait
        fresh = [(self._queues[taken.relay.key], one) for taken in batch.taken for one in taken.claims]
        if worker == self._registration.id:
            self._claims.extend(fresh)
            self._unbegun.update({(one.id, one.attempt): one for _, one in fresh})
        if paused:
            self._writer.resumed(paused & {claimed.inputs.mailing_id for _, claimed in fresh})
        return bool(self._claims)

    def _take(self, connection: SqlConnection, worker_id: int, **how: Any) -> ClaimBatch:
        """Claim, unless other workers must compare their counters first (``beat``)."""
        if not self._beat.may_claim(connection):
            return ClaimBatch([], wait=self._poll)
        return self._rates.claim(connection, worker_id=worker_id, **how)

    async def _rest(self) -> bool:
        """Settle what is held where nothing is to come, and close finished mailings; whether none is being sent."""
        for mailing, held in self._writer.holding().items():
            coming = partial(mailings.to_come, mailing_id=mailing, worker_id=self._registration.id)
            if await self._commits.read(coming) <= held:
                await self._writer.rest(mailing)
        for done in await self._commits.write(mailings.sweep):
            log.info("mailing-done", mailing=done)
        self._templates.clear()  # also those of mailings that another worker closed; reading one again is cheap
        return not await self._commits.write(mailings.waiting)

    async def _build(self) -> None:
        """Build the messages of the next claims and add them to the relay queues."""
        count = min(len(self._claims), self._enough - self._ready())
        coming = [self._claims.popleft() for _ in range(count)]
        coming = [(queue, one) for queue, one in coming if self.ours(one)]
        batch = [one for _, one in coming]
        refused: dict[int, Outcome] = {}
        if unread := {claimed.inputs.mailing_id for claimed in batch if not self._has_templates(claimed)}:
            self._forget({one.inputs.mailing_id for one in (*batch, *(claimed for _, claimed in self._claims))})
        for mailing in unread:
            reading = partial(
                mailing_templates, mailing_id=mailing, dkim_pem=partial(dkim_key, self._newsroom), secret=self._secret
            )
            try:
                if self._writer.few(mailing) is None:
                    few = await self._commits.read(partial(refusal_runs.few_domains, mailing_id=mailing))
                    self._writer.note_few(mailing, few)
                self._templates[mailing] = await self._commits.read(reading)
            except (*DATABASE_AWAY, *DATABASE_TROUBLE):
                raise
            except (Refused, OutsideWorld) as error:  # until the operator corrects it
                refused[mailing] = Outcome(State.QUEUED, Scope.SITE, why=str(error), pause=True)
        pending: Pending = []
        for (queue, claimed), built in zip(coming, await self._built(batch, refused), strict=True):
            if isinstance(built, Message):
                queue.add(PreparedMessage(claimed, built))
            else:
                self.begun(claimed)
                pending += self._writer.record(claimed, built)
        await self._writer.committed(pending)

    def _forget(self, mailings_in_hand: Collection[int]) -> None:
        """Drop templates and verification marks of other mailings: a worker that is never idle would pile them up."""
        self._templates = {mailing: read for mailing, read in self._templates.items() if mailing in mailings_in_hand}
        self._verified &= {edition for read in self._templates.values() for edition in read.templates}

    def _has_templates(self, claimed: Claimed) -> bool:
        """Whether the templates for a claim are loaded; an amended mailing has new editions."""
        common = self._templates.get(claimed.inputs.mailing_id)
        return common is not None and claimed.inputs.edition_id in common.templates

    async def _built(self, batch: Sequence[Claimed], refused: Mapping[int, Outcome]) -> list[Message | Outcome]:
        work = partial(self._build_each, batch, refused)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _build_each(self, batch: Sequence[Claimed], refused: Mapping[int, Outcome]) -> list[Message | Outcome]:
        return [refused.get(claimed.inputs.mailing_id) or self._checked(claimed) for claimed in batch]

    def _checked(self, claimed: Claimed) -> Message | Outcome:
        """The message of a claim, or its outcome if it is not to be sent. Verifies the signature of the first message
        of each edition, and of one in a thousand."""
        message = self._message(claimed)
        if isinstance(message, Outcome):
            return message
        common, edition = self._templates[claimed.inputs.mailing_id], claimed.inputs.edition_id
        if common.signer is None:
            return message
        self._count_down -= 1
        if self._count_down > 0 and edition in self._verified:
            return message
        self._count_down = _VERIFIED
        self._verified.add(edition)
        if verified(message.content, common.signer.record):
            return message
        self._verified.discard(edition)
        why = _("the DKIM signature of a message does not verify: nothing is sent until it is known why")
        return Outcome(State.QUEUED, Scope.SITE, why=why, pause=True)

    def _message(self, claimed: Claimed) -> Message | Outcome:
        """The message of a claim, or its outcome if it is not to be sent; the signature is not verified."""
        inputs = claimed.inputs
        if inputs.email is None:
            return Outcome(State.SUPPRESSED, Scope.RECIPIENT)
        if not allows(self._newsroom.settings.only_to, inputs.email):
            # Never suppressed for it: the real mailing of an issue would be used up without its readers.
            why = _(
                "a worker’s “{key}” does not allow the readers of this mailing: take it out of config/newsroom.yaml "
                "and let the worker read it again (systemctl reload), then resume; or cancel"
            ).format(key=key_name("only_to", self._newsroom.settings.keys))
            return Outcome(State.QUEUED, Scope.SITE, why=why, pause=True)
        try:
            return build_message(self._templates[inputs.mailing_id], inputs, self._secret)
        except Refused as error:
            return Outcome(State.REJECTED, Scope.RECIPIENT, why=scrub(str(error)))
