"""The rows of a mailing, page by page, whatever its size: all of them, or those of a state or of a few readers.

A page is a transaction of its own, which ends before its rows are yielded: a slow consumer (a pager, a pipe) holds no
snapshot meanwhile, so that SQLite can checkpoint its write-ahead log, and PostgreSQL has no idle transaction to end.
The price: a row is as it was when its page was read, and pages are not of one instant.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Engine, Row, Select, bindparam, select

from composer.database import read_only
from composer.delivery.ledger.mailings import find
from composer.delivery.state import State
from composer.delivery.tables import deliveries
from composer.errors import Refused
from composer.locale import gettext as _
from composer.subscribers.address import read_address
from composer.subscribers.address_key import address_keys
from composer.subscribers.tables import subscribers

#: Rows a page. SQLite also limits the parameters of a statement, to 32,766 (https://sqlite.org/limits.html).
PAGE = 500

_Item = TypeVar("_Item")


def whole(engine: Engine, mailing_id: int, columns: Sequence[Column[Any]]) -> Iterator[Row[Any]]:
    """``columns`` and ``reader``, the subscriber id, of every delivery of a mailing, in the order of their ids.

    That is also the order of subscriber ids, because a mailing is opened by one INSERT in that order. So each page
    continues in UNIQUE(mailing, subscriber) where the last one ended, and the last costs no more than the first.
    """
    query: Select[Any] = (
        select(*columns, deliveries.c.subscriber_id.label("reader"))
        .where(deliveries.c.mailing_id == mailing_id, deliveries.c.subscriber_id > bindparam("after"))
        .order_by(deliveries.c.subscriber_id)
        .limit(PAGE)
    )
    pages, after = read_only(engine), 0
    while True:
        with pages.connect() as connection:
            page = connection.execute(query, {"after": after}).all()
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].reader


def ids(engine: Engine, mailing_id: int, state: State | None = None, emails: Sequence[str] = ()) -> array[int]:
    """Ids of a mailing's deliveries in ``state``, or to ``emails``, or both; in order, 8 bytes each.

    A forgotten reader is not found by the address. Raises ``Refused`` if there is no such mailing, or if an address is
    not valid or has no delivery in it.
    """
    with read_only(engine).connect() as connection:
        find(connection, mailing_id)
        if emails:
            return _of_readers(connection, mailing_id, state, emails)
        query = select(deliveries.c.id).where(deliveries.c.mailing_id == mailing_id).order_by(deliveries.c.id)
        if state is not None:
            query = query.where(deliveries.c.state == state)
        found = array("q")
        for some in connection.execution_options(yield_per=PAGE).execute(query).scalars().partitions():
            found.extend(some)
        return found


def by_id(
    engine: Engine, chosen: Sequence[int], columns: Sequence[Column[Any]], state: State | None = None
) -> Iterator[Row[Any]]:
    """``columns`` of the deliveries with the ids ``chosen``, in order; with ``state``, only of those still in it."""
    query = select(*columns).where(deliveries.c.id.in_(bindparam("some", expanding=True))).order_by(deliveries.c.id)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    pages = read_only(engine)
    for some in parts(chosen):
        with pages.connect() as connection:
            page = connection.execute(query, {"some": list(some)}).all()
        yield from page


def parts(items: Sequence[_Item], size: int = PAGE) -> Iterator[Sequence[_Item]]:
    """``items`` in order, ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _of_readers(connection: Connection, mailing_id: int, state: State | None, emails: Sequence[str]) -> array[int]:
    """Find deliveries by address key, then by UNIQUE(mailing, subscriber): two indexes, whatever the mailing's size."""
    key_of = address_keys(connection)
    typed = {key_of(read_address(email)): email.strip() for email in emails}
    found: list[int] = []
    missing = dict(typed)
    for keys in parts(list(typed)):
        people = select(subscribers.c.id, subscribers.c.address_key).where(subscribers.c.address_key.in_(keys))
        reader_key = {row.id: row.address_key for row in connection.execute(people)}
        theirs = select(deliveries.c.id, deliveries.c.subscriber_id, deliveries.c.state).where(
            deliveries.c.mailing_id == mailing_id,
            deliveries.c.subscriber_id.in_(list(reader_key)),
            deliveries.c.email.is_not(None),
        )
        for row in connection.execute(theirs):
            missing.pop(reader_key[row.subscriber_id], None)
            if state in (None, row.state):
                found.append(row.id)
    if missing:
        unknown = _("mailing {id} has no delivery to {email}")
        raise Refused(unknown.format(id=mailing_id, email=", ".join(sorted(missing.values()))))
    return array("q", sorted(found))
