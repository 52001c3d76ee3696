"""What a relay's log knows after a restore: deliveries named by a list of Message-IDs or addresses, one a line.

The left side of a Message-ID is the return path, which names subscriber and mailing (``composer.message.verp``).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, Engine, select

from composer.database import read_only
from composer.delivery.ledger.listing import PAGE
from composer.delivery.ledger.mailings import find
from composer.delivery.ledger.resend import assumable
from composer.delivery.state import TAKEN, MailingState, State
from composer.delivery.tables import deliveries
from composer.errors import Refused
from composer.message.verp import read_return_path
from composer.subscribers.address import read_address
from composer.subscribers.address_key import address_keys
from composer.subscribers.tables import subscribers

#: Maximum number of lines kept of those that name no delivery, and of characters of each.
TOLD, MOST_LETTERS = 20, 200


@dataclass(frozen=True)
class ListedDeliveries:
    """``ids``: those that may be taken for accepted. ``accepted`` were accepted already; ``waiting`` leave by
    themselves, for the mailing is not paused; ``others`` are over in another way.

    ``unknown`` lines name no delivery of the mailing; ``first_unknown`` are the first ``TOLD`` of them.
    """

    ids: Sequence[int]
    accepted: int
    waiting: int
    others: int
    unknown: int
    first_unknown: Sequence[str]


def read_accepted(engine: Engine, mailing_id: int, lines: Iterable[str], keys: Sequence[bytes]) -> ListedDeliveries:
    """Find the deliveries that ``lines`` name; ``keys`` are the secret keys, the present one and former ones.

    Memory grows with the mailing (some bytes a delivery), not with the list. Raises ``Refused`` if there is no such
    mailing.
    """
    with read_only(engine).connect() as connection:
        state = find(connection, mailing_id).state
    allowed, found = assumable(state), {name: array("q") for name in ("ids", "accepted", "waiting", "others")}
    unknown, first, page = 0, list[str](), iter(lines)
    limit = 4 * PAGE
    while some := [line.strip() for line in islice(page, PAGE)]:
        with read_only(engine).connect() as connection:
            rows, missing = _look_up(connection, mailing_id, [line for line in some if line], keys)
        unknown += len(missing)
        first += [line[:MOST_LETTERS] for line in missing[: TOLD - len(first)]]
        for delivery_id, of in rows:
            waits = of in (State.QUEUED, State.DEFERRED, State.CLAIMED) and state != MailingState.PAUSED
            kind = "ids" if of in allowed else "accepted" if of in TAKEN else "waiting" if waits else "others"
            found[kind].append(delivery_id)
        if sum(map(len, found.values())) > limit:  # a log may name a delivery more than once
            found = _distinct(found)
            limit = 2 * sum(map(len, found.values())) + 4 * PAGE
    found = _distinct(found)
    return ListedDeliveries(
        found["ids"], len(found["accepted"]), len(found["waiting"]), len(found["others"]), unknown, first
    )


def _distinct(found: dict[str, array[int]]) -> dict[str, array[int]]:
    return {kind: array("q", sorted(set(numbers))) for kind, numbers in found.items()}


def _look_up(
    connection: Connection, mailing_id: int, lines: Sequence[str], keys: Sequence[bytes]
) -> tuple[list[tuple[int, str]], list[str]]:
    """(delivery id, state) of those that ``lines`` name, and the lines that name none."""
    key_of = address_keys(connection)
    by_reader: dict[int, str] = {}
    by_key: dict[str, str] = {}
    missing: list[str] = []
    for line in lines:
        named = line.strip("<>")
        paths = [path for key in keys if (path := read_return_path(named.partition("@")[0], key)) is not None]
        if paths:
            subscriber, mailing = paths[0]
            if mailing == mailing_id:
                by_reader[subscriber] = line
            else:
                missing.append(line)
            continue
        try:
            by_key[key_of(read_address(named))] = line
        except Refused:
            missing.append(line)
    people = select(subscribers.c.id, subscribers.c.address_key).where(subscribers.c.address_key.in_(list(by_key)))
    for row in connection.execute(people) if by_key else ():
        by_reader[row.id] = by_key.pop(row.address_key)
    missing += by_key.values()
    columns = deliveries.c.id, deliveries.c.state, deliveries.c.subscriber_id
    theirs = select(*columns).where(
        deliveries.c.mailing_id == mailing_id, deliveries.c.subscriber_id.in_(list(by_reader))
    )
    rows = []
    for found in connection.execute(theirs) if by_reader else ():
        by_reader.pop(found.subscriber_id)
        rows.append((found.id, found.state))
    return rows, missing + list(by_reader.values())
