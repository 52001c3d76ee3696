"""Send rates shared by all workers on all hosts: rows in the database, and claims that never take more than they allow.

A claim brings the rows up to date and takes its tokens in one transaction. Where nothing is limited, throttled or
suspended, that costs one read of a small table and no write.

BUGS: messages under way are counted by provider, not by relay and provider: two relays with ``shape_providers`` share
one count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import partial
from types import MappingProxyType

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from composer.database import advisory_lock, db_now
from composer.delivery.ledger.claims import Claimed, claim
from composer.delivery.ledger.refusal_runs import Leave
from composer.delivery.limits import token_bucket
from composer.delivery.limits.token_bucket import Limits, RateState
from composer.delivery.providers import MailboxProvider, groups
from composer.delivery.smtp.reply import RECHECK, Throttle
from composer.delivery.smtp.reply_table import ReplyMeaning
from composer.delivery.state import State
from composer.delivery.tables import deliveries, paces, workers
from composer.newsroom.model import Newsroom, Relay
from composer.outbox.transitions import asked_for

_COLUMNS = tuple(field.name for field in fields(RateState))
_Key = tuple[str, str]


@dataclass(frozen=True)
class RelayClaims:
    """Deliveries claimed for one relay."""

    relay: Relay
    claims: Sequence[Claimed]


@dataclass(frozen=True)
class ClaimBatch:
    """Result of a claim. ``wait``: seconds after which a rate allows more; None if no rate limited this claim."""

    taken: Sequence[RelayClaims]
    wait: float | None = None


@dataclass(frozen=True)
class QuietRate:
    """A suspended rate: nothing is sent through ``relay`` to ``provider`` (to any, if empty) before ``until``.

    ``means`` is blocked or configuration, ``reason`` the reply.
    """

    relay: str
    provider: str
    until: datetime
    means: str
    reason: str


@dataclass(frozen=True)
class SlowedRate:
    """A rate that a relay's reply, ``reason``, reduced: through ``relay`` to ``provider`` (to any, if empty)."""

    relay: str
    provider: str
    per_minute: float
    reason: str


class RateLimits:
    """The limits that a newsroom configures, applied to the rows that all workers share."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._groups = groups(newsroom)
        self._relays = newsroom.settings.relays
        #: Keys of the relays that this worker did not reach when it last tried: none of them can take over.
        self.unreached: Callable[[], Collection[str]] = frozenset

    def limits(self, relay: Relay, provider: str = "") -> Limits:
        """The configured limits of ``relay``: to ``provider``, or in total if that is empty."""
        if not provider:
            warm = relay.warm_up
            return Limits(relay.per_second, None, warm.first_day if warm else None, warm.growth if warm else 1.0)
        group = self._groups.get(provider)
        return Limits(group.per_second, group.connections) if group and relay.shape_providers else Limits()

    def claim(
        self,
        connection: Connection,
        relays: Mapping[str, int],
        worker_id: int,
        count: int,
        held: Mapping[str, int] = MappingProxyType({}),
    ) -> ClaimBatch:
        """Claim up to ``count`` deliveries, each for the first relay that accepts it now.

        ``relays``: maximum number of messages by key of usable relay. ``held``: number of this worker's claims that
        wait in the circuit breaker, by provider; they are not under way.
        """
        usable = [relay for relay in self._relays if relay.key in relays]
        if not any(map(self._limited, usable)) and not connection.execute(select(paces.c.relay).limit(1)).first():
            return ClaimBatch(self._freely(connection, relays, worker_id, count))
        rates = _RateRows(connection, self, held)
        taken: list[RelayClaims] = []
        only: set[str] | None = None
        for relay in usable:
            if token_bucket.closed(rates.state(relay), self.limits(relay)):
                continue
            most = min(count, relays[relay.key])
            found, shut = rates.take(relay, worker_id, most, only, fresh=_on_trial(relay, relays))
            taken.append(RelayClaims(relay, found))
            if most == count:  # else this relay only gets a trial message: the next one may take every provider
                only = shut if only is None else only & shut
            count -= len(found)
            if not count or only == set():
                break
        rates.write()
        return ClaimBatch(taken, rates.wait)

    def admit(self, connection: Connection, relay: Relay, providers: Sequence[str]) -> list[bool]:
        """Which single messages may leave through ``relay`` now, given the provider of each.

        They go ahead of mailings and within the same limits: where a rate has no token left, one message borrows the
        next one, which the mailing then waits for.
        """
        if not self._limited(relay) and not connection.execute(select(paces.c.relay).limit(1)).first():
            return [True] * len(providers)
        rates = _RateRows(connection, self)
        admitted = [rates.lend(relay, provider) for provider in providers]
        rates.write()
        return admitted

    def _freely(
        self, connection: Connection, relays: Mapping[str, int], worker_id: int, count: int
    ) -> Sequence[RelayClaims]:
        taken = []
        for relay in self._relays:
            if count and (most := min(count, relays.get(relay.key, 0))):
                taken.append(RelayClaims(relay, claim(connection, worker_id, most, fresh=_on_trial(relay, relays))))
                count = 0 if most == count else count - len(taken[-1].claims)
        return taken

    def _limited(self, relay: Relay) -> bool:
        return bool(self.limits(relay)) or relay.shape_providers

    def used_up(self, connection: Connection) -> list[tuple[str, int]]:
        """(relay key, cap) of each relay that has reached its warm-up cap for today."""
        now = connection.execute(select(db_now())).scalar_one()
        rows = {row.relay: row for row in connection.execute(select(paces).where(paces.c.provider == ""))}
        found = []
        for relay in self._relays:
            limits = self.limits(relay)
            if relay.warm_up and (row := rows.get(relay.key)):
                state = token_bucket.current(RateState(*(getattr(row, name) for name in _COLUMNS)), limits, now)
                cap = token_bucket.daily_cap(state, limits)
                if cap is not None and state.sent_today >= cap:
                    found.append((relay.key, cap))
        return found

    def strained(self, connection: Connection, strain: Throttle, reason: str, observed: float = 1.0) -> bool:
        """Reduce or suspend a rate, as a reply asked, or lift a mistaken reduction; ``observed`` is this worker's send
        rate, in messages a second.

        Return False, and change nothing, if a relay refuses our configuration and no other relay can take over.
        """
        rates = _RateRows(connection, self)
        relay = next(relay for relay in self._relays if relay.key == strain.relay)
        limits, state = self.limits(relay, strain.provider), rates.state(relay, strain.provider)
        if strain.mistaken:
            state = token_bucket.unthrottled(state)
        elif strain.means is ReplyMeaning.THROTTLED:
            living = select(func.count()).select_from(workers).where(workers.c.stopped_at.is_(None))
            total = observed * max(1, connection.execute(living).scalar_one())
            state = token_bucket.throttled(state, limits, rates.now, total, reason)
        elif strain.means is ReplyMeaning.CONFIGURATION and not strain.provider and not self._another(rates, relay):
            return False
        else:
            state = token_bucket.suspended(state, rates.now + strain.lasts, strain.means, reason)
        rates.put((strain.relay, strain.provider), state)
        rates.write()
        return True

    def leaving(self, relay: Relay) -> Leave | None:
        """How a mailing leaves ``relay`` for another one; None if there is only one."""
        strain = Throttle(relay.key, "", ReplyMeaning.CONFIGURATION, RECHECK)
        return None if len(self._relays) == 1 else lambda connection, why: self.strained(connection, strain, why)

    def _another(self, rates: _RateRows, but: Relay) -> bool:
        unreached = self.unreached()
        others = (relay for relay in self._relays if relay != but and relay.key not in unreached)
        return any(not token_bucket.closed(rates.state(relay), self.limits(relay)) for relay in others)

    @property
    def groups(self) -> Mapping[str, MailboxProvider]:
        return self._groups


def _on_trial(relay: Relay, relays: Mapping[str, int]) -> bool:
    """Whether ``relay`` gets a trial message only, after a failure, and another one gets more. A reader who was
    deferred is none for it: always the one who is due, that reader alone would use up every retry there."""
    return relays[relay.key] < max(relays.values())


class _RateRows:
    """The rate rows in one transaction: read once, written once.

    An advisory lock allows one such transaction at a time on all hosts, because row locks cover neither rows that do
    not exist yet nor messages under way.
    """

    def __init__(
        self, connection: Connection, limits: RateLimits, held: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._connection = connection
        self._limits = limits
        self._held = held
        advisory_lock(connection, "pacing")
        rows = connection.execute(select(paces)).all()
        self.now: datetime = connection.execute(select(db_now())).scalar_one()
        self._rows = {(row.relay, row.provider): RateState(*(getattr(row, name) for name in _COLUMNS)) for row in rows}
        self._stored = dict(self._rows)
        self._bounds: dict[_Key, Limits] = {}
        self._lent: Counter[str] = Counter()
        self.wait: float | None = None

    def state(self, relay: Relay, provider: str = "") -> RateState:
        """A rate's state, brought up to now."""
        limits = self._limits.limits(relay, provider)
        key = (relay.key, provider)
        if key not in self._bounds:
            self._bounds[key] = limits
            self._rows[key] = token_bucket.current(self._rows.get(key) or RateState(self.now), limits, self.now)
        return self._rows[key]

    def put(self, key: _Key, state: RateState) -> None:
        self._rows[key] = state

    def take(
        self, relay: Relay, worker_id: int, count: int, only: Collection[str] | None, *, fresh: bool = False
    ) -> tuple[list[Claimed], set[str]]:
        """Claim for ``relay`` what its rates allow, of the providers ``only`` if given, without deferred ones if
        ``fresh``; return the claims and the providers that ``relay`` may not send to."""
        limits = self._limits.limits(relay)
        whole = token_bucket.room(self.state(relay), limits)
        self._may_wait(token_bucket.wait(self.state(relay), limits))
        if whole is not None:
            count = min(count, whole)
        rooms, shut = self._rooms(relay)
        found: list[Claimed] = []
        for provider, room in rooms.items():
            if room and count > len(found) and (only is None or provider in only):
                claims = claim(self._connection, worker_id, min(room, count - len(found)), [provider], fresh=fresh)
                self.put((relay.key, provider), self._after(relay, provider, len(claims)))
                found += claims
        if count > len(found):
            found += self._others(worker_id, count - len(found), set(rooms), only, fresh)
        self.put((relay.key, ""), token_bucket.taken(self.state(relay), limits, len(found)))
        return found, shut

    def lend(self, relay: Relay, provider: str) -> bool:
        """Take a token for one single message; False where the relay or the provider is closed, full or in debt."""
        asked = [(key, self.state(relay, key), self._limits.limits(relay, key)) for key in {"", provider}]
        under_way = self._under_way() if relay.shape_providers else {}
        for key, state, limits in asked:
            full = limits.at_once is not None and under_way.get(key, 0) >= limits.at_once
            indebted = token_bucket.per_second(state, limits) is not None and state.tokens < 0
            if token_bucket.closed(state, limits) or full or indebted:
                return False
        for key, state, limits in asked:
            self.put((relay.key, key), token_bucket.taken(state, limits, 1))
            self._lent[key] += 1
        return True

    def _others(
        self, worker_id: int, count: int, held: Collection[str], only: Collection[str] | None, fresh: bool
    ) -> list[Claimed]:
        """Claim messages to the providers without a limit."""
        some = partial(claim, self._connection, worker_id, count, fresh=fresh)
        if only is not None:
            free = set(only) - set(held)
            return some(free) if free else []
        if not held:
            return some()
        known = {"", *self._limits.groups} - set(held)
        # By name each provider is found through the index. The second claim finds rows of groups that were since
        # removed from the configuration.
        return some(known) or some({*known, *held}, others=True)

    def _rooms(self, relay: Relay) -> tuple[dict[str, int], set[str]]:
        """Free places by limited provider, and the set of providers that are closed."""
        rooms, shut = {}, set()
        under_way = self._under_way(ahead=True) if relay.shape_providers else {}
        for provider in {*self._limits.groups, *(name for key, name in self._rows if key == relay.key)} - {""}:
            limits = self._limits.limits(relay, provider)
            if not limits and (relay.key, provider) not in self._rows:
                continue
            state = self.state(relay, provider)
            room = token_bucket.room(state, limits, under_way.get(provider, 0))
            if room is None:
                continue
            rooms[provider] = room
            if token_bucket.closed(state, limits):
                shut.add(provider)
            self._may_wait(token_bucket.wait(state, limits, under_way.get(provider, 0)))
        return rooms, shut

    def _under_way(self, *, ahead: bool = False) -> dict[str, int]:
        """Number of messages claimed or in flight by provider, without those held by the circuit breaker.

        With ``ahead``, a single message that has just begun to wait has its place already.
        """
        living = select(workers.c.id).where(workers.c.stopped_at.is_(None))
        rows = self._connection.execute(
            select(deliveries.c.provider, func.count().label("number"))
            .where(deliveries.c.worker_id.in_(living), deliveries.c.state.in_((State.CLAIMED, State.IN_FLIGHT)))
            .group_by(deliveries.c.provider)
        )
        found = Counter({row.provider: max(0, row.number - self._held.get(row.provider, 0)) for row in rows})
        singles, waiting = asked_for(self._connection)
        found.update(singles)
        found.update(self._lent)
        if ahead:
            found.update(waiting)
        return dict(found)

    def _after(self, relay: Relay, provider: str, count: int) -> RateState:
        return token_bucket.taken(self.state(relay, provider), self._limits.limits(relay, provider), count)

    def _may_wait(self, seconds: float | None) -> None:
        self.wait = min((each for each in (seconds, self.wait) if each is not None), default=None)

    def write(self) -> None:
        """Write the changed rows. Rows back at the default are deleted, so that claims take the fast path again."""
        for (relay, provider), state in self._rows.items():
            before = self._stored.get((relay, provider))
            if state == before:
                continue
            this = and_(paces.c.relay == relay, paces.c.provider == provider)
            if token_bucket.forgettable(state, self._bounds.get((relay, provider), Limits())):
                self._connection.execute(delete(paces).where(this))
            elif before is not None:
                self._connection.execute(update(paces).where(this).values(**asdict(state)))
            else:
                self._connection.execute(insert(paces).values(relay=relay, provider=provider, **asdict(state)))


def quiet_rates(connection: Connection) -> list[QuietRate]:
    """The rates suspended at present, and why."""
    rows = connection.execute(
        select(paces).where(paces.c.quiet_until > db_now()).order_by(paces.c.relay, paces.c.provider)
    )
    return [QuietRate(row.relay, row.provider, row.quiet_until, row.means, row.reason) for row in rows]


def slowed_rates(connection: Connection) -> list[SlowedRate]:
    """The rates reduced at present and not suspended, and why."""
    slow = paces.c.rate.is_not(None), paces.c.quiet_until.is_(None) | (paces.c.quiet_until <= db_now())
    rows = connection.execute(select(paces).where(*slow).order_by(paces.c.relay, paces.c.provider))
    return [SlowedRate(row.relay, row.provider, row.rate * 60, row.reason or "") for row in rows]


def ask_again(connection: Connection, blocked: bool) -> int:
    """Lift the suspensions caused by our configuration, or with ``blocked`` all of them; return how many."""
    is_quiet = paces.c.quiet_until > db_now()
    these = is_quiet if blocked else and_(is_quiet, paces.c.means == ReplyMeaning.CONFIGURATION)
    return connection.execute(update(paces).where(these).values(quiet_until=None, means=None, reason=None)).rowcount
