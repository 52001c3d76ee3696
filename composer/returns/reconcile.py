"""Doubts settled by evidence: what a relay's own log says of a mailing's deliveries, and what it leaves unproven.

Kept by the relay: accepted. Never seen, where the log would show it: safe to send again, if a person says so. All else
stays in doubt, with what is missing. A log changes nothing but these rows: no address, no suppression.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine

from composer.database import read_only
from composer.delivery.ledger.relay_evidence import (
    KeptDelivery,
    Unsettled,
    accepted_letters,
    known_mailings,
    settle_kept,
    unsettled,
)
from composer.delivery.state import State
from composer.returns.relay_logs.coverage import JUST_AROUND, Coverage, Missing, Why
from composer.returns.relay_logs.letters import FoundLetters, Letter


@dataclass
class LogEvidence:
    """What the logs prove of a mailing's deliveries. Ids of those in doubt: ``kept`` by the relay, ``safe`` to send
    again, ``unproven`` with what is missing. ``waiting``: how many that a restored mailing would send again were kept.
    """

    kept: array[int] = field(default_factory=lambda: array("q"))
    waiting: int = 0
    safe: array[int] = field(default_factory=lambda: array("q"))
    unproven: list[tuple[int, Missing]] = field(default_factory=list)


def weigh(
    engine: Engine, mailing_id: int, found: FoundLetters, configured: Collection[str], given: Collection[str]
) -> LogEvidence:
    """What the logs prove of a mailing's deliveries; changes nothing. ``configured``: the newsroom's relays
    (``Relay.key``), for a delivery by a worker that does not say which it had. ``given``: the relays whose logs these
    are, by the operator's word; empty where it was not given.

    Raises ``Refused`` if there is no such mailing.
    """
    evidence, doubts = LogEvidence(), list[Unsettled]()
    for one in unsettled(engine, mailing_id):
        if found.keeper(Letter(mailing_id, one.subscriber_id)) is None:
            doubts += [one] if one.state is State.IN_DOUBT else []
        elif one.state is State.IN_DOUBT:
            evidence.kept.append(one.id)
        else:
            evidence.waiting += 1
    if not doubts:
        return evidence
    coverage = Coverage(_witnesses(engine, mailing_id, found), found.hosts)
    for doubt in doubts:
        relays = doubt.relays or frozenset(configured)
        since, until = doubt.since.timestamp(), doubt.until.timestamp()
        absent = relays - frozenset(given) if given or len(relays) > 1 else frozenset[str]()
        if found.half_seen(Letter(mailing_id, doubt.subscriber_id)):
            missing: Missing | None = Missing(Why.HALF, since, until)
        elif absent:
            missing = Missing(Why.RELAY, since, until, relays=absent)
        else:
            missing = coverage.missing(since, until, relays)
        if missing is None:
            evidence.safe.append(doubt.id)
        else:
            evidence.unproven.append((doubt.id, missing))
    return evidence


def settle_by_log(engine: Engine, mailing_id: int, found: FoundLetters) -> int:
    """Take for accepted what the logs prove kept, with the next hop's answers; return how many."""
    return settle_kept(engine, mailing_id, _kept(engine, mailing_id, found))


def _kept(engine: Engine, mailing_id: int, found: FoundLetters) -> Iterator[KeptDelivery]:
    for one in unsettled(engine, mailing_id):
        if (keeper := found.keeper(Letter(mailing_id, one.subscriber_id))) is not None:
            code, status, text = keeper.answer or (None, None, "")
            yield KeptDelivery(one.id, code, status, text)


def _witnesses(
    engine: Engine, mailing_id: int, found: FoundLetters
) -> Iterator[tuple[float, tuple[str, float] | None]]:
    """When each letter of this mailing, and of others that the logs name, was accepted, and where a log has it."""
    with read_only(engine).connect() as connection:
        others = known_mailings(connection, found.mailings())
    for mailing in sorted({mailing_id, *others}):
        for letter in accepted_letters(engine, mailing):
            keeper = found.keeper(Letter(mailing, letter.subscriber_id))
            yield letter.at.timestamp(), None if keeper is None else (keeper.host, keeper.at)


def merged(unproven: Sequence[tuple[int, Missing]]) -> list[tuple[Missing, int]]:
    """What is missing, and for how many deliveries; times that lie close together are one."""
    found: list[tuple[Missing, int]] = []
    for _id, one in sorted(unproven, key=lambda each: (each[1].why, sorted(each[1].relays), each[1].since)):
        last, number = found[-1] if found else (None, 0)
        if last and (last.why, last.relays) == (one.why, one.relays) and one.since <= last.until + JUST_AROUND:
            both = Missing(one.why, last.since, max(last.until, one.until), max(last.letters, one.letters), one.relays)
            found[-1] = both, number + 1
        else:
            found.append((one, 1))
    return found
