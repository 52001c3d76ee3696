"""Adding single messages, and what is known of those that are there: how many wait, how many left, what is purged."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from composer.database import db_now
from composer.message import Template
from composer.outbox.state import UNSETTLED, SingleState
from composer.outbox.tables import outbox

#: Seconds after which a message that did not leave is of no use: it was asked for again, or given up.
LASTS = 86400.0

#: Seconds for which the row of a message that is over is kept: 30 days.
MESSAGE_KEPT = 30 * 86400.0


@dataclass(frozen=True)
class SingleMessage:
    """What is to be sent. ``publication``: the sender, empty for the house; ``content`` from ``texts.written``.

    ``held``: ``only_to`` does not allow the address. The row is written all the same, and nothing leaves.
    """

    kind: str
    email: str
    address_key: str
    provider: str
    content: Template
    publication: str = ""
    held: bool = False


def put_message(connection: Connection, message: SingleMessage) -> int:
    """Add the message, to be sent within seconds; return its number."""
    row = insert(outbox).values(
        kind=message.kind,
        publication=message.publication,
        email=message.email,
        address_key=message.address_key,
        provider=message.provider,
        content=None if message.held else message.content.dumps(),
        state=SingleState.CANCELLED if message.held else SingleState.QUEUED,
        attempt=0,
        deferrals=0,
        expires_at=db_now(LASTS),
    )
    number: int = connection.execute(row.returning(outbox.c.id)).scalar_one()
    return number


def erase_messages(connection: Connection, address_key: str) -> int:
    """Delete every message to this address, whatever its state; return how many. One in flight gets its reply all the
    same, which then finds no row."""
    return connection.execute(delete(outbox).where(outbox.c.address_key == address_key)).rowcount


def put_within(connection: Connection, kind: str, address_key: str, seconds: float) -> bool:
    """Whether a message of this kind to this address was added in the last ``seconds``."""
    theirs = outbox.c.address_key == address_key, outbox.c.kind == kind, outbox.c.created_at > db_now(-seconds)
    return connection.execute(select(outbox.c.id).where(*theirs).limit(1)).first() is not None


def left_within(connection: Connection, seconds: float) -> int:
    """How many messages left, or may have left, in the last ``seconds``."""
    rows = select(func.count()).select_from(outbox).where(outbox.c.left_at > db_now(-seconds))
    return int(connection.execute(rows).scalar_one())


def outbox_depth(connection: Connection) -> dict[str, int]:
    """How many messages are not over, by state."""
    rows = connection.execute(
        select(outbox.c.state, func.count().label("number"))
        .where(outbox.c.state.in_(UNSETTLED))
        .group_by(outbox.c.state)
    )
    return dict.fromkeys(map(str, UNSETTLED), 0) | {row.state: row.number for row in rows}


def purgeable_messages(connection: Connection) -> int:
    """How many rows ``purge_messages`` would delete."""
    return int(connection.execute(select(func.count()).select_from(outbox).where(_is_old())).scalar_one())


def purge_messages(connection: Connection, most: int) -> int:
    """Delete up to ``most`` rows of messages that are over for ``MESSAGE_KEPT``, the oldest first; return how many."""
    old = select(outbox.c.id).where(_is_old()).order_by(outbox.c.id).limit(most)
    return connection.execute(delete(outbox).where(outbox.c.id.in_(old))).rowcount


def _is_old() -> ColumnElement[bool]:
    return and_(outbox.c.state.not_in(UNSETTLED), outbox.c.changed_at < db_now(-MESSAGE_KEPT))
