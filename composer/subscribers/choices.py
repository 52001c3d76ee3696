"""A reader's choices: which letters, a pause, a language; read by the token of a link, changed by the daemon."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, String, bindparam, func, or_, select, text, update

from composer.database import UTCDateTime, db_now, unrestricted
from composer.subscribers.address import stored_address
from composer.subscribers.signups import token_hash
from composer.subscribers.subscription import subscribe, unsubscribe
from composer.subscribers.tables import links, subscribers, subscriptions

#: How long a pause is.
_PAUSE = timedelta(days=30)

#: How a subscription is ended there, and the source of a consent that is given there.
BY_CHOICE = "choices"


@dataclass(frozen=True)
class ChosenLetter:
    """A letter that the reader receives. ``language``: None for the letter's own."""

    publication: str
    tier: str
    language: str | None
    paused_until: datetime | None


@dataclass(frozen=True)
class ReaderChoices:
    """``language``: of the page; ``letters``: those that are received, also while they pause."""

    language: str
    letters: tuple[ChosenLetter, ...]


_ROWS = {"spoken": String(), "publication": String(), "status": String(), "tier": String(), "language": String()}


def choices_of(connection: Connection, token: str) -> ReaderChoices | None:
    """The choices of this link's reader; None where the link is unknown, used or too old.

    The pages read nothing else of a reader. On PostgreSQL it is a function of the database (migration 0010), which
    their role may call without a right to any of its tables.
    """
    if connection.dialect.name == "postgresql":
        called = text(f"SELECT {', '.join(_ROWS)}, paused_until FROM choices_of(:token)")  # noqa: S608 # reason: fixed names
        typed = called.bindparams(bindparam("token", token, String())).columns(**_ROWS, paused_until=UTCDateTime())
        rows = connection.execute(typed).all()
    else:
        columns = [subscriptions.c[name] for name in ("publication", "status", "tier", "language", "paused_until")]
        theirs = subscriptions.c.subscriber_id == links.c.subscriber_id
        good = links.c.token_hash == token_hash(token), links.c.purpose == "choices", links.c.state == "mailed"
        query = select(links.c.language.label("spoken"), *columns).select_from(links.outerjoin(subscriptions, theirs))
        with unrestricted(connection):
            rows = connection.execute(query.where(*good, links.c.expires_at > db_now())).all()
    if not rows:
        return None
    received = sorted((row for row in rows if row.status == "active"), key=lambda row: row.publication)
    letters = [ChosenLetter(row.publication, row.tier, row.language, row.paused_until) for row in received]
    return ReaderChoices(rows[0].spoken, tuple(letters))


def choose_letters(
    connection: Connection, subscriber_id: int, wanted: Collection[str], known: Collection[str], offered: Iterable[str]
) -> None:
    """Of the publications that are ``known``, end those that are not ``wanted``; begin those ``offered`` that are, with
    the proof of consent. The others stay as they are."""
    received = _received(connection, subscriber_id)
    for publication, number in received.items():
        if publication in known and publication not in wanted:
            unsubscribe(connection, number, BY_CHOICE)
    email = email_of(connection, subscriber_id)
    now: datetime = connection.execute(select(db_now())).scalar_one()
    for publication in offered:
        if publication in wanted and publication not in received and email is not None:
            proof = f"ticked at the page of the reader's choices, behind a mailed link; {now:%Y-%m-%dT%H:%M:%SZ}"
            subscribe(connection, stored_address(email), publication, source=BY_CHOICE, proof=proof, again=True)


def email_of(connection: Connection, subscriber_id: int) -> str | None:
    """The address of a reader; None where it was forgotten."""
    return connection.execute(select(subscribers.c.email).where(subscribers.c.id == subscriber_id)).scalar_one_or_none()


def leave_all(connection: Connection, subscriber_id: int) -> None:
    """End every subscription of this reader."""
    for number in _received(connection, subscriber_id).values():
        unsubscribe(connection, number, BY_CHOICE)


def _received(connection: Connection, subscriber_id: int) -> dict[str, int]:
    """Publication → id of each active subscription."""
    active = select(subscriptions.c.publication, subscriptions.c.id).where(*_active(subscriber_id))
    return dict(map(tuple, connection.execute(active)))


def pause_letters(connection: Connection, subscriber_id: int, until: datetime | None) -> None:
    """Send nothing before ``until``, or before the date of a pause that is there already; None ends a pause."""
    theirs = update(subscriptions).where(*_active(subscriber_id))
    if until is None:
        connection.execute(theirs.values(paused_until=None))
        return
    paused = select(func.max(subscriptions.c.paused_until)).where(*_active(subscriber_id))
    now, standing = connection.execute(select(db_now(), paused.scalar_subquery())).one()
    chosen = standing if standing is not None and standing > now else until
    others = or_(subscriptions.c.paused_until.is_(None), subscriptions.c.paused_until != chosen)
    connection.execute(theirs.where(others).values(paused_until=chosen))


def pause_ends(at: datetime, timezone: str) -> datetime:
    """When a pause that begins ``at`` ends: at the beginning of a day, a month later."""
    day = at.astimezone(ZoneInfo(timezone)) + _PAUSE
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def speak(connection: Connection, subscriber_id: int, language: str | None) -> None:
    """Send every letter in this language where it has it; None for each letter's own."""
    connection.execute(update(subscriptions).where(*_active(subscriber_id)).values(language=language))


def _active(subscriber_id: int) -> tuple[ColumnElement[bool], ...]:
    return subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.status == "active"
