"""A change of address: a link is mailed to the old one and to the new one, and it happens once both have confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, String, bindparam, func, insert, select, text, update

from composer.database import db_now, unrestricted
from composer.subscribers.address import Address
from composer.subscribers.address_key import address_keys
from composer.subscribers.links import CHOICES_LAST, LEAVE_ADDRESS, NEW_ADDRESS
from composer.subscribers.signups import ADDRESS_DAILY, ADDRESS_PAUSE, BANNED, token_hash
from composer.subscribers.suppression import suppression_of
from composer.subscribers.tables import links

_OF_A_MOVE = links.c.purpose.in_((LEAVE_ADDRESS, NEW_ADDRESS))

#: What a page may be shown.
_SHOWN = ("mailed", "confirmed", "moved")


@dataclass(frozen=True)
class AddressLink:
    """One of the two links. ``state``: mailed, confirmed (the other one is waited for), moved."""

    language: str
    purpose: str
    state: str


def begin_move(connection: Connection, reader: int, former: Address, wanted: Address, language: str) -> bool:
    """Write down that a reader asked for another address; what was asked before is void.

    False, and nothing is mailed: it is the same one, it is suppressed, it was written to within the hour or twice in a
    day, or this reader asked twice in a day.
    """
    keys = address_keys(connection)
    if keys(former) == keys(wanted) or suppression_of(connection, keys(wanted)) in BANNED:
        return False
    count = select(func.count()).select_from(links)
    theirs = links.c.subscriber_id == reader, links.c.purpose == NEW_ADDRESS, links.c.asked_at > db_now(-CHOICES_LAST)
    there = count.where(links.c.address_key == keys(wanted))
    asked = connection.execute(count.where(*theirs)).scalar_one()
    today = connection.execute(there.where(links.c.asked_at > db_now(-CHOICES_LAST))).scalar_one()
    just_now = connection.execute(there.where(links.c.asked_at > db_now(-ADDRESS_PAUSE))).scalar_one()
    if asked >= ADDRESS_DAILY or today >= ADDRESS_DAILY or just_now:
        return False
    before = update(links).where(links.c.subscriber_id == reader, _OF_A_MOVE)
    connection.execute(before.values(state="void", email=None, token_hash=None))
    for purpose, address in ((LEAVE_ADDRESS, former), (NEW_ADDRESS, wanted)):
        values = {"purpose": purpose, "address_key": keys(address), "email": address.email, "language": language}
        new = insert(links).values(**values, subscriber_id=reader, state="waiting", expires_at=db_now(CHOICES_LAST))
        connection.execute(new)
    return True


def address_link(connection: Connection, token: str) -> AddressLink | None:
    """The link of this token; None where it is unknown, void or too old. As ``choices_of``, for the pages."""
    names = ("language", "purpose", "state")
    if connection.dialect.name == "postgresql":
        called = text("SELECT language, purpose, state FROM address_link(:token)")
        typed = called.bindparams(bindparam("token", token, String())).columns(**dict.fromkeys(names, String()))
        row = connection.execute(typed).one_or_none()
    else:
        good = links.c.token_hash == token_hash(token), _OF_A_MOVE, links.c.state.in_(_SHOWN)
        query = select(*(links.c[name] for name in names)).where(*good, links.c.expires_at > db_now())
        with unrestricted(connection):
            row = connection.execute(query).one_or_none()
    return None if row is None else AddressLink(*row)


def confirm_address(connection: Connection, token: str) -> tuple[int, str | None] | None:
    """Confirm by one of the two links; return whose address it is about, and the new one where both have confirmed,
    which ends their move. None, and nothing changes, where the link is no good or has served."""
    good = links.c.token_hash == token_hash(token), _OF_A_MOVE, links.c.state == "mailed"
    used = update(links).where(*good, links.c.expires_at > db_now()).values(state="confirmed")
    reader = connection.execute(used.returning(links.c.subscriber_id)).scalar_one_or_none()
    if reader is None:
        return None
    both = links.c.subscriber_id == reader, _OF_A_MOVE, links.c.state == "confirmed"
    confirmed = {row.purpose: row.email for row in connection.execute(select(links).where(*both))}
    if len(confirmed) < 2:
        return reader, None
    connection.execute(update(links).where(*both).values(state="moved", email=None))
    wanted: str | None = confirmed[NEW_ADDRESS]
    return reader, wanted
