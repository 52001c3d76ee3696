"""A reader's address is changed: the reader stays the same one, unless another has the new address already."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from composer.doors.forgetting import forget_at_once
from composer.subscribers import subscribe, suppress
from composer.subscribers.address import stored_address
from composer.subscribers.address_key import address_keys
from composer.subscribers.choices import email_of
from composer.subscribers.moving import confirm_address
from composer.subscribers.suppression import unsuppress
from composer.subscribers.tables import subscribers, subscriptions

MOVED = "change of address"


def answer_address(connection: Connection, token: str) -> str:
    """Confirm by a link of a change of address, and change it where the other link has confirmed, too."""
    confirmed = confirm_address(connection, token)
    if confirmed is None:
        return "void"
    reader, wanted = confirmed
    if wanted is None:
        return "chosen"
    former = email_of(connection, reader)
    if former is None:
        return "void"
    address, keys = stored_address(wanted), address_keys(connection)
    there = select(subscribers.c.id).where(subscribers.c.address_key == keys(address))
    other = connection.execute(there).scalar_one_or_none()
    if other is None:
        unsuppress(connection, keys(address))  # of who was forgotten: nothing else that is suppressed is written to
        values = {"email": address.email, "address_key": keys(address)}
        connection.execute(update(subscribers).where(subscribers.c.id == reader).values(values))
        suppress(connection, keys(stored_address(former)), "forgotten", MOVED)  # no list brings the former one back
    else:
        _join_them(connection, reader, other, address.email)
        forget_at_once(connection, stored_address(former))
    return "moved"


def _join_them(connection: Connection, reader: int, other: int, email: str) -> None:
    """Give the letters of ``reader`` to ``other``, who has ``email``; what is paid for goes along."""
    active = subscriptions.c.status == "active"
    ours = connection.execute(select(subscriptions).where(subscriptions.c.subscriber_id == reader, active)).all()
    there = select(subscriptions.c.publication, subscriptions.c.id)
    theirs = dict(map(tuple, connection.execute(there.where(subscriptions.c.subscriber_id == other, active))))
    for row in ours:
        number = theirs.get(row.publication)
        if number is None:
            proof = "links mailed to both addresses"
            said = {"tier": row.tier, "paid_until": row.paid_until, "language": row.language}
            number = subscribe(
                connection, stored_address(email), row.publication, source=MOVED, proof=proof, again=True, **said
            )
        elif row.tier == "paid":
            paid = {"tier": row.tier, "paid_until": row.paid_until}
            connection.execute(update(subscriptions).where(subscriptions.c.id == number).values(paid))
        if row.paused_until is not None:
            pause = update(subscriptions).where(subscriptions.c.id == number)
            connection.execute(pause.values(paused_until=row.paused_until))
