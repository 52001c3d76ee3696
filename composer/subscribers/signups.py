"""Requests to join that are not confirmed: double opt-in, with its limits. A sign-up form is a mail cannon.

Every request becomes a row that waits; ``due_signups`` says which may be written to now. Nothing here tells whether an
address is known: what is mailed does, to its owner alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, Connection, and_, delete, false, func, insert, or_, select, update

from composer.database import db_now
from composer.errors import Refused
from composer.subscribers.address import Address, stored_address
from composer.subscribers.address_key import address_keys
from composer.subscribers.requests import JoinRequest
from composer.subscribers.subscription import subscribe
from composer.subscribers.suppression import suppression_of
from composer.subscribers.tables import signups, subscribers, subscriptions

#: Seconds for which a link confirms, after which the row goes, and for which a request waits for its message: 30 days.
LINK_LASTS = 30 * 86400.0

#: To one address, seconds between two messages, and how many in a day.
ADDRESS_PAUSE, ADDRESS_DAILY = 3600.0, 2
_DAY = 86400.0

#: For one publication: as many messages an hour as this at least, or so many times its usual number.
FEWEST_HOURLY, TIMES_USUAL = 20, 10
_USUAL_OVER = 28 * 86400.0

#: Most rows that wait for one publication. Later requests are dropped, and counted in the log.
MOST_WAITING = 10_000

#: Suppressions that a form does not lift: nothing is mailed there. The forgotten may ask anew.
BANNED = ("hard-bounce", "complaint", "manual")


@dataclass(frozen=True)
class DueSignup:
    """A sign-up to be written to now. ``wanted``: letters that this address does not receive yet."""

    id: int
    email: str
    address_key: str
    language: str
    letters: tuple[str, ...]
    wanted: tuple[str, ...]


def note_signup(connection: Connection, address: Address, asked: JoinRequest) -> bool:
    """Write the request down. False where nothing is to be mailed: the address is suppressed, the same letters were
    asked for within the hour, or too many wait already.

    One row of an address waits at most; what is asked meanwhile is added to it, for no message is written yet.
    """
    key = address_keys(connection)(address)
    if suppression_of(connection, key) in BANNED:
        return False
    # By the address alone: with the state as well SQLite takes the index of all that wait.
    columns = signups.c.id, signups.c.state, signups.c.letters, signups.c.mailed_at, db_now().label("now")
    theirs = select(*columns).where(signups.c.address_key == key).order_by(signups.c.mailed_at)
    rows = connection.execute(theirs).all()
    letters = set(asked.letters)
    for row in rows:
        if row.state == "waiting":
            both = _spelt(letters | set(row.letters.split()))
            newer = {"letters": both, "language": asked.language, **_shown(asked)}
            connection.execute(update(signups).where(signups.c.id == row.id).values(newer))
            return True
    mailed = [(row, (row.now - row.mailed_at).total_seconds()) for row in rows if row.mailed_at is not None]
    today = [(set(row.letters.split()), age) for row, age in mailed if age < _DAY]
    if any(letters <= mailed_about and age < ADDRESS_PAUSE for mailed_about, age in today):
        return False
    if _may_be_full(connection) and any(count_waiting(connection, letter) >= MOST_WAITING for letter in letters):
        return False
    later = 0.0
    if today:
        later = ADDRESS_PAUSE - today[-1][1]
    if len(today) >= ADDRESS_DAILY:
        later = max(later, _DAY - today[-ADDRESS_DAILY][1])
    values = {"address_key": key, "email": address.email, "letters": _spelt(letters), "state": "waiting"}
    new = insert(signups).values(**values, language=asked.language, **_shown(asked))
    connection.execute(new.values(not_before=db_now(max(0.0, later)), expires_at=db_now(LINK_LASTS)))
    return True


def any_due_signup(connection: Connection) -> bool:
    """Whether one waits and its time has come; the hour of its publication may be full."""
    due = select(signups.c.id).where(signups.c.state == "waiting", signups.c.not_before <= db_now())
    return connection.execute(due.limit(1)).first() is not None


def due_signups(connection: Connection, publications: Collection[str], most: int) -> list[DueSignup]:
    """Up to ``most`` sign-ups to write to now, the oldest first; none where the hour of a publication is full.

    ``publications``: those that may be joined now. What was asked of others waits, for their doors may open again.
    """
    room = {each: hourly_cap(connection, each) - mailed_within_hour(connection, each) for each in publications}
    full = [_has(each) for each, left in room.items() if left <= 0]
    free = [_has(each) for each, left in room.items() if left > 0]
    if not free:
        return []
    is_due = and_(signups.c.state == "waiting", signups.c.not_before <= db_now())
    due = select(signups).where(is_due, or_(false(), *free), ~or_(false(), *full)).order_by(signups.c.id)
    found = []
    for row in connection.execute(due.limit(most).with_for_update(skip_locked=True)):
        letters = tuple(each for each in row.letters.split() if each in room)
        if any(room[each] <= 0 for each in letters):
            continue
        for each in letters:
            room[each] -= 1
        received = _received(connection, row.address_key)
        wanted = tuple(each for each in letters if each not in received)
        found.append(DueSignup(row.id, row.email, row.address_key, row.language, letters, wanted))
    return found


def put_off_signup(connection: Connection, signup: DueSignup) -> None:
    """Write to it an hour later: its message could not be made."""
    later = update(signups).where(signups.c.id == signup.id).values(not_before=db_now(ADDRESS_PAUSE))
    connection.execute(later)


def mailed_signup(connection: Connection, signup: DueSignup) -> str | None:
    """Note that its message is written; return the token of its link, None where there is nothing to confirm.

    The database holds the token's hash alone: 192 random bits, which no machine finds from it.
    """
    token = token_urlsafe(24) if signup.wanted else None
    values = {"state": "pending" if token else "told", "mailed_at": db_now()}
    if token:
        # From now on, whatever it waited: the message says how long its link works.
        values |= {"token_hash": token_hash(token), "letters": _spelt(signup.wanted), "expires_at": db_now(LINK_LASTS)}
    connection.execute(update(signups).where(signups.c.id == signup.id).values(values))
    return token


def confirm_signup(connection: Connection, token: str) -> tuple[str, ...]:
    """Subscribe the owner of the link to the letters that it is for, with the proof of consent; return their ids.

    Empty, and nothing changes, where the token is not known, was used or is too old.
    """
    pending = and_(signups.c.token_hash == token_hash(token), signups.c.state == "pending")
    used = update(signups).where(pending, signups.c.expires_at > db_now()).returning(*signups.c)
    row = connection.execute(used.values(state="confirmed", confirmed_at=db_now())).one_or_none()
    if row is None:
        return ()
    address = stored_address(row.email)
    letters = tuple(row.letters.split())
    for letter in letters:
        asked, confirmed = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (row.asked_at, row.confirmed_at))
        proof = f"form {row.form}; asked {asked}; confirmed {confirmed}; page {row.page or '-'}; words: {row.wording}"
        try:
            subscribe(connection, address, letter, source="join", proof=proof, again=True)
        except Refused:  # receives it already: by another link, or by an import since
            continue
    connection.execute(update(signups).where(signups.c.id == row.id).values(email=None))
    return letters


def erase_signups(connection: Connection, address_key: str) -> int:
    """Delete every sign-up of this address; return how many."""
    return connection.execute(delete(signups).where(signups.c.address_key == address_key)).rowcount


def purge_signups(connection: Connection, most: int) -> int:
    """Delete up to ``most`` sign-ups with a link that is over, confirmed or not; return how many."""
    over = select(signups.c.id).where(_is_over()).order_by(signups.c.id).limit(most)
    return connection.execute(delete(signups).where(signups.c.id.in_(over))).rowcount


def purgeable_signups(connection: Connection) -> int:
    """How many ``purge_signups`` would delete."""
    return int(connection.execute(select(func.count()).select_from(signups).where(_is_over())).scalar_one())


def count_signups(connection: Connection, publications: Iterable[str]) -> dict[str, dict[str, int]]:
    """By publication, how many sign-ups are waiting and how many are pending."""
    counted = select(func.count()).select_from(signups)
    return {
        each: {
            state: int(connection.execute(counted.where(_has(each), signups.c.state == state)).scalar_one())
            for state in ("waiting", "pending")
        }
        for each in publications
    }


def count_waiting(connection: Connection, publication: str) -> int:
    """How many sign-ups for this publication wait for their message."""
    return count_signups(connection, [publication])[publication]["waiting"]


def _may_be_full(connection: Connection) -> bool:
    """Whether as many as ``MOST_WAITING`` may wait: by the oldest and the newest, so that few are not counted."""
    waiting = select(signups.c.id).where(signups.c.state == "waiting").limit(1)
    oldest, newest = (waiting.order_by(each).scalar_subquery() for each in (signups.c.id, signups.c.id.desc()))
    span = connection.execute(select(newest - oldest)).scalar_one()
    return span is not None and int(span) + 1 >= MOST_WAITING


def hourly_cap(connection: Connection, publication: str) -> int:
    """Most messages an hour about this publication: ten times its usual number, by what was confirmed in four weeks."""
    confirmed = (
        select(func.count())
        .select_from(signups)
        .where(_has(publication), signups.c.state == "confirmed", signups.c.confirmed_at > db_now(-_USUAL_OVER))
    )
    usual = int(connection.execute(confirmed).scalar_one()) * 3600 / _USUAL_OVER
    return max(FEWEST_HOURLY, int(TIMES_USUAL * usual))


def mailed_within_hour(connection: Connection, publication: str) -> int:
    """How many messages about this publication were written in the last hour."""
    rows = select(func.count()).select_from(signups)
    return int(connection.execute(rows.where(signups.c.mailed_at > db_now(-3600), _has(publication))).scalar_one())


def token_hash(token: str) -> str:
    """What the database holds of a token."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _received(connection: Connection, address_key: str) -> set[str]:
    """Publications that this address receives now."""
    rows = (
        select(subscriptions.c.publication)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(subscribers.c.address_key == address_key, subscriptions.c.status == "active")
    )
    return set(connection.execute(rows).scalars())


def _shown(asked: JoinRequest) -> dict[str, str]:
    return {"form": asked.form, "wording": asked.wording, "page": asked.page}


def _spelt(letters: Iterable[str]) -> str:
    return f" {' '.join(sorted(letters))} "


def _has(publication: str) -> ColumnElement[bool]:
    return signups.c.letters.contains(f" {publication} ", autoescape=True)


def _is_over() -> ColumnElement[bool]:
    return signups.c.expires_at < db_now()
