"""Links to a reader's choices: asked for at a page, mailed to the address alone, good for a day, each for one act.

Letters get forwarded, so the link of a letter leads to no choices. Nothing here tells a page whether an address is
known: what is mailed does, to its owner. Limits are those of sign-ups; strangers' addresses have an hour of their own,
so that who types them keeps no reader from a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from composer.database import db_now
from composer.subscribers.address import Address
from composer.subscribers.address_key import address_keys
from composer.subscribers.signups import ADDRESS_DAILY, ADDRESS_PAUSE, BANNED, token_hash
from composer.subscribers.suppression import suppression_of
from composer.subscribers.tables import links, subscribers

#: Seconds for which a link is good, and for which a request waits for its message: a day.
CHOICES_LAST = 86400.0

#: Seconds for which a page may look whether a reader was forgotten.
_ANSWERED = 600.0

#: Seconds after which a row goes: the limits of a day were counted by it.
_KEPT = 2 * 86400.0

#: Messages an hour to addresses that no reader has, and most rows that wait.
STRANGERS_HOURLY, MOST_LINKS_WAITING = 20, 10_000

#: Purposes of the two links of a change of address.
LEAVE_ADDRESS, NEW_ADDRESS = "leave-address", "new-address"

_OF_CHOICES = links.c.purpose == "choices"


@dataclass(frozen=True)
class DueLink:
    """A link to be mailed now. ``subscriber_id``: whose choices, or whose address is to change; None where no
    reader has the address."""

    id: int
    email: str
    address_key: str
    language: str
    subscriber_id: int | None
    purpose: str


def note_link(connection: Connection, address: Address, language: str) -> bool:
    """Write down that a link was asked for. False where nothing is to be mailed: the address is suppressed, one waits
    already or left within the hour, or too many wait."""
    key = address_keys(connection)(address)
    if suppression_of(connection, key) in BANNED:
        return False
    theirs = links.c.address_key == key, _OF_CHOICES
    now: datetime = connection.execute(select(db_now())).scalar_one()
    rows = connection.execute(select(links.c.state, links.c.mailed_at).where(*theirs)).all()
    mailed = [age for row in rows if row.mailed_at and (age := (now - row.mailed_at).total_seconds()) < CHOICES_LAST]
    if any(row.state == "waiting" for row in rows) or min(mailed, default=ADDRESS_PAUSE) < ADDRESS_PAUSE:
        return False
    waiting = select(func.count()).select_from(links).where(links.c.state == "waiting")
    if len(mailed) >= ADDRESS_DAILY or connection.execute(waiting).scalar_one() >= MOST_LINKS_WAITING:
        return False
    reader = connection.execute(
        select(subscribers.c.id).where(subscribers.c.address_key == key, subscribers.c.email.is_not(None))
    ).scalar_one_or_none()
    values = {"purpose": "choices", "address_key": key, "email": address.email, "language": language}
    new = insert(links).values(**values, subscriber_id=reader, state="waiting", expires_at=db_now(CHOICES_LAST))
    connection.execute(new)
    return True


def any_due_link(connection: Connection) -> bool:
    """Whether one waits and its time has come; the hour of strangers may be full."""
    return connection.execute(select(links.c.id).where(_is_due()).limit(1)).first() is not None


def due_links(connection: Connection, most: int) -> list[DueLink]:
    """Up to ``most`` links to be mailed now, readers' first; those to strangers as far as their hour allows."""
    told = select(func.count()).select_from(links).where(links.c.state == "told", links.c.mailed_at > db_now(-3600))
    room = max(0, STRANGERS_HOURLY - int(connection.execute(told).scalar_one()))
    columns = [links.c[name] for name in DueLink.__dataclass_fields__]
    found: list[DueLink] = []
    for which, number in ((links.c.subscriber_id.is_not(None), most), (links.c.subscriber_id.is_(None), room)):
        due = select(*columns).where(_is_due(), which).order_by(links.c.id).limit(min(number, most - len(found)))
        found += [DueLink(*row) for row in connection.execute(due.with_for_update(skip_locked=True))]
    return found


def mailed_link(connection: Connection, link: DueLink) -> str | None:
    """Note that its message is written; return the token of the link, None where there is none to give.

    The database holds the token's hash alone: 192 random bits, which no machine finds from it.
    """
    token = token_urlsafe(24) if link.subscriber_id is not None else None
    values: dict[str, object] = {"state": "mailed" if token else "told", "mailed_at": db_now()}
    values |= {} if link.purpose == NEW_ADDRESS else {"email": None}
    values |= {"token_hash": token_hash(token), "expires_at": db_now(CHOICES_LAST)} if token else {}
    connection.execute(update(links).where(links.c.id == link.id).values(values))
    return token


def put_off_link(connection: Connection, link: DueLink) -> None:
    """Mail it an hour later: its message could not be made."""
    connection.execute(update(links).where(links.c.id == link.id).values(not_before=db_now(ADDRESS_PAUSE)))


def use_link(connection: Connection, token: str, following: str) -> tuple[int, str] | None:
    """Use up the token of a link to choices, and let the token whose hash is ``following`` take its place until the
    link's day is over; return whose choices, and the language of the page. None, and nothing changes, where it is
    unknown, used or too old."""
    known = links.c.token_hash == token_hash(token), _OF_CHOICES, links.c.state == "mailed"
    good = *known, links.c.expires_at > db_now(), links.c.subscriber_id.is_not(None)
    used = update(links).where(*good).values(token_hash=following)
    row = connection.execute(used.returning(links.c.subscriber_id, links.c.language)).one_or_none()
    return None if row is None else (row.subscriber_id, row.language)


def leave_answer(connection: Connection, following: str, language: str) -> None:
    """Let a page that holds the next token see that a reader was forgotten: a link to nobody's choices."""
    values = {"purpose": "choices", "address_key": "", "language": language, "state": "mailed"}
    connection.execute(insert(links).values(**values, token_hash=following, expires_at=db_now(_ANSWERED)))


def erase_links(connection: Connection, address_key: str) -> int:
    """Delete every link of this address, and of a change to or from it; return how many."""
    reader = select(subscribers.c.id).where(subscribers.c.address_key == address_key)
    theirs = or_(links.c.address_key == address_key, links.c.subscriber_id.in_(reader))
    return connection.execute(delete(links).where(theirs)).rowcount


def purge_links(connection: Connection, most: int) -> int:
    """Delete up to ``most`` links that are over; return how many."""
    over = select(links.c.id).where(links.c.asked_at < db_now(-_KEPT)).order_by(links.c.id).limit(most)
    return connection.execute(delete(links).where(links.c.id.in_(over))).rowcount


def purgeable_links(connection: Connection) -> int:
    """How many ``purge_links`` would delete."""
    over = select(func.count()).select_from(links).where(links.c.asked_at < db_now(-_KEPT))
    return int(connection.execute(over).scalar_one())


def _is_due() -> ColumnElement[bool]:
    return and_(links.c.state == "waiting", links.c.not_before <= db_now(), links.c.expires_at > db_now())
