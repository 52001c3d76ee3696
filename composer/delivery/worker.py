"""The worker: claims deliveries, puts their messages on the wire, records what the relay says.

One event loop for the connections, one thread for the ledger (``commit``). What makes it exactly once is in the
ledger's gates; here is only their order: claim, look, dot, reply, record.

BUGS: ``per_second`` and the pause after trouble with the relay hold for one worker; several do not know of each other.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from composer.delivery import ledger, mailings, workers
from composer.delivery.brake import Brake
from composer.delivery.commit import AWAY, GroupCommit
from composer.delivery.ledger import Claimed, Settlement
from composer.delivery.letters import Press, letter, press
from composer.delivery.pacing import Pace
from composer.delivery.reply import Outcome, Phase, Retry, Scope, judge, lost, scrub
from composer.delivery.session import Lost, Session, Timeouts, Unreachable, Withheld, connect
from composer.delivery.staging import allows
from composer.delivery.state import State
from composer.errors import OutsideWorld, Refused
from composer.locale import gettext as _
from composer.message import Message
from composer.newsroom.environment import dkim_key, smtp_password
from composer.newsroom.model import Newsroom

log = structlog.get_logger("delivery")
Result = TypeVar("Result")

_BATCH = 4  #: claims for each connection at a time: what a crash has to give back
_IDLE = 5.0  #: seconds a connection waits for another message before it is closed
_LONGEST = 300.0  #: seconds, the longest pause after trouble with the relay


class Worker:
    """Sends what the ledger holds. Runs once; its row in the ledger is its life.

    ``poll`` is the seconds between looks at an empty queue, and the first pause after trouble with the relay, which
    doubles. ``tls`` verifies a relay with a private authority. ``patience`` is the seconds that outcomes wait in memory
    for a database that is away.
    """

    def __init__(
        self,
        engine: Engine,
        newsroom: Newsroom,
        secret: bytes,
        *,
        timeouts: Timeouts | None = None,
        poll: float = 1.0,
        tls: ssl.SSLContext | None = None,
        patience: float = 600,
    ) -> None:
        self._newsroom = newsroom
        self._secret = secret
        self._relay = newsroom.settings.relays[0]
        self._timeouts = timeouts or Timeouts()
        self._poll = poll
        self._tls = tls
        self._patience = patience
        self._ledger = GroupCommit(engine)
        self._pace = Pace(self._relay.per_second)
        self._id = 0
        self._claims: deque[Claimed] = deque()
        self._claiming = asyncio.Lock()
        self._presses: dict[int, Press] = {}
        self._brake = Brake()
        self._paused: set[int] = set()
        self._trouble = 0
        self._quiet_until = 0.0
        self._chance = random.Random()  # noqa: S311 # reason: spreads delays, keeps no secret

    async def run(self, stop: asyncio.Event, until_idle: bool = False) -> None:
        """Send until ``stop`` is set; with ``until_idle``, until no mailing is being sent any more.

        On ``stop`` what is in flight gets its reply, and what is claimed goes back. Raises ``OutsideWorld`` where the
        database stays away; what was in flight then is for a successor to find in doubt.
        """
        self._stop = stop
        self._until_idle = until_idle
        try:
            failure = await self._life()
        finally:
            await self._ledger.close()
        if failure is not None:
            raise failure

    async def _life(self) -> Exception | None:
        """From ``join`` to ``leave``; gives the one error that ended it before that, if any."""
        try:
            self._id = await self._written(workers.join)
            log.info("worker-started", worker=self._id)
            async with asyncio.TaskGroup() as life:
                beating = life.create_task(self._beat())
                async with asyncio.TaskGroup() as connections:
                    for _number in range(self._relay.connections):
                        connections.create_task(self._connection())
                beating.cancel()
            await self._settle(self._brake.rest())
            given_back = await self._written(partial(workers.leave, worker_id=self._id))
            log.info("worker-stopped", worker=self._id, given_back=given_back)
        except (*AWAY, ExceptionGroup) as error:
            failures = list(_leaves(error))
            ours = [failure for failure in failures if not isinstance(failure, AWAY)]
            if ours:
                return ours[0]
            gone = OutsideWorld(
                _(
                    "the worker stops, for the database stayed away: {why}; once it is back, a worker goes on, and "
                    "messages whose reply could not be recorded are in doubt"
                ).format(why=_why(failures[0]))
            )
            gone.__cause__ = error
            return gone
        return None

    # -- the ledger ---------------------------------------------------------------------------------------------------

    async def _written(self, function: Callable[[Connection], Result]) -> Result:
        """The result of ``function``, once it is committed."""
        return await self._patiently(partial(self._ledger.call, function))

    async def _patiently(self, submit: Callable[[], Awaitable[Result]]) -> Result:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        while True:
            try:
                return await submit()
            except AWAY as error:
                log.error("database-unavailable", why=_why(error))
                if loop.time() >= end:
                    raise
                await asyncio.sleep(min(1, self._poll))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(workers.HEARTBEAT)
            if not await self._written(partial(workers.heartbeat, worker_id=self._id)):
                log.warning("worker-was-taken-for-dead", worker=self._id)
                await self._rejoin()
            requeued, doubted = await self._written(workers.clear)
            if requeued or doubted:
                log.warning("dead-worker-reaped", queued=requeued, in_doubt=doubted)

    async def _rejoin(self) -> None:
        """Begin again under a new row: whatever the old one held goes the way of a dead worker's."""
        self._claims.clear()
        await self._written(partial(workers.leave, worker_id=self._id))
        self._id = await self._written(workers.join)

    async def _next(self) -> Claimed | None:
        """The next delivery; None when there is nothing more to do."""
        async with self._claiming:
            while not self._stop.is_set():
                if self._claims:
                    return self._claims.popleft()
                worker, count, paused = self._id, _BATCH * self._relay.connections, set(self._paused)
                try:
                    claims = await self._ledger.call(partial(ledger.claim, worker_id=worker, count=count))
                except AWAY as error:  # whether the claims were committed is not known
                    log.error("database-unavailable", why=_why(error))
                    await self._rejoin()
                    continue
                self._claims.extend(claims)
                resumed = paused & {claimed.written.mailing_id for claimed in claims}
                self._brake.release(resumed)
                self._paused -= resumed
                if not self._claims:
                    await self._settle(self._brake.rest())
                    for done in await self._written(mailings.sweep):
                        log.info("mailing-done", mailing=done)
                        self._presses.pop(done, None)
                    if self._until_idle and not await self._written(mailings.waiting):
                        return None
                    await self._sleep(self._poll)
        return None

    async def _record(self, claimed: Claimed, outcome: Outcome) -> None:
        await self._settle(self._brake.after(Settlement(claimed, outcome)))

    async def _settle(self, settlements: Sequence[Settlement]) -> None:
        await asyncio.gather(*map(self._settle_one, settlements))

    async def _settle_one(self, settlement: Settlement) -> None:
        claimed, outcome, mailing = settlement.claimed, settlement.outcome, settlement.claimed.written.mailing_id
        paused = await self._patiently(partial(self._ledger.submit, ledger.settle, settlement))
        if outcome.pause:
            self._paused.add(mailing)
        say = log.error if paused else log.debug if outcome.state is State.ACCEPTED else log.info
        say(
            "mailing-paused" if paused else outcome.state.value,
            **{"mailing": mailing, "delivery": claimed.id, "attempt": claimed.attempt, "scope": outcome.scope.value},
            reply=str(outcome),
        )

    # -- the relay ----------------------------------------------------------------------------------------------------

    async def _connection(self) -> None:
        """One connection after another, and messages on each, until there is nothing more to do."""
        session: Session | None = None
        try:
            while True:
                await self._calm()
                coming = asyncio.ensure_future(self._next())
                await asyncio.wait([coming], timeout=_IDLE)  # never cancelled: it may hold claims
                if session is not None and not coming.done():
                    await session.quit()
                    session = None
                claimed = await coming
                if claimed is None:
                    break
                session = await self._deliver(claimed, session)
            if session is not None:
                await session.quit()
        finally:
            if session is not None:
                session.close()

    async def _deliver(self, claimed: Claimed, session: Session | None) -> Session | None:
        """Send one message and record what became of it; gives the session to go on with, if there is one."""
        retry = Retry(self._newsroom.settings.retry, claimed.deferrals, self._chance.uniform(-1, 1))
        try:
            message = await self._message(claimed)
            session = await self._open(session)
            await self._pace.turn()
            if self._stop.is_set():
                return session  # still claimed: it goes back with the others
            phase, reply = await session.send(message, partial(self._ledger.submit, ledger.mark, claimed))
            outcome = judge(phase, reply, retry)
        except _Settled as settled:
            outcome = settled.outcome
        except Unreachable as error:
            log.warning("relay-unreachable", why=str(error))
            session, outcome = None, lost(Phase.CONNECT, str(error), retry)
        except Withheld:
            return None
        except Lost as error:
            outcome = lost(error.phase, error.why, retry)
        except AWAY as error:
            # The mark failed, or its answer did; the dot was not written, which the row must come to say.
            log.error("database-unavailable", why=_why(error))
            outcome = lost(Phase.MAIL, "", retry)
        await self._record(claimed, outcome)
        self._feel(outcome, session)
        return session if session is not None and session.ready else None

    async def _message(self, claimed: Claimed) -> Message:
        mailing = claimed.written.mailing_id
        if mailing not in self._presses:
            reading = partial(press, mailing_id=mailing, dkim_pem=partial(dkim_key, self._newsroom))
            try:
                self._presses[mailing] = await self._patiently(partial(self._ledger.read, reading))
            except AWAY:
                raise
            except (Refused, OutsideWorld) as error:  # until somebody does what it says
                raise _Settled(Outcome(State.QUEUED, Scope.SITE, why=str(error), pause=True)) from error
        if claimed.written.email is None:
            raise _Settled(Outcome(State.SUPPRESSED, Scope.RECIPIENT))
        if not allows(self._newsroom.settings.only_to, claimed.written.email):
            raise _Settled(Outcome(State.SUPPRESSED, Scope.RECIPIENT, why="only_to names others"))
        try:
            return letter(self._presses[mailing], claimed.written, self._secret)
        except Refused as error:
            raise _Settled(Outcome(State.REJECTED, Scope.RECIPIENT, why=scrub(str(error)))) from error

    async def _open(self, session: Session | None) -> Session:
        if session is not None and session.ready and session.sent < self._relay.per_connection:
            return session
        if session is not None:
            await session.quit()
        return await connect(self._relay, smtp_password(), self._timeouts, self._tls)

    def _feel(self, outcome: Outcome, session: Session | None) -> None:
        """Back off where the relay does not want us. A connection that ends after some messages is no trouble."""
        now = asyncio.get_running_loop().time()
        if outcome.scope is not Scope.SESSION:
            self._trouble = 0
        elif (session is None or session.sent <= 1) and now >= self._quiet_until:
            self._trouble += 1
            pause = min(_LONGEST, self._poll * 2.0 ** (self._trouble - 1)) * self._chance.uniform(0.8, 1.2)
            self._quiet_until = now + pause
            log.warning("backing-off", seconds=round(pause, 1))

    async def _calm(self) -> None:
        while (left := self._quiet_until - asyncio.get_running_loop().time()) > 0 and not self._stop.is_set():
            await self._sleep(left)

    async def _sleep(self, seconds: float) -> None:
        """So many seconds, or until ``stop``."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            pass


def _why(error: Exception) -> str:
    """What a database said. A driver's own text holds no values; SQLAlchemy's has the statement's."""
    return str(error.orig) if isinstance(error, OperationalError) else str(error)


def _leaves(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error


class _Settled(Exception):
    """A delivery's outcome is known before anything is sent."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.state)
