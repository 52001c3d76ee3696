"""Forgetting a reader, in every room that holds something: for the command, and for the page of choices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine

from composer.database import advisory_lock, read_only
from composer.delivery.ledger.erasure import erase_address
from composer.outbox import erase_messages
from composer.returns.purging import blank_provider
from composer.subscribers.address import Address, stored_address
from composer.subscribers.address_key import address_keys
from composer.subscribers.former import former_readers
from composer.subscribers.links import erase_links
from composer.subscribers.person import forget
from composer.subscribers.requests import ask_to_erase, due_erasures, erase_requests, erasure_over
from composer.subscribers.signups import erase_signups


def forget_reader(connection: Connection, address: Address) -> int | None:
    """Forget the reader at this address (``subscribers.forget``), single messages and what was asked for it; return the
    subscriber's id. The ledger is left, to ``erase_address`` or ``complete_erasures``, after the commit."""
    subscriber_id = forget(connection, address)
    key = address_keys(connection)(address)
    erase_messages(connection, key)
    erase_signups(connection, key)
    erase_links(connection, key)
    erase_requests(connection, address)
    return subscriber_id


def forget_at_once(connection: Connection, address: Address) -> None:
    """The same, and remember that the ledger is to be erased: whatever ends this process, another one completes it."""
    subscriber_id = forget_reader(connection, address)
    if subscriber_id is not None:
        ask_to_erase(connection, subscriber_id)


def forget_former_readers(engine: Engine, before: datetime, after: int, most: int) -> tuple[int | None, int]:
    """Forget up to ``most`` readers as ``former_readers`` gives them; return the id to go on after (None: no more)
    and how many."""
    with engine.begin() as connection:
        advisory_lock(connection, "adding subscribers")
        found = former_readers(connection, before, after, most)
        for email in found.values():
            forget_at_once(connection, stored_address(email))
    complete_erasures(engine)
    return max(found, default=None), len(found)


def complete_erasures(engine: Engine) -> int:
    """Erase the ledger's rows of readers forgotten at once; return of how many.

    Raises ``OutsideWorld`` where the database is away, and the next call goes on.
    """
    with read_only(engine).connect() as connection:
        due = due_erasures(connection)
    for request_id, subscriber_id in due.items():
        if subscriber_id is not None:
            blank_provider(engine, subscriber_id)
            erase_address(engine, subscriber_id)
        with engine.begin() as connection:
            erasure_over(connection, request_id)
    return sum(subscriber_id is not None for subscriber_id in due.values())
